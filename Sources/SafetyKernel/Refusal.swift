public import StimulusModel

/// Why the kernel said no. A refusal of a limit names what was asked, the limit, and who set it.
public enum Refusal: Error, Hashable, Sendable {
    /// A number outside its limit, in the unit of the kind.
    case limit(LimitKind, asked: Int64, limit: Int64, setBy: LimitSource)
    /// Gates that were not passed.
    case gatesMissing(GateSet)
    /// The protocol is for one kind of electrode, the stimulator rated for the other.
    case electrodeKind(asked: ElectrodeKind, rated: ElectrodeKind)
    /// The stimulator has no such channel.
    case noSuchChannel
    /// The stimulator cannot make a phase of this length, in µs.
    case phaseNotSupported(microseconds: Int32)
    /// Pad area outside 1 to 200 cm² (proposal: from the smallest pen tip to the largest pad sold), in mm².
    case padAreaImplausible(squareMillimetres: Int32)
    /// The treatment and its search do not belong together: other muscle or other phase duration.
    case searchMismatch
    /// A first session on a muscle takes a Relieve protocol (`decided.md`).
    case firstSessionStage
    /// A length of time or a count of the pattern is zero, negative or absurd.
    case malformedPattern
    /// Neither a search nor a treatment was asked for.
    case nothingToDo
    /// The wall clock stands before the end of a recorded session: rest cannot be judged.
    case clockSetBack
    /// The stimulator is not in the state that arming or delivering needs.
    case stimulatorNotReady
    /// The amplitude is no multiple of the device's step.
    case amplitudeOffGrid(microamperes: Int32)
    /// A pulse without a preceding plateau at its set amplitude: a ramp may only scale what was already delivered.
    case rampBeforePlateau
    /// A rise outside a running plateau or continuous train.
    case raiseOutsidePlateau
    /// The request names a part of the plan that was not authorized.
    case partNotAuthorized
    /// Two channels that do not fit together: same output or muscle, another rhythm, or a contraction longer than the
    /// other's rest.
    case channelsMismatch
    /// More pulses than one cycle of the pattern holds: a burst or contraction that does not end.
    case patternOverrun
    /// The needle is thinner than 0.25 mm or less than 15 mm of it is inserted (`decided.md`, proposal).
    case needleTooSmall(diameterMicrometres: Int32, insertedMillimetres: Int32)
    /// Pads for a needle protocol, or needles for one on pads.
    case contactMismatch
    /// Contractions with ramps are not given through needles: strong spasm bends or breaks them (`clinical.md` H27).
    case patternNotForNeedles
    /// Above 15 Hz on needles a motor threshold must be marked in this session first (`clinical.md` H27).
    case motorThresholdMissing
    /// On the bench: no dummy load of a plausible size is attested, or not everything that must be was confirmed.
    case dummyLoadNotAttested
    /// On the bench: more power than the dummy load may turn into heat, in mW.
    case dummyLoadTooWeak(milliwatts: Int64)
    /// On the bench: an amplitude that is not the next level of the run.
    case notTheNextLevel

    @_noLocks public static func == (a: Refusal, b: Refusal) -> Bool {
        switch (a, b) {
        case (.limit(let i, let p, let x, let s), .limit(let j, let q, let y, let t)):
            return i == j && p == q && x == y && s == t
        case (.electrodeKind(let p, let x), .electrodeKind(let q, let y)):
            return p == q && x == y
        default:
            // Of these the words hold every figure.
            let x = a.words
            let y = b.words
            return x.code == y.code && x.kind == y.kind && x.asked == y.asked
        }
    }

    @_noLocks public static func != (a: Refusal, b: Refusal) -> Bool { !(a == b) }

    /// A number for each case, its kind and its figure: the form in which a refusal is journalled.
    public var words: (code: UInt8, kind: UInt8, asked: Int64) {
        @_noLocks get {
            switch self {
            case .limit(let kind, let asked, _, _): return (1, kind.code, asked)
            case .gatesMissing(let gates): return (2, 0, Int64(gates.rawValue))
            case .electrodeKind(let asked, _): return (3, 0, Int64(asked.code))
            case .noSuchChannel: return (4, 0, 0)
            case .phaseNotSupported(let microseconds): return (5, 0, Int64(microseconds))
            case .padAreaImplausible(let area): return (6, 0, Int64(area))
            case .searchMismatch: return (7, 0, 0)
            case .firstSessionStage: return (8, 0, 0)
            case .malformedPattern: return (9, 0, 0)
            case .nothingToDo: return (10, 0, 0)
            case .clockSetBack: return (11, 0, 0)
            case .stimulatorNotReady: return (12, 0, 0)
            case .amplitudeOffGrid(let amplitude): return (13, 0, Int64(amplitude))
            case .rampBeforePlateau: return (14, 0, 0)
            case .raiseOutsidePlateau: return (15, 0, 0)
            case .partNotAuthorized: return (16, 0, 0)
            case .channelsMismatch: return (17, 0, 0)
            case .patternOverrun: return (18, 0, 0)
            case .needleTooSmall(let diameter, let inserted):
                return (19, 0, Int64(diameter) << 32 | Int64(UInt32(bitPattern: inserted)))
            case .contactMismatch: return (20, 0, 0)
            case .patternNotForNeedles: return (21, 0, 0)
            case .motorThresholdMissing: return (22, 0, 0)
            case .dummyLoadNotAttested: return (23, 0, 0)
            case .dummyLoadTooWeak(let milliwatts): return (24, 0, milliwatts)
            case .notTheNextLevel: return (25, 0, 0)
            }
        }
    }
}
