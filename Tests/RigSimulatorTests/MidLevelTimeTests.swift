import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// Keep-alive, ramps, density and errors of the mid level.
@Suite struct MidLevelTimeTests {
    @Test func twoSecondsOfSilenceStopThePulsesWithoutAWord() throws {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 5)
        let answers = bench.answers.count
        bench.run(milliseconds: 4_000)
        #expect(bench.answers.count == answers)
        #expect(bench.rig.device.counts.keepAlivePauses == 1)
        let starts = bench.starts(channel: 1)
        let first = try #require(starts.first)
        let last = try #require(starts.last)
        #expect(starts.count == 100)
        #expect(last - first < 2_000_000_000 && last - first >= 1_980_000_000)
        // The high voltage stays on, and nothing is latched.
        #expect(bench.status == .stimStatus(.ok, .midLevel, .volts150))
        // Asking does not restart; updating does, at once.
        #expect(bench.currentData()?.active == 0)
        bench.run(milliseconds: 500)
        #expect(bench.rig.meter.pulseCount == 100)
        #expect(bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 4) == .midLevelUpdate(.ok))
        #expect(bench.rig.meter.pulseCount == 101)
        #expect(bench.status == .stimStatus(.ok, .midLevelRunning, .volts150))
    }

    @Test func askingForCurrentDataKeepsAliveAndOtherCommandsDoNot() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 5)
        for _ in 0..<4 {
            bench.run(milliseconds: 1_900)
            #expect(bench.currentData()?.active == 1)
        }
        #expect(bench.rig.device.counts.keepAlivePauses == 0)
        for _ in 0..<5 {
            bench.run(milliseconds: 500)
            _ = bench.status
        }
        #expect(bench.rig.device.counts.keepAlivePauses == 1)
        // Nor does a question that was refused.
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 5)
        for _ in 0..<5 {
            bench.run(milliseconds: 500)
            #expect(bench.ask(.midLevelGetCurrentData(selection: 2), milliseconds: 5)?.result == .parameterError)
        }
        #expect(bench.rig.device.counts.keepAlivePauses == 2)
    }

    @Test func thePauseCanBeReportedAsRunning() {
        var configuration = VirtualRigConfiguration()
        configuration.device.pauseReportsInitialised = false
        configuration.device.keepAliveMilliseconds = 500
        var bench = Bench(configuration)
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 700)
        #expect(bench.rig.device.counts.keepAlivePauses == 1)
        #expect(bench.status == .stimStatus(.ok, .midLevelRunning, .volts150))
        #expect(bench.currentData()?.active == 0)
    }

    @Test func theRampCountsPulsesAndRunsWhenTheChannelIsEnabled() {
        let train = Bench.Train(milliamperes: 4, ramp: 3)
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: train]), milliseconds: 110)
        #expect(bench.amplitudes(channel: 1) == [1_000, 2_000, 3_000, 4_000, 4_000, 4_000])
        // An update of the running channel does not ramp again.
        _ = bench.ask(Bench.update([1: train]), milliseconds: 60)
        #expect(Set(bench.amplitudes(channel: 1).dropFirst(3)) == [4_000])
        // Switched off and on again it does.
        _ = bench.ask(Bench.update([:]), milliseconds: 60)
        let before = bench.amplitudes(channel: 1).count
        _ = bench.ask(Bench.update([1: train]), milliseconds: 50)
        #expect(bench.amplitudes(channel: 1).dropFirst(before).prefix(3) == [1_000, 2_000, 3_000])
    }

    @Test func theRampsOpenQuestionsAreSwitches() {
        let train = Bench.Train(milliamperes: 4, ramp: 4)
        var configuration = VirtualRigConfiguration()
        configuration.device.rampForm = .startsAtZero
        configuration.device.runningUpdateRampsAgain = true
        var bench = Bench(configuration)
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: train]), milliseconds: 110)
        // The first is no pulse at all.
        #expect(bench.amplitudes(channel: 1) == [1_000, 2_000, 3_000, 4_000, 4_000])
        #expect(bench.rig.meter.emptyCount == 1)
        let before = bench.amplitudes(channel: 1).count
        _ = bench.ask(Bench.update([1: train]), milliseconds: 110)
        #expect(bench.amplitudes(channel: 1).dropFirst(before).prefix(3) == [1_000, 2_000, 3_000])

        for ramps in [true, false] {
            configuration = VirtualRigConfiguration()
            configuration.device.restartAfterPauseRamps = ramps
            var paused = Bench(configuration)
            paused.initialiseMid()
            _ = paused.ask(Bench.update([1: train]), milliseconds: 2_500)
            let count = paused.amplitudes(channel: 1).count
            _ = paused.ask(Bench.update([1: train]), milliseconds: 5)
            #expect(paused.amplitudes(channel: 1).dropFirst(count).first == (ramps ? 800 : 4_000))
        }
    }

    /// One point of 0 mA, as the sheet's 939 µs.
    private func density(_ microseconds: UInt32, periodRaw: UInt16, channels: UInt8 = 1) -> [UInt8] {
        var payload = [channels == 8 ? 0xFF : 0x01 as UInt8]
        for _ in 0..<channels {
            payload += [0x00, UInt8(periodRaw >> 8), UInt8(periodRaw & 0xFF)]
            payload += Bench.point(microseconds, rawCurrent: 300)
        }
        return Bench.frame(32, payload)
    }

    @Test func anUpdateThatDoesNotFitIntoTheTimeIsRefused() {
        // Period 1 ms passes with 939 µs and fails with 940; eight channels at 5 ms with 560 and 570 (sheet 5.2).
        for (microseconds, raw, channels, result) in [
            (939, 4, 1, 0), (940, 4, 1, 2), (560, 20, 8, 0), (570, 20, 8, 2), (4_095, 20_000, 8, 0),
        ] as [(UInt32, UInt16, UInt8, UInt8)] {
            var bench = Bench()
            bench.initialiseMid()
            let frame = density(microseconds, periodRaw: raw, channels: channels)
            #expect(bench.ask(bytes: frame, milliseconds: 5)?.result.rawValue == result, "\(microseconds)")
        }
        // N13 and N14 of the sheet.
        var bench = Bench()
        bench.initialiseMid()
        for text in [
            "F0 81 55 81 4D 81 69 81 A2 04 20 01 10 00 00 12 C5 00 00 12 C4 60 00 0F",
            "F0 81 55 81 4D 81 08 81 7E 04 20 01 10 00 04 1D 64 D8 00 1D 64 88 00 0F",
            "F0 81 55 81 44 81 AC 81 DF 04 20 01 81 A5 00 50 0F",
        ] {
            #expect(bench.ask(bytes: Bench.bytes(text), milliseconds: 5)?.result == .parameterError, "\(text)")
        }
        #expect(bench.status == .stimStatus(.ok, .midLevel, .volts150))
        #expect(bench.rig.meter.pulseCount == 0)
    }

    @Test func aRefusedUpdateLeavesTheOldPatternRunning() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train()]), milliseconds: 5)
        #expect(bench.ask(bytes: density(940, periodRaw: 4), milliseconds: 5)?.result == .parameterError)
        let before = bench.rig.meter.pulseCount
        bench.run(milliseconds: 100)
        #expect(bench.rig.meter.pulseCount == before + 5)
    }

    @Test func tooDenseAPatternCanBeAcceptedInSilenceOrTimeOut() {
        let train = Bench.Train(milliamperes: 0.5, microseconds: 470, periodMicroseconds: 1_000)
        var configuration = VirtualRigConfiguration()
        configuration.device.densityAnswer = .acceptedWithoutPulses
        var silent = Bench(configuration)
        silent.initialiseMid()
        #expect(silent.ask(Bench.update([1: train]), milliseconds: 100) == .midLevelUpdate(.ok))
        #expect(silent.rig.meter.pulseCount == 0)

        configuration.device.densityAnswer = .attempted
        var tried = Bench(configuration)
        tried.initialiseMid()
        let other = Bench.Train(milliamperes: 0.5, microseconds: 300, periodMicroseconds: 1_000)
        #expect(tried.ask(Bench.update([1: train, 2: other]), milliseconds: 100) == .midLevelUpdate(.ok))
        let errors = tried.currentData()?.errors
        #expect(errors == 0x02 || errors == 0x20, "\(String(describing: errors))")
        #expect(tried.rig.meter.pulseCount > 0)
    }

    @Test func anErrorStopsItsChannelOrAllOfThem() {
        for stopsAll in [false, true] {
            var bench = Bench()
            bench.initialiseMid(stopAllOnError: stopsAll)
            let strong = Bench.Train(milliamperes: 20)
            _ = bench.ask(Bench.update([1: strong, 2: Bench.Train()]), milliseconds: 100)
            #expect(bench.currentData() == Bench.Told(active: 0b11, errors: 0))
            bench.rig.setContact(.detached, channel: 1, at: Instant(nanoseconds: bench.now))
            bench.run(milliseconds: 30)
            #expect(bench.currentData() == Bench.Told(active: stopsAll ? 0 : 0b10, errors: 0x01))
            let before = bench.starts(channel: 2).count
            bench.run(milliseconds: 100)
            #expect((bench.starts(channel: 2).count > before) == !stopsAll)
            #expect(bench.status == .stimStatus(.ok, stopsAll ? .midLevel : .midLevelRunning, .volts150))
            // The next update clears the error and starts again, though the pad is still off.
            _ = bench.ask(Bench.update([2: Bench.Train(), 1: Bench.Train()]), milliseconds: 50)
            #expect(bench.currentData() == Bench.Told(active: 0b11, errors: 0))
        }
    }

    @Test func aLostPadBelowFifteenMilliamperesIsNotTold() {
        var bench = Bench()
        bench.initialiseMid()
        _ = bench.ask(Bench.update([1: Bench.Train(milliamperes: 14.5)]), milliseconds: 50)
        bench.rig.setContact(.detached, channel: 1, at: Instant(nanoseconds: bench.now))
        bench.run(milliseconds: 100)
        #expect(bench.currentData() == Bench.Told(active: 1, errors: 0))
        #expect(bench.rig.meter.lastPulse?.flowedMicroamperes == 0)
    }

    @Test func lowCurrentIsNibbleThreeAndStopsUnlessItIsOnlyTold() {
        for stops in [true, false] {
            var configuration = VirtualRigConfiguration(person: .drySkin)
            configuration.device.lowCurrentStopsChannel = stops
            var bench = Bench(configuration)
            bench.initialiseMid()
            _ = bench.ask(Bench.update([2: Bench.Train(milliamperes: 60)]), milliseconds: 50)
            #expect(bench.currentData() == Bench.Told(active: stops ? 0 : 0b10, errors: 0x30))
        }
    }

    @Test func whatClearsAnErrorIsASwitch() {
        for clearing in [ErrorClearing.update, .reading, .initialisation] {
            var configuration = VirtualRigConfiguration(pads: [])
            configuration.device.errorClearing = clearing
            configuration.device.lastErrorEndsRunning = false
            var bench = Bench(configuration)
            bench.initialiseMid()
            _ = bench.ask(Bench.update([1: Bench.Train(milliamperes: 20)]), milliseconds: 10)
            #expect(bench.status == .stimStatus(.ok, .midLevelRunning, .volts150))
            #expect(bench.currentData()?.errors == 1)
            #expect(bench.currentData()?.errors == (clearing == .reading ? 0 : 1))
            _ = bench.ask(Bench.update([1: Bench.Train(milliamperes: 1)]), milliseconds: 10)
            #expect(bench.currentData()?.errors == (clearing == .initialisation ? 1 : 0))
            bench.initialiseMid()
            #expect(bench.currentData()?.errors == 0)
        }
    }

    @Test func channelsShareOneGeneratorAndNeverOverlap() {
        var configuration = VirtualRigConfiguration()
        configuration.pads = (1...8).map { PadPair(channel: $0, site: .vmo) }
        var bench = Bench(configuration)
        bench.initialiseMid()
        var trains: [UInt8: Bench.Train] = [:]
        for channel: UInt8 in 1...8 { trains[channel] = Bench.Train(milliamperes: 0.5, periodMicroseconds: 10_000) }
        _ = bench.ask(Bench.update(trains), milliseconds: 1_000)
        let all = (0..<bench.rig.meter.pulseCount).compactMap { bench.rig.meter.pulse(number: $0) }
        #expect(all.count >= 790)
        // 500 µs of pulse and 60 µs between two.
        #expect(zip(all, all.dropFirst()).allSatisfy { $1.startNanoseconds - $0.startNanoseconds >= 560_000 })
        #expect(bench.rig.meter.isClean, "\(bench.rig.meter)")
        #expect(bench.rig.meter.mostPulsesInASecond <= 100)
    }
}
