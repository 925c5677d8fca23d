/// What a pretend needle rig is made of.
public struct VirtualNeedleRigConfiguration: Sendable {
    public var device: PulsePalConfiguration
    /// One for each of the two channels.
    public var isolators: [IsolatorConfiguration]
    public var tissues: [NeedleTissue]
    public var board: InterlockConfiguration
    public var parts: NeedleOutputConfiguration
    public var rules: NeedleMeterRules
    /// What hangs on an output, 1 or 2, in place of needles: a technician's bench.
    public var dummyLoads: [Int: DummyLoad] = [:]
    /// What is wrong with an output, 1 or 2.
    public var outputErrors: [Int: OutputError] = [:]
    /// What happens to bytes on the line.
    public var line: FaultPlan
    /// Faults from the first moment on.
    public var faults: [NeedleFault]
    /// From it come the line's frame phase, the device's cycle phase and the board's sampling phase.
    public var seed: UInt64

    /// Needles of 0.25 mm, 20 mm in tissue, on both channels; isolators of 10 mA.
    public init(
        device: PulsePalConfiguration = PulsePalConfiguration(), rules: NeedleMeterRules = NeedleMeterRules(),
        line: FaultPlan = FaultPlan(), faults: [NeedleFault] = [], seed: UInt64 = 0
    ) {
        self.device = device
        isolators = [IsolatorConfiguration(), IsolatorConfiguration()]
        let needle = NeedleTissue(diameterMicrometres: 250, insertedMillimetres: 20)
        tissues = [needle, needle]
        board = InterlockConfiguration()
        parts = NeedleOutputConfiguration()
        self.rules = rules
        self.line = line
        self.faults = faults
        self.seed = seed
    }
}
