// Absolute limits live here, in reviewed source, each with its source; they are never read from a file. Device,
// calibration, protocol, clinic and practitioner may each lower one, never raise it, and the table remembers who
// was the tightest. A table cannot be made freely: it starts as an absolute one.
public import StimulusModel

/// What is limited. The raw value is the place in the table and is stored in records: never renumber.
public enum LimitKind: UInt8, Sendable {
    /// Set amplitude, µA.
    case amplitude = 0
    /// Rise of the set amplitude, µA per second.
    case amplitudeRise = 1
    /// Longest phase, µs.
    case longestPhase = 2
    /// Shortest phase, µs (a lower bound).
    case shortestPhase = 3
    /// Highest rate, mHz.
    case frequency = 4
    /// Lowest rate, mHz (a lower bound).
    case lowestFrequency = 5
    /// Charge per phase, pC.
    case chargePerPhase = 6
    /// Commanded net charge of a complete pulse, pC.
    case netCharge = 7
    /// Root mean square current of the train, µA.
    case rootMeanSquare = 8
    /// Energy of one pulse into 500 Ω, nJ.
    case energyPerPulse = 9
    /// Root mean square current density under one pad, µA per cm².
    case currentDensity = 10
    /// Power density under one pad for 500 Ω, µW per cm².
    case powerDensity = 11
    /// Treatment clock of one session, ms: titration, contractions and rests; a pause holds it.
    case sessionTime = 12
    /// Contractions of the dose.
    case contractions = 13
    /// Rest since the last treatment of the same muscle and side, ms (a lower bound).
    case restBetweenSessions = 14
    /// From arming to the end, pauses included, ms.
    case attendedTime = 15
    /// Titration contractions before contraction 1.
    case titrationContractions = 16
    /// One press of the raise key, µA.
    case amplitudeStep = 17
    /// Treatments of one person in 24 h, all muscles and sides, this one included.
    case sessionsPerDay = 18
    /// Charge in 24 h through one muscle and side, one phase of each pulse, this session at its most included, pC.
    case chargePerDay = 19
    /// Direct current that offset and imbalance leave, nA.
    case directCurrent = 20

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: LimitKind, b: LimitKind) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: LimitKind, b: LimitKind) -> Bool { !(a == b) }

    /// Whether the number is the least allowed instead of the most.
    public var isLowerBound: Bool {
        @_noLocks get {
            switch self {
            case .shortestPhase, .lowestFrequency, .restBetweenSessions: return true
            default: return false
            }
        }
    }

    /// How many kinds there are.
    public static var count: Int { @_noLocks get { 21 } }
}

/// Who set a limit. Stored in records: never renumber.
public enum LimitSource: UInt8, Sendable {
    /// The constants in this file.
    case absolute = 0
    /// What the stimulator can do or is rated for.
    case device = 1
    case calibration = 2
    /// The clinic's rig file.
    case clinic = 3
    /// The protocol file.
    case protocolFile = 4
    /// A checklist answer, for instance unusual muscle soreness.
    case checklist = 5
    /// Stated by the practitioner for this session.
    case practitioner = 6
    /// A first session on this muscle.
    case firstSession = 7
    /// Gauge and inserted length of the needle.
    case needleGeometry = 8
    /// The motor threshold marked in this session.
    case motorThreshold = 9

    public var code: UInt8 { @_noLocks get { rawValue } }

    @_noLocks public static func == (a: LimitSource, b: LimitSource) -> Bool { a.rawValue == b.rawValue }

    @_noLocks public static func != (a: LimitSource, b: LimitSource) -> Bool { !(a == b) }
}

/// One number and who set it.
public struct Limit: Hashable, Sendable {
    public let value: Int64
    public let setBy: LimitSource

    @_noLocks internal init(_ value: Int64, setBy: LimitSource) {
        self.value = value
        self.setBy = setBy
    }

    @_noLocks public static func == (a: Limit, b: Limit) -> Bool { a.value == b.value && a.setBy == b.setBy }

