import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// What a mid-level test asks for, in few words.
extension Bench {
    /// A balanced train of one channel: mA, µs of a phase, ms of the period.
    struct Train {
        var milliamperes = 2.0
        var microseconds: Int32 = 250
        var periodMicroseconds: Int32 = 20_000
        var ramp: UInt8 = 0
    }

    static func update(_ trains: [UInt8: Train]) -> Request {
        var update = MidLevelUpdate()
        for (number, wanted) in trains {
            guard let channel = Channel(number: number),
                let period = MidLevelPeriod(microseconds: wanted.periodMicroseconds),
                var train = MidLevelTrain(ramp: wanted.ramp, period: period)
            else { continue }
            for milliamperes in [wanted.milliamperes, -wanted.milliamperes] {
                let current = Current(microamperes: Int32(milliamperes * 1_000))
                if let point = PulsePoint(durationMicroseconds: wanted.microseconds, current: current) {
                    _ = train.append(point)
                }
            }
            update[channel] = train
        }
        return .midLevelUpdate(update)
    }

    mutating func initialiseMid(stopAllOnError: Bool = false) {
        _ = ask(.midLevelInit(stopAllOnError: stopAllOnError), milliseconds: 90)
    }

    /// Activity byte and error nibbles, as the device tells them.
    struct Told: Equatable {
        var active: UInt8
        var errors: UInt32
    }

    mutating func currentData() -> Told? {
        guard
            case .midLevelCurrentData(.ok, .channels(let active, let errors))? =
                ask(.midLevelGetCurrentData(selection: 4), milliseconds: 5)
        else { return nil }
        return Told(active: active, errors: errors)
    }

    /// When the pulses of a channel began, from the meter's record.
    func starts(channel: UInt8) -> [Int64] {
        (0..<rig.meter.pulseCount).compactMap { rig.meter.pulse(number: $0) }.filter { $0.channel == channel }
            .map(\.startNanoseconds)
    }

    /// The first phases of a channel's pulses, in microamperes.
    func amplitudes(channel: UInt8) -> [Int32] {
        (0..<rig.meter.pulseCount).compactMap { rig.meter.pulse(number: $0) }.filter { $0.channel == channel }
            .map(\.firstPhaseMicroamperes)
    }
}

/// The mid level's rows of the state machine: init, update, current data, stop, and what they take.
@Suite struct MidLevelTests {
    @Test func initTakesTwoSwitchesOfTheHighVoltageAndStopOne() {
        var bench = Bench()
        bench.send(.midLevelInit(stopAllOnError: true))
        bench.run(milliseconds: 80)
        #expect(bench.answers.isEmpty)
        #expect(!bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 6)
        #expect(bench.answers.last?.acknowledgement == .midLevelInit(.ok))
        #expect(bench.status == .stimStatus(.ok, .midLevel, .volts150))
        bench.send(.midLevelStop)
        bench.run(milliseconds: 39)
        #expect(bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 6)
        #expect(bench.answers.last?.acknowledgement == .midLevelStop(.ok))
        #expect(bench.status == .stimStatus(.ok, .none, .off))
    }

