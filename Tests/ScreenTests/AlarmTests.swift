import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel
import Testing

@Suite struct AlarmTests {
    /// Counts what is heard in `milliseconds`, looked at every 20 ms as the console does.
    private func heard(_ model: inout ScreenModel, from begin: Int64, _ milliseconds: Int64) -> (
        pulses: Int, bursts: Int
    ) {
        var pulses = 0
        var bursts = 0
        for step in 0..<(milliseconds / 20) {
            model.clock(begin + step * 20)
            let sound = model.sound()
            pulses += sound.pulse ? 1 : 0
            bursts += sound.burst == nil ? 0 : 1
        }
        return (pulses, bursts)
    }

    private func fault(_ cause: FaultCause, _ model: inout ScreenModel) {
        model.take(SessionEvent(.fault, value: Int32(cause.code)), tick: 0)
    }

    // Proves R-ALM-01.
    @Test func aHighAlarmSoundsTenPulsesEveryTenSeconds() throws {
        var model = try Make.single()
        model.show(.holding, .holding)
        fault(.unplugged, &model)
        #expect(model.alarms.active.map(\.priority) == [.high])
        let first = heard(&model, from: 0, 10_000)
        #expect(first.pulses == 10 && first.bursts == 1, "\(first)")
        let second = heard(&model, from: 10_000, 20_000)
        #expect(second.pulses == 20 && second.bursts == 2, "\(second)")
    }

    // Proves R-ALM-01.
    @Test func aMediumAlarmSoundsThreePulsesEvery25Seconds() throws {
        var model = try Make.single()
        model.take(SessionEvent(.presenceMissed), tick: 0)
        let sound = heard(&model, from: 0, 50_000)
        #expect(sound.pulses == 6 && sound.bursts == 2, "\(sound)")
    }

    // Proves R-ALM-01.
    /// Whoever drops them, this computer or the stimulator: one is nothing, ten in ten seconds are said.
    @Test func aTrainThatStarvesIsAnAlarm() throws {
        var model = try Make.single()
        model.show(.holding, .holding)
        // One a second and more: never ten in ten seconds.
        for number in Int64(0)..<100 {
            model.clock(number * 1_200)
            model.take(SessionEvent(.notDelivered, value: 5_000), tick: number * 1_200)
        }
        #expect(model.alarms.active == [])
        for number in Int64(0)..<9 {
            model.clock(200_000 + number * 33)
            model.take(SessionEvent(.notDelivered, value: 5_000), tick: 200_000 + number * 33)
        }
        #expect(model.alarms.active == [])
        model.clock(200_300)
        model.take(SessionEvent(.notDelivered, value: 5_000), tick: 200_300)
        #expect(model.alarms.active.map(\.kind) == [.pulsesLost])
        #expect(model.alarms.active.first?.title == "10 pulses of the last 10 s were not given")
        // It goes when the train is well again, and not before.
        model.clock(210_100)
        #expect(model.alarms.active.map(\.kind) == [.pulsesLost])
        #expect(model.alarms.active.first?.title == "6 pulses of the last 10 s were not given")
        model.clock(210_301)
        #expect(model.alarms.active == [])
    }

    // Proves R-PRES-01.
    /// A key that answers waits for a moment before it counts: what was missed meanwhile it did not answer.
    @Test func whatWasMissedWhileAnAnswerWaitedStaysOnTheScreen() throws {
        var model = try Make.single()
        model.clock(1_000)
        model.take(SessionEvent(.presenceMissed), tick: 1_000)
        model.clock(1_100)
        model.answered(pressedAt: 980)
        #expect(model.alarms.active.map(\.kind) == [.presenceMissed])
        model.answered(pressedAt: 1_000)
        #expect(model.alarms.active == [])
    }

    // Proves R-ALM-01.
    /// Pulses due in ticks that were missed, or behind those of the other channel, are no more given than those.
    @Test(arguments: [
        [SessionEvent(.pulsesDropped, value: 10)], [SessionEvent(.pulsesDropped, value: Int32.max)],
        Array(repeating: SessionEvent(.pulseSkipped), count: 10),
        Array(repeating: SessionEvent(.pulseSkipped), count: 7) + [SessionEvent(.pulsesDropped, value: 3)],
    ])
    func everyPulseThatIsNotGivenCounts(_ events: [SessionEvent]) throws {
        var model = try Make.single()
        model.show(.holding, .holding)
        for event in events {
            #expect(model.alarms.active == [])
            model.take(event, tick: 0)
        }
        #expect(model.alarms.active.map(\.kind) == [.pulsesLost])
        var fewer = try Make.single()
        for event in events.dropLast() { fewer.take(event, tick: 0) }
        fewer.take(SessionEvent(.pulsesDropped, value: -1), tick: 0)
        #expect(fewer.alarms.active == [])
    }