    @_noLocks public static func != (a: Limit, b: Limit) -> Bool { !(a == b) }
}

/// All limits that hold for one session. It starts absolute and can only be tightened.
public struct LimitTable: Sendable {
    /// Whose limits these are: a table of one kind can never serve the other.
    public let electrodeKind: ElectrodeKind
    private var entries: InlineArray<21, Limit>

    @_noLocks private init(_ electrodeKind: ElectrodeKind, entries: InlineArray<21, Limit>) {
        self.electrodeKind = electrodeKind
        self.entries = entries
    }

    @_noLocks public subscript(_ kind: LimitKind) -> Limit { entries[Int(kind.code)] }

    /// Lowers one limit (raises it, where it is a lower bound). A looser value changes nothing, so a request can
    /// never open what another closed.
    @_noLocks public mutating func tighten(_ kind: LimitKind, to value: Int64, by source: LimitSource) {
        let current = entries[Int(kind.code)].value
        let isTighter = kind.isLowerBound ? value > current : value < current
        if isTighter { entries[Int(kind.code)] = Limit(value, setBy: source) }
    }

    /// Whether `asked` is within the limit.
    @_noLocks public func allows(_ kind: LimitKind, _ asked: Int64) -> Bool {
        let limit = entries[Int(kind.code)].value
        return kind.isLowerBound ? asked >= limit : asked <= limit
    }

    /// Throws a refusal that says what was asked, the limit and who set it.
    @_noLocks public func check(_ kind: LimitKind, _ asked: Int64) throws(Refusal) {
        guard !allows(kind, asked) else { return }
        let limit = entries[Int(kind.code)]
        throw Refusal.limit(kind, asked: asked, limit: limit.value, setBy: limit.setBy)
    }

    /// The amplitude limit as a current.
    public var maximumAmplitude: Current {
        @_noLocks get { Current(microamperes: Int32(clamping: self[.amplitude].value)) }
    }

    /// Absolute limits of surface stimulation. There is no unlock (`decided.md`, Amplitude).
    public static var absoluteSurface: LimitTable {
        @_noLocks get {
            var entries = commonEntries
            // 80 mA absolute (decided.md; clinical.md 1.8: quadriceps studies used 65 to 100 mA [PMC8167342]).
            set(&entries, .amplitude, 80_000)
            // 2 mA/s (clinical.md 1.8, proposal; slow rise [PANTHEON], only rises are limited [HEROES]).
            set(&entries, .amplitudeRise, 2_000)
            // 32 µC: 80 mA × 400 µs (issue text, proposal).
            set(&entries, .chargePerPhase, 32_000_000)
            // 2 mA r.m.s./cm² [AS-2-10] [ENRAF47], here a limit and not only a notice (decided.md).
            set(&entries, .currentDensity, 2_000)
            // 0.1 W/cm² (decided.md; the P24's own warning in its instructions, below the 0.25 W/cm² of [FDA-PMS]).
            set(&entries, .powerDensity, 100_000)
            // 20 min (clinical.md 1.8 [CUMMINGS] [NUSSBAUM]).
            set(&entries, .sessionTime, 20 * 60_000)
            // 360 mC: twice the largest programme of clinical.md 2.5 at its cap, titration included: 15 contractions of
            // 10 s at 50 Hz, 60 mA and 400 µs move 180 mC (calc, proposal).
            set(&entries, .chargePerDay, 360_000_000_000)
            // 1 mA a press in treatment (decided.md; ≤ 1 mA per step in IEC 60601-2-10 is unverified).
            set(&entries, .amplitudeStep, 1_000)
            return LimitTable(.surface, entries: entries)
        }
    }

