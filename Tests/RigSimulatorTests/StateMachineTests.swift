import RigSimulator
import ScienceMode4
import StimulusModel
import Testing

/// The rows of the sheet's state machine, as a host sees them.
@Suite struct StateMachineTests {
    private func mid() -> VirtualRigConfiguration {
        var configuration = VirtualRigConfiguration()
        configuration.device.leftRunning = .midLevel
        return configuration
    }

    @Test func generalCommandsAnswerInEveryState() throws {
        for configuration in [VirtualRigConfiguration(), mid()] {
            var bench = Bench(configuration)
            let id = bench.ask(.getDeviceID, milliseconds: 5)
            #expect(id == .deviceID(.ok, DeviceID(text: "SIMULATED1")))
            let version = bench.ask(.getExtendedVersion, milliseconds: 5)
            #expect(version == .extendedVersion(.ok, configuration.device.version))
            #expect(bench.answers.map(\.packetNumber) == [0, 1])
        }
        #expect(DeviceID(text: "AB").text == "AB        ")
    }

    @Test func withoutALevelNothingRunsAndTheResultIsSeven() {
        var bench = Bench()
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        #expect(bench.ask(Bench.pulse(10, 250))?.result == .notInitialized)
        #expect(bench.ask(.midLevelGetCurrentData(selection: 4))?.result == .notInitialized)
        #expect(bench.ask(.lowLevelStop) == .lowLevelStop(.notInitialized))
        #expect(bench.ask(.midLevelStop) == .midLevelStop(.notInitialized))
        #expect(bench.rig.meter.pulseCount == 0)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
    }

    @Test func stopWithoutALevelCanAnswerZero() {
        var configuration = VirtualRigConfiguration()
        configuration.device.stopWithoutLevelResult = 0
        var bench = Bench(configuration)
        #expect(bench.ask(.lowLevelStop) == .lowLevelStop(.ok))
    }

    @Test func initialisingTakesTheTimeOfTheHighVoltage() throws {
        var bench = Bench()
        bench.send(.lowLevelInit(measurement: .none, highVoltage: .standard))
        bench.run(milliseconds: 39)
        #expect(bench.answers.isEmpty)
        #expect(!bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 6)
        #expect(bench.answers.last?.acknowledgement == .lowLevelInit(.ok))
        #expect(bench.rig.meter.isHighVoltageOn)
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
        // Again, as PSM does before every burst: still the same level.
        #expect(bench.ask(.lowLevelInit(measurement: .none, highVoltage: .standard)) == .lowLevelInit(.ok))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts150))
    }

