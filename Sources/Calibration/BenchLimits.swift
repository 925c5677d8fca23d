public import CareModel

/// Every number that the bench judges by, with where it comes from.
public struct BenchLimits: Hashable, Sendable {
    /// Share of the compliance within which a point must be true, in thousandths (issue 5: 80 %).
    public var complianceSharePermille: Int32 = 800
    /// Readings of a level of a sweep (proposal; from 10 on JCGM 100 needs no widening, EA-4/02).
    public var sweepReadings = 10
    /// Readings of any other level, except the single one of each step (proposal).
    public var otherReadings = 3
    /// ±20 % of phase duration and of frequency (`clinical.md` 1.2, 2012 edition, unverified there).
    public var timingPermille: Int64 = 200
    /// Expanded uncertainty of an instrument's time base with its trigger, in thousandths (proposal).
    public var timeBasePermille: Int64 = 1
    /// Net charge, in thousandths of a phase (`decided.md`, Amplitude: 2 %).
    public var netChargePermille: Int64 = 20
    /// Direct current at rest (`decided.md`, Amplitude: 10 µA).
    public var restingNanoamperes: Int64 = 10_000
    /// Signal on an output while another is driven, in thousandths of what drives it (proposal: 2 %).
    public var crossTalkPermille: Int64 = 20
    /// Signal at 0 mA, in thousandths of the lowest level's voltage (proposal: 1 %).
    public var zeroPermille: Int64 = 10
    /// Distance from the line, beyond its uncertainty, in thousandths of full scale (proposal: 2 %).
    public var nonLinearityPermille: Int64 = 20
    /// Less than this share of what is expected is nothing (proposal: 10 %).
    public var nothingPermille: Int64 = 100
    /// More than this share of what is expected, on an output that is not driven, is another's signal (proposal: half).
    public var foreignPermille: Int64 = 500
    /// Expanded uncertainty of the stimulator's own samples, in thousandths (proposal: 5 %; its scale is unverified,
    /// `sciencemode4.md` 6).
    public var deviceSamplePermille: Int64 = 50
    /// Outputs that deviate alike within this deviate by one common factor (proposal: 1 %).
    public var commonFactorPermille: Int64 = 10
    /// A step that raised the output by less than this share of itself is missing (proposal: half).
    public var stuckStepPermille: Int64 = 500
    /// Voltage at an open output over the compliance, in thousandths (proposal: 10 % above; the standard's bound is
    /// 500 V, `clinical.md` 1.2).
    public var openVoltagePermille: Int64 = 1_100

    public init() {}

    public static let standard = BenchLimits()
}

/// How a stimulator takes a correction.
public enum CorrectionRule: Hashable, Sendable {
    /// The current is divided by the gain and rounded down to steps of so many microamperes
    /// (`OutputCorrection.setting`); the offset stays in the pulse.
    case roundedDown(stepMicroamperes: Int32)
    /// Both phases and the resting code are shifted against the offset (`decided.md`, Needle rig), and a step of the
    /// converter, 0.3 µA, does not count.
    case shifted

    public static func rule(of stimulator: StimulatorKind) -> CorrectionRule {
        switch stimulator {
        case .p24: .roundedDown(stepMicroamperes: 500)
        case .pulsePal: .shifted
        }
    }
}