    /// Absolute limits of needle stimulation: lower, and never interchangeable with the surface table.
    public static var absoluteNeedle: LimitTable {
        @_noLocks get {
            var entries = commonEntries
            // 10 mA absolute (decided.md; Han: 2 to 10 mA on needles [HAN]).
            set(&entries, .amplitude, 10_000)
            // 0.5 mA/s (clinical.md 1.8, proposal; slow rise [PANTHEON]).
            set(&entries, .amplitudeRise, 500)
            // 10 mA × 400 µs (clinical.md 1.7, calc); the needle's own geometry tightens it further.
            set(&entries, .chargePerPhase, 4_000_000)
            // Not limiting on needles (clinical.md 1.7): the warning lines belong to the geometry check.
            set(&entries, .currentDensity, Int64.max)
            set(&entries, .powerDensity, Int64.max)
            // 30 min (clinical.md 1.8 [HAN] [CUMMINGS]).
            set(&entries, .sessionTime, 30 * 60_000)
            // 120 mC: 20 min at 10 Hz, 10 mA and 400 µs move 48 mC, 30 min at 15 Hz 108 mC (calc, proposal).
            set(&entries, .chargePerDay, 120_000_000_000)
            // 0.1 mA a press (decided.md; best of the peers [C1]).
            set(&entries, .amplitudeStep, 100)
            return LimitTable(.needle, entries: entries)
        }
    }

    /// The absolute limits that a dose is held against: those of its electrode kind, and in a search on pads one press
    /// is 0.5 mA (decided.md, Amplitude).
    @_noLocks static func absolute(for dose: Dose) -> LimitTable {
        var table = dose.electrodeKind == .needle ? absoluteNeedle : absoluteSurface
        if dose.electrodeKind == .surface, dose.stage == .search {
            // 0.5 mA a press in a search on pads (decided.md, Amplitude).
            table.tighten(.amplitudeStep, to: 500, by: .absolute)
        }
        // A needle is searched at 2 Hz at most (clinical.md 5, H27).
        if dose.electrodeKind == .needle, dose.stage == .search {
            table.tighten(.frequency, to: 2_000, by: .absolute)
        }
        return table
    }

    @_noLocks private static func set(_ entries: inout InlineArray<21, Limit>, _ kind: LimitKind, _ value: Int64) {
        entries[Int(kind.code)] = Limit(value, setBy: .absolute)
    }

    private static var commonEntries: InlineArray<21, Limit> {
        @_noLocks get {
            var entries = InlineArray<21, Limit>(repeating: Limit(0, setBy: .absolute))
            // 50 to 500 µs hard (clinical.md 1.8 [HAN] [NUSSBAUM]).
            set(&entries, .longestPhase, 500)
            set(&entries, .shortestPhase, 50)
            // 1 to 100 Hz (decided.md: absolute rate 100 Hz; [HAN] [NUSSBAUM]).
            set(&entries, .frequency, 100_000)
            set(&entries, .lowestFrequency, 1_000)
            // Commanded net charge is exactly 0 per complete pattern (decided.md).
            set(&entries, .netCharge, 0)
            // 50 mA r.m.s. [ENRAF47]; also IEC 60601-2-10 up to 400 Hz (unverified).
            set(&entries, .rootMeanSquare, 50_000)
            // 300 mJ per pulse into 500 Ω, IEC 60601-2-10 [BIOPAC] [ASTUTE].
            set(&entries, .energyPerPulse, 300_000_000)
            // Twice the 15 contractions of the largest cited programme [NUSSBAUM] (proposal).
            set(&entries, .contractions, 30)
            // 24 h on the same muscle (clinical.md 1.8, proposal).
            set(&entries, .restBetweenSessions, 24 * 3_600_000)
            // An hour from arming to the end, pauses included (proposal): nobody lies armed all afternoon.
            set(&entries, .attendedTime, 60 * 60_000)
            // Up to 5 (decided.md).
            set(&entries, .titrationContractions, 5)
            // 10 µA (decided.md; equals the d.c. figure of IEC 60601-1).
            set(&entries, .directCurrent, 10_000)
            // Two muscles on two sides (proposal).
            set(&entries, .sessionsPerDay, 4)
            return entries
        }
    }
}
