// A trial in the words of the kernel and of the machine.
public import SafetyKernel
public import SessionEngine
public import StimulusModel

extension BenchTrial {
    /// Its levels above 0 mA.
    var levels: BenchLevels {
        var list = BenchLevels()
        for level in levelsMicroamperes where level > 0 { _ = list.append(Current(microamperes: level)) }
        return list
    }

    public var conductor: BenchConductor {
        BenchConductor(levels: levels, readsZero: levelsMicroamperes.first == 0)
    }

    /// - Parameter attestation: what was confirmed and seen for what hangs at the output now.
    /// - Throws: what the kernel refuses; nothing can be armed then.
    public func authorize(
        on device: DeviceCapabilities, _ attestation: BenchAttestation
    ) throws(Refusal) -> AuthorizedBenchPlan {
        guard let channel = Channel(number: drivenOutput) else { throw .noSuchChannel }
        let clearance = try BenchClearance.attest(
            drivenTerminal.attested, attestation, for: device.electrodeKind)
        let order = BenchOrder(
            channel: channel, levels: levels, frequency: Frequency(millihertz: frequencyMillihertz),
            phaseDuration: PhaseDuration(microseconds: phaseDurationMicroseconds), capabilities: device)
        return try Authorization.authorize(order, clearance: clearance)
    }

    /// What an instrument reads across a load, as if the current that the bleeder takes went through it, too: the
    /// isolator's own current, of which a person gets no more. The bleeder of a needle rig's board lies across the
    /// output (`Hardware/interlock`; 100 kΩ, decided.md and proposal); a P24 has none.
    public func atSource(_ reading: BenchReading, bleederOhms: Int32?) -> BenchReading {
        guard let bleederOhms, let load = terminal.load else { return reading }
        func whole(_ value: Int64?) -> Int64? {
            value.map { $0 + $0 * Int64(load.ohms) / Int64(max(1, bleederOhms)) }
        }
        return BenchReading(
            source: reading.source, firstPeakMicrovolts: whole(reading.firstPeakMicrovolts),
            secondPeakMicrovolts: whole(reading.secondPeakMicrovolts),
            firstPhaseNanoseconds: reading.firstPhaseNanoseconds,
            secondPhaseNanoseconds: reading.secondPhaseNanoseconds, periodNanoseconds: reading.periodNanoseconds,
            areaNanovoltSeconds: whole(reading.areaNanovoltSeconds), meanMicrovolts: whole(reading.meanMicrovolts),
            deviceMicroamperes: reading.deviceMicroamperes)
    }

    /// For a needle rig's link.
    public var channelCalibration: ChannelCalibration { correction.channelCalibration }
}

extension OutputCorrection {
    /// Of a Pulse Pal before an isolator of 1 mA for each volt: the same correction in its units (`decided.md`, Needle
    /// rig), its gain rounded up so that less is set than too much. Nominal where it lies outside what a needle rig
    /// corrects; such an output is never passed.
    public var channelCalibration: ChannelCalibration {
        ChannelCalibration(
            gainMicroamperesPerVolt: (gainPartsPerMillion + 999) / 1_000, offsetNanoamperes: offsetNanoamperes)
            ?? .nominal
    }
}

extension BenchTerminal {
    var attested: AttestedTerminal {
        switch self {
        case .load(let load):
            .load(
                AttestedLoad(
                    ohms: load.ohms, tolerancePermille: load.tolerancePermille, ratedMilliwatts: load.ratedMilliwatts))
        case .open: .open
        case .short: .short
        }
    }
}

extension TrialFailure {
    /// What a fault says of the output; nothing for a run that was ended in order.
    public init?(_ fault: FaultCause) {
        switch fault {
        case .none: return nil
        case .lowCurrent: self = .lowCurrent
        // Two edges without a pulse behind the relay: no electrode there.
        case .electrodeError, .pulseNotSeen: self = .electrodeError
        case .deviceTransferError, .deviceParameterError, .deviceProtocolError, .deviceInternalTimeout,
            .deviceNotInitialised, .deviceHighVoltageError, .deviceInvalidCommand, .devicePulseTimeout,
            .deviceUnexpectedResult, .outputDeviates:
            self = .deviceError
        default: self = .stopped
        }
    }
}

extension BenchReading {
    /// The same with what the stimulator itself measured.
    public func with(deviceMicroamperes: Int64?) -> BenchReading {
        BenchReading(
            source: source, firstPeakMicrovolts: firstPeakMicrovolts, secondPeakMicrovolts: secondPeakMicrovolts,
            firstPhaseNanoseconds: firstPhaseNanoseconds, secondPhaseNanoseconds: secondPhaseNanoseconds,
            periodNanoseconds: periodNanoseconds, areaNanovoltSeconds: areaNanovoltSeconds,
            meanMicrovolts: meanMicrovolts, deviceMicroamperes: deviceMicroamperes)
    }
}