    // Proves R-ALM-02.
    /// H48: 120 s at most, the sound only, and a new alarm ends it.
    @Test func aMuteIsShortAndHidesNothing() throws {
        var model = try Make.single()
        model.clock(0)
        model.mute()
        #expect(!model.alarms.isMuted(at: 0), "there was nothing to mute")
        model.take(SessionEvent(.presenceMissed), tick: 0)
        model.mute()
        #expect(model.alarms.active.count == 1)
        #expect(heard(&model, from: 0, 120_000).pulses == 0)
        #expect(model.alarms.active.count == 1, "a mute hid an alarm")
        #expect(heard(&model, from: 120_000, 25_000).pulses == 3, "the sound did not come back")
        model.mute()
        model.show(.paused)
        fault(.journalFailed, &model)
        #expect(!model.alarms.isMuted(at: 145_000), "a new alarm was muted")
    }

    // Proves R-ALM-01.
    @Test func flashesLieWithinTheirBands() {
        #expect((1_000.0 / Double(AlarmPriority.high.flashMilliseconds)) >= 1.4)
        #expect((1_000.0 / Double(AlarmPriority.high.flashMilliseconds)) <= 2.8)
        #expect((1_000.0 / Double(AlarmPriority.medium.flashMilliseconds)) >= 0.4)
        #expect((1_000.0 / Double(AlarmPriority.medium.flashMilliseconds)) <= 0.8)
        #expect(AlarmPriority.low.flashMilliseconds == 0)
    }

    // Proves R-ALM-01.
    @Test func theAlarmRowFlashesAndStaysLegible() throws {
        var model = try Make.single()
        model.show(.holding, .holding)
        fault(.unplugged, &model)
        model.show(.faulted) { $0.fault = .unplugged }
        var looks: Set<Bool> = []
        for step in 0..<10 {
            model.clock(Int64(step) * 100)
            let canvas = ScreenLayout.canvas(model, ScreenCapabilities(columns: 80, rows: 24))
            #expect(canvas.text.contains("*** HIGH: Stimulator gone"))
            looks.insert(canvas[2, 1].style.isInverse)
        }
        #expect(looks == [true, false])
    }

    // Proves R-ALM-01.
    @Test func onlyWhatIsUrgentIsHigh() throws {
        for (cause, state, priority) in [
            (FaultCause.unplugged, SessionState.holding, AlarmPriority.high), (.unplugged, .armed, .medium),
            (.electrodeError, .holding, .medium), (.stopUnconfirmed, .stopping, .high), (.late, .holding, .medium),
            (.journalFailed, .holding, .medium),
        ] {
            var model = try Make.single()
            model.show(state, state == .holding ? .holding : .off)
            fault(cause, &model)
            #expect(model.alarms.active.first?.priority == priority, "\(cause) in \(state)")
        }
    }

    // Proves R-PRES-01.
    @Test func anyKeyOfTheLoopAnswersThePresenceQuestion() throws {
        var model = try Make.single()
        model.take(SessionEvent(.presenceAsked, value: 30), tick: 0)
        #expect(model.alarms.active.map(\.kind) == [.presenceAsked])
        model.answered()
        #expect(model.alarms.active.isEmpty)
    }

    // Proves R-ALM-01.
    @Test func aSilentLoopIsAHighAlarmUntilItAnswers() throws {
        var model = try Make.single()
        model.loop(isSilent: true)
        #expect(model.alarms.active.first?.priority == .high)
        model.loop(isSilent: false)
        #expect(model.alarms.active.isEmpty)
    }

    @Test func soundFilesAreWholeAndNotSilent() {
        for priority in [AlarmPriority.low, .medium, .high] {
            let file = AlarmTone.wave(priority)
            #expect(Array(file[0..<4]) == Array("RIFF".utf8))
            let size = Int(file[4]) | Int(file[5]) << 8 | Int(file[6]) << 16
            #expect(size + 8 == file.count)
            #expect(file[44...].contains { $0 != 0 })
        }
    }
}