    @Test func anUpdateRunsAndIsReportedAsRunning() {
        var bench = Bench()
        bench.initialiseMid()
        #expect(bench.rig.meter.pulseCount == 0)
        let train = Bench.Train(milliamperes: 1)
        #expect(bench.ask(Bench.update([1: train]), milliseconds: 5) == .midLevelUpdate(.ok))
        #expect(bench.status == .stimStatus(.ok, .midLevelRunning, .volts150))
        bench.run(milliseconds: 990)
        #expect(bench.rig.meter.pulseCount == 50)
        let starts = bench.starts(channel: 1)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 20_000_000 })
        #expect(bench.rig.meter.isClean, "\(bench.rig.meter)")
        #expect(bench.currentData()?.active == 1)
        _ = bench.ask(.midLevelStop)
        let atStop = bench.rig.meter.pulseCount
        bench.run(milliseconds: 500)
        #expect(bench.rig.meter.pulseCount == atStop)
    }

    @Test func theSheetsOwnFramesRun() {
        // R14, R16, R19 and R20 of the golden requests.
        var bench = Bench()
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 19 81 2D 38 1E 00 0F"), milliseconds: 90)
                == .midLevelInit(.ok))
        let update = "F0 81 55 81 4B 81 94 81 75 40 20 01 23 00 50 81 5A A5 00 00 06 44 B0 00 81 5A A4 60 00 0F"
        #expect(bench.ask(bytes: Bench.bytes(update), milliseconds: 5) == .midLevelUpdate(.ok))
        bench.run(milliseconds: 90)
        // Ramp 3: 2.5, 5 and 7.5 mA, then 10 mA.
        #expect(bench.amplitudes(channel: 1) == [2_500, 5_000, 7_500, 10_000, 10_000])
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 58 81 B7 81 3F 4C 24 04 0F"), milliseconds: 5)
                == .midLevelCurrentData(.ok, .channels(active: 1, errors: 0)))
        #expect(
            bench.ask(bytes: Bench.bytes("F0 81 55 81 59 81 5F 81 CA 50 22 0F"), milliseconds: 60) == .midLevelStop(.ok)
        )
    }

    @Test func bothUnitsOfThePeriodAreObeyed() {
        // 20 ms in steps of 0.5 ms, and 20.25 ms, which only steps of 0.25 ms can say.
        for (microseconds, nanoseconds) in [(20_000, 20_000_000), (20_250, 20_250_000), (500, 500_000)]
            as [(Int32, Int64)]
        {
            var bench = Bench()
            bench.initialiseMid()
            let train = Bench.Train(milliamperes: 0.5, microseconds: 50, periodMicroseconds: microseconds)
            #expect(bench.ask(Bench.update([3: train]), milliseconds: 5) == .midLevelUpdate(.ok))
            bench.run(milliseconds: 200)
            let starts = bench.starts(channel: 3)
            #expect(starts.count > 9)
            #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == nanoseconds }, "\(microseconds)")
        }
    }

    @Test func anUpdateReplacesThePatternAndSwitchesTheOthersOff() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train(), 2: Bench.Train(milliamperes: 1)]), milliseconds: 100)
        #expect(bench.currentData()?.active == 0b11)
        _ = bench.ask(Bench.update([2: Bench.Train(milliamperes: 1.5)]), milliseconds: 5)
        #expect(bench.currentData()?.active == 0b10)
        let before = bench.starts(channel: 1).count
        bench.run(milliseconds: 200)
        #expect(bench.starts(channel: 1).count == before)
        #expect(bench.amplitudes(channel: 2).last == 1_500)

        var configuration = VirtualRigConfiguration()
        configuration.device.updateSwitchesOthersOff = false
        var other = Bench(configuration)
        other.initialiseMid()
        _ = other.ask(Bench.update([1: Bench.Train()]), milliseconds: 100)
        _ = other.ask(Bench.update([2: Bench.Train()]), milliseconds: 5)
        #expect(other.currentData()?.active == 0b11)
    }

    @Test func aRunningChannelKeepsItsBeatThroughAnUpdate() {
        var bench = Bench()
        bench.initialiseMid()
        for index in 0..<20 {
            let train = Bench.Train(milliamperes: index % 2 == 0 ? 1 : 1.5)
            _ = bench.ask(Bench.update([1: train]), milliseconds: 13)
        }
        let starts = bench.starts(channel: 1)
        #expect(starts.count > 10)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 20_000_000 })

        var configuration = VirtualRigConfiguration()
        configuration.device.updateKeepsBeat = false
        var other = Bench(configuration)
        other.initialiseMid()
        for _ in 0..<20 { _ = other.ask(Bench.update([1: Bench.Train()]), milliseconds: 13) }
        let anew = other.starts(channel: 1)
        #expect(zip(anew, anew.dropFirst()).contains { $1 - $0 < 14_000_000 })
        #expect(anew.count > starts.count)
    }

    @Test func anUpdateWithoutChannelsStopsThePulses() {
        for isRunning in [false, true] {
            var configuration = VirtualRigConfiguration()
            configuration.device.emptyUpdateIsRunning = isRunning
            var bench = Bench(configuration)
            bench.initialiseMid()
            _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 50)
            #expect(bench.ask(Bench.update([:]), milliseconds: 5) == .midLevelUpdate(.ok))
            let pulses = bench.rig.meter.pulseCount
            bench.run(milliseconds: 200)
            #expect(bench.rig.meter.pulseCount == pulses)
            #expect(bench.status == .stimStatus(.ok, isRunning ? .midLevelRunning : .midLevel, .volts150))
        }
    }

    @Test func initAgainBeginsAnewOrIsRefused() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 50)
        #expect(bench.ask(.midLevelInit(stopAllOnError: false), milliseconds: 90) == .midLevelInit(.ok))
        #expect(bench.status == .stimStatus(.ok, .midLevel, .volts150))
        let pulses = bench.rig.meter.pulseCount
        bench.run(milliseconds: 100)
        #expect(bench.rig.meter.pulseCount == pulses)

        var configuration = VirtualRigConfiguration()
        configuration.device.midLevelInitAgainResult = 7
        var other = Bench(configuration)
        other.initialiseMid()
        _ = other.ask(Bench.update([1: Bench.Train()]), milliseconds: 50)
        #expect(other.ask(.midLevelInit(stopAllOnError: false)) == .midLevelInit(.notInitialized))
        #expect(other.status == .stimStatus(.ok, .midLevelRunning, .volts150))
    }

    @Test func theLevelsRefuseEachOther() {
        var bench = Bench()
        #expect(bench.ask(Bench.update([1: Bench.Train()])) == .midLevelUpdate(.notInitialized))
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 10)
        let refused = bench.ask(.lowLevelInit(measurement: .none, highVoltage: .standard), milliseconds: 5)
        #expect(refused == .lowLevelInit(.notInitialized))
        #expect(bench.ask(Bench.pulse(5, 250), milliseconds: 5)?.result == .notInitialized)
        #expect(bench.ask(.lowLevelStop, milliseconds: 5) == .lowLevelStop(.notInitialized))
        #expect(bench.status == .stimStatus(.ok, .midLevelRunning, .volts150))
        // And the other way round.
        _ = bench.ask(.midLevelStop)
        bench.initialise()
        #expect(bench.ask(.midLevelInit(stopAllOnError: false)) == .midLevelInit(.notInitialized))
        #expect(bench.ask(Bench.update([1: Bench.Train()])) == .midLevelUpdate(.notInitialized))
        #expect(bench.ask(.midLevelGetCurrentData(selection: 4))?.result == .notInitialized)
        #expect(bench.ask(.midLevelStop) == .midLevelStop(.notInitialized))
    }

    @Test func aRunningPulseEndsBeforeTheStopUnlessItIsCut() throws {
        for fate in [StopFate.finishesPulse, .cutsPulse] {
            var configuration = VirtualRigConfiguration()
            configuration.device.stopFate = fate
            var bench = Bench(configuration)
            bench.initialiseMid()
            // 8 ms of pulse each 20 ms, stopped in the middle of one.
            let train = Bench.Train(milliamperes: 1, microseconds: 4_000, periodMicroseconds: 20_000)
            _ = bench.ask(Bench.update([1: train]), milliseconds: 4)
            #expect(bench.rig.device.isStimulating)
            #expect(bench.ask(.midLevelStop) == .midLevelStop(.ok))
            #expect(try #require(bench.rig.meter.lastPulse).isComplete == (fate == .finishesPulse))
            #expect(!bench.rig.meter.isHighVoltageOn)
        }
    }

    @Test func powerAndResetEndThePatterns() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 100)
        bench.rig.unplug(at: Instant(nanoseconds: bench.now))
        let pulses = bench.rig.meter.pulseCount
        bench.rig.plug(at: Instant(nanoseconds: bench.now))
        bench.run(milliseconds: 1_000)
        #expect(bench.rig.meter.pulseCount == pulses)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 100)
        #expect(bench.ask(.reset, milliseconds: 10) == .reset(.ok))
        let atReset = bench.rig.meter.pulseCount
        bench.run(milliseconds: 2_500)
        #expect(bench.rig.meter.pulseCount == atReset)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
    }

    @Test func selectionsTwoAndThreeAreTheLibrarysOwn() {
        var bench = Bench()
        bench.initialiseMid()
        #expect(bench.ask(.midLevelGetCurrentData(selection: 2), milliseconds: 5)?.result == .parameterError)
        // N17.
        let nine = bench.ask(bytes: Bench.frame(36, [9]), milliseconds: 5)
        #expect(nine?.result == .parameterError)
        var configuration = VirtualRigConfiguration(pads: [PadPair(channel: 1, site: .vmo)])
        configuration.device.knowsLibrarySelections = true
        var other = Bench(configuration)
        other.initialiseMid()
        // Channel 8 has no pads, and 20 mA are enough for the device to notice.
        _ = other.ask(Bench.update([1: Bench.Train(), 8: Bench.Train(milliamperes: 20)]), milliseconds: 50)
        #expect(
            other.ask(.midLevelGetCurrentData(selection: 3), milliseconds: 5)
                == .midLevelCurrentData(.ok, .bothConnectors(0x10, 0x18)))
        #expect(
            other.ask(.midLevelGetCurrentData(selection: 2), milliseconds: 5)
                == .midLevelCurrentData(.ok, .firstConnector(0x10)))
    }
}
