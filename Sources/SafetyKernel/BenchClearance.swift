// The technician's bench: the same kernel, with a resistor in place of a person. What is cleared here can never be used
// for one: the clearances are two types, and so are the plans that follow from them.
public import StimulusModel

/// What the technician confirms before anything flows, and what the program itself saw.
public struct BenchAttestation: Sendable {
    /// The load's asset number is written down.
    public var assetNumberIsRecorded: Bool
    /// No person is connected to any output.
    public var nobodyIsConnected: Bool
    /// The patient's button and, on a needle rig, the emergency stop were tried.
    public var stopControlIsProven: Bool
    public var deviceIsIdentified: Bool

    @_noLocks public init(
        assetNumberIsRecorded: Bool, nobodyIsConnected: Bool, stopControlIsProven: Bool, deviceIsIdentified: Bool
    ) {
        self.assetNumberIsRecorded = assetNumberIsRecorded
        self.nobodyIsConnected = nobodyIsConnected
        self.stopControlIsProven = stopControlIsProven
        self.deviceIsIdentified = deviceIsIdentified
    }

    var isComplete: Bool {
        @_noLocks get { assetNumberIsRecorded && nobodyIsConnected && stopControlIsProven && deviceIsIdentified }
    }
}

/// Proof that a dummy load is attested and nobody connected. Only this file can make one; an authorization consumes it,
/// so that each load, and each change of what hangs at an output, is attested anew.
public struct BenchClearance: ~Copyable, Sendable {
    public let terminal: AttestedTerminal
    public let electrodeKind: ElectrodeKind

    @_noLocks fileprivate init(terminal: AttestedTerminal, electrodeKind: ElectrodeKind) {
        self.terminal = terminal
        self.electrodeKind = electrodeKind
    }

    /// - Parameters:
    ///   - terminal: what hangs at the output. A load has 100 Ω to 20 kΩ, at most 10 % of tolerance and at least 50 mW
    ///     (proposal: around the loads of issue 5; wider tolerances measure nothing).
    ///   - kind: of the stimulator.
    /// - Throws: `Refusal.dummyLoadNotAttested`.
    @_noLocks public static func attest(
        _ terminal: AttestedTerminal, _ attestation: BenchAttestation, for kind: ElectrodeKind
    ) throws(Refusal) -> BenchClearance {
        guard attestation.isComplete else { throw Refusal.dummyLoadNotAttested }
        if case .load(let load) = terminal {
            guard load.ohms >= 100, load.ohms <= 20_000, load.tolerancePermille >= 0, load.tolerancePermille <= 100,
                load.ratedMilliwatts >= 50
            else { throw Refusal.dummyLoadNotAttested }
        }
        return BenchClearance(terminal: terminal, electrodeKind: kind)
    }
}

/// One run of one output on the bench.
public struct BenchOrder: Sendable {
    public let channel: Channel
    public let levels: BenchLevels
    public let frequency: Frequency
    public let phaseDuration: PhaseDuration
    public let capabilities: DeviceCapabilities

    /// Ten minutes: longer than any run of levels, shorter than a forgotten one (proposal).
    static var longestRunMilliseconds: Int32 { @_noLocks get { 600_000 } }

    @_noLocks public init(
        channel: Channel, levels: BenchLevels, frequency: Frequency, phaseDuration: PhaseDuration,
        capabilities: DeviceCapabilities
    ) {
        self.channel = channel
        self.levels = levels
        self.frequency = frequency
        self.phaseDuration = phaseDuration
        self.capabilities = capabilities
    }
}