    @Test func theHighVoltageThatWasChosenIsReportedAndUsed() {
        var bench = Bench()
        _ = bench.ask(.lowLevelInit(measurement: .none, highVoltage: .off))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .off))
        #expect(bench.ask(Bench.pulse(10, 250))?.result.rawValue == 8)
        #expect(bench.rig.meter.pulseCount == 0)
        _ = bench.ask(.lowLevelInit(measurement: .none, highVoltage: .volts30))
        #expect(bench.status == .stimStatus(.ok, .lowLevel, .volts30))
        // 30 V drive 20 mA through 700 Ω, 60 mA not.
        #expect(bench.ask(Bench.pulse(20, 100))?.result == .ok)
        #expect(bench.ask(Bench.pulse(60, 100))?.result == .lowCurrent)
    }

    @Test func aPulseIsAcknowledgedAfterItHasEnded() throws {
        var bench = Bench()
        bench.initialise()
        let sent = bench.now
        // 16 points of 4 ms: 64 ms of pulse.
        let points = (0..<16).map { (Int32(4_000), $0 % 2 == 0 ? 2.0 : -2.0) }
        bench.send(Bench.points(points))
        bench.run(milliseconds: 64)
        #expect(bench.answers.count == 1)
        bench.run(milliseconds: 6)
        let answer = try #require(bench.answers.last)
        #expect(answer.acknowledgement == .lowLevelChannelConfig(.ok, .first, nil))
        #expect(answer.nanoseconds - sent >= 64_000_000)
        #expect(bench.rig.meter.lastPulse?.durationMicroseconds == 64_000)
    }

    @Test func everyChannelIsAcknowledgedByItsOwnName() {
        var configuration = VirtualRigConfiguration()
        configuration.pads = (1...8).map { PadPair(channel: $0, site: .vmo) }
        var bench = Bench(configuration)
        bench.initialise()
        for number: UInt8 in 1...8 {
            let answer = bench.ask(Bench.pulse(2, 250, channel: number))
            #expect(answer == .lowLevelChannelConfig(.ok, Channel(number: number) ?? .first, nil))
            #expect(bench.rig.meter.lastPulse?.channel == number)
        }
    }

    @Test func stopSwitchesTheHighVoltageOff() {
        var bench = Bench()
        bench.initialise()
        bench.send(.lowLevelStop)
        bench.run(milliseconds: 39)
        #expect(bench.rig.meter.isHighVoltageOn)
        bench.run(milliseconds: 6)
        #expect(bench.answers.last?.acknowledgement == .lowLevelStop(.ok))
        #expect(!bench.rig.meter.isHighVoltageOn)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
    }

    @Test func theOtherLevelIsRefusedWithSeven() {
        var low = Bench()
        low.initialise()
        #expect(low.ask(.midLevelInit(stopAllOnError: true)) == .midLevelInit(.notInitialized))
        #expect(low.ask(.midLevelUpdate(MidLevelUpdate())) == .midLevelUpdate(.notInitialized))
        #expect(low.ask(.midLevelStop) == .midLevelStop(.notInitialized))
        #expect(low.status == .stimStatus(.ok, .lowLevel, .volts150))

        var other = Bench(mid())
        #expect(other.status == .stimStatus(.ok, .midLevel, .volts150))
        let initialised = other.ask(.lowLevelInit(measurement: .none, highVoltage: .standard))
        #expect(initialised == .lowLevelInit(.notInitialized))
        #expect(other.ask(Bench.pulse(10, 250))?.result == .notInitialized)
        #expect(other.ask(.lowLevelStop) == .lowLevelStop(.notInitialized))
        let data = other.ask(.midLevelGetCurrentData(selection: 4))
        #expect(data == .midLevelCurrentData(.ok, .channels(active: 0, errors: 0)))
        #expect(other.ask(.midLevelGetCurrentData(selection: 3))?.result == .parameterError)
        #expect(other.ask(.midLevelStop) == .midLevelStop(.ok))
        #expect(other.status == .stimStatus(.ok, .none, .off))
    }

    @Test func unknownNumbersAreAnsweredWithSixtySeven() {
        var bench = Bench()
        for command: UInt16 in [6, 29, 50, 54, 56, 60, 64, 100, 120, 160, 200, 999] {
            #expect(bench.ask(bytes: Bench.frame(command)) == .unknownCommand(.invalidCommand), "\(command)")
        }
        #expect(bench.answers.allSatisfy { $0.packetNumber == 1 })
        var configuration = VirtualRigConfiguration()
        configuration.device.unknownCommandEchoesPacketNumber = false
        configuration.device.errorPacketNumber = 17
        var other = Bench(configuration)
        #expect(other.ask(bytes: Bench.frame(200)) == .unknownCommand(.invalidCommand))
        #expect(other.answers.last?.packetNumber == 17)
    }

    @Test func resetForgetsEverythingAndIsDeafForAWhile() {
        var bench = Bench()
        bench.initialise()
        #expect(bench.ask(.reset, milliseconds: 10) == .reset(.ok))
        #expect(!bench.rig.meter.isHighVoltageOn)
        #expect(bench.status == nil)
        #expect(bench.rig.isPresent)
        bench.run(milliseconds: 2_000)
        #expect(bench.status == .stimStatus(.ok, .none, .off))

        var configuration = VirtualRigConfiguration()
        configuration.device.resetReenumerates = true
        configuration.device.resetIsAcknowledged = false
        var other = Bench(configuration)
        other.initialise()
        #expect(other.ask(.reset, milliseconds: 10) == nil)
        #expect(!other.rig.isPresent)
        other.run(milliseconds: 2_400)
        #expect(other.rig.isPresent)
        #expect(other.rig.appearances == 2)
        #expect(other.status == .stimStatus(.ok, .none, .off))
    }

    @Test func anUnpluggedDeviceIsCutAndForgets() throws {
        var bench = Bench()
        bench.initialise()
        bench.send(Bench.points([(4_000, 10), (4_000, -10)]))
        bench.run(milliseconds: 4)
        #expect(bench.rig.device.isStimulating)
        bench.rig.unplug(at: Instant(nanoseconds: bench.now))
        #expect(!bench.rig.isPresent)
        let pulse = try #require(bench.rig.meter.lastPulse)
        #expect(!pulse.isComplete)
        #expect(pulse.durationMicroseconds < 4_000)
        #expect(pulse.netFlowedPicocoulombs == pulse.phaseChargePicocoulombs)
        #expect(bench.rig.meter.count(of: .imbalance) == 0)
        #expect(!bench.rig.meter.isHighVoltageOn)
        #expect(bench.status == nil)
        bench.rig.plug(at: Instant(nanoseconds: bench.now))
        #expect(!bench.rig.isPresent)
        bench.run(milliseconds: 400)
        #expect(bench.rig.isPresent)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
        #expect(bench.rig.appearances == 2)
    }

    @Test func thePatientsButtonBringsTheDeviceBackByItself() {
        var bench = Bench()
        bench.initialise()
        bench.rig.pressPatientButton(at: Instant(nanoseconds: bench.now), heldFor: TimeSpan(milliseconds: 1_000))
        bench.run(milliseconds: 1_200)
        #expect(!bench.rig.isPresent)
        bench.run(milliseconds: 200)
        #expect(bench.rig.isPresent)
        #expect(bench.status == .stimStatus(.ok, .none, .off))
    }

    @Test func measuredSamplesShowThePulseThatRan() throws {
        var bench = Bench()
        _ = bench.ask(.lowLevelInit(measurement: .current, highVoltage: .standard))
        let reply = bench.ask(Bench.pulse(10, 250))
        let answer = try #require(reply)
        guard case .lowLevelChannelConfig(let result, _, let samples?) = answer else {
            Issue.record("no samples in \(answer)")
            return
        }
        #expect(result == .ok)
        let step = Int(samples.samplingTimeMicroseconds)
        #expect(samples[0] == 1_000)
        #expect(samples[300 / step] == 0)
        // Negative values are measured as positive (PY).
        #expect(samples[400 / step] == 1_000)
        #expect(samples[127] == 0)
    }
}
