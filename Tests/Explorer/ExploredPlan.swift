// What is searched: small plans, made the only way there is one, by an authorization. The kernel's shortest ramp is
// half a second and its shortest rest a second, so a tick of the search is a quarter of a second of handed-in time: a
// step of 1 ms, in which pulses may fall due, and a late one of 249 ms behind it.
import SafetyKernel
import StimulusModel

/// Which stimulator, and what stands between it and the patient.
public enum ExploredRig: Sendable {
    /// Acknowledges each pulse, switches high voltage.
    case p24
    /// Set before its pulses, released by edges, behind the interlock board.
    case triggers
}

/// The bounds that the invariants hold a plan to, written down again here: not read from the plan.
struct OwnBounds: Sendable {
    var searchCap: Int32 = 0
    var treatmentCap: Int32 = 0
    var searchStep: Int32 = 0
    var treatmentStep: Int32 = 0
    /// µA a second.
    var rise: Int64 = 2_000
    var searchPeriod: Int32 = 0
    var treatmentPeriod: Int32 = 0
    var contractions: Int32 = 0
    var titration: Int32 = 0
    /// Milliseconds; 0 where the plan is too short to reach any.
    var sessionTime: Int64 = 0
    var needsThreshold = false
}

/// A class, so that nobody copies a whole table of limits to look at a plan.
public final class ExploredPlan: Sendable {
    public let name: String
    public let rig: ExploredRig
    let plan: AuthorizedPlan
    let bounds: OwnBounds
    let options: Options
    let channelCount: Int
    /// ms.
    let longestPeriod: Int32
    /// Of the search and of the treatment.
    let room: [Room]

    struct Options: Sendable {
        /// The two long clocks are part of a state: only in plans that reach them within a few ticks.
        var keepsSessionClock = false
        var keepsAttendedClock = false
        /// Time may be let pass by the minute, up to half a second before a slow clock rings.
        var letsTimePass = false
        /// Commands also in the late step of each tick.
        var commandsWhenLate = false
        /// Every command, or those alone that move a session.
        var allCommands = true
    }

    init(_ name: String, _ rig: ExploredRig, _ plan: AuthorizedPlan, _ bounds: OwnBounds, _ options: Options) {
        self.name = name
        self.rig = rig
        self.plan = plan
        self.bounds = bounds
        self.options = options
        channelCount = plan.channelCount
        longestPeriod = max(
            plan.first.search == nil ? 0 : bounds.searchPeriod,
            plan.first.treatment == nil ? 0 : bounds.treatmentPeriod)
        room = [Room(plan.first.search?.dose), Room(plan.first.treatment?.dose)]
    }
}

/// The numbers of a plan.
struct Recipe {
    var kind = ElectrodeKind.surface
    var pattern = Pattern.continuous(milliseconds: 4_000)
    var millihertz: Int32 = 4_000
    var steps: Int32 = 4
    /// Length of the search train in ms; 0 for none.
    var searchMilliseconds: Int32 = 1_000
    var searchSteps: Int32 = 2
    var treats = true
    var titration: Int64 = 0
    var sessionTime: Int64?
    var attendedTime: Int64?
    var arrangement = ChannelArrangement.single
    var options = ExploredPlan.Options()

    private var step: Int32 { kind == .needle ? 100 : 1_000 }
    private var searchStep: Int32 { kind == .needle ? 100 : 500 }
    private var searchMillihertz: Int32 { kind == .needle ? 2_000 : 4_000 }

    private func dose(_ stage: CareStage, _ muscle: TargetMuscle) -> Dose {
        let isSearch = stage == .search
        return Dose(
            electrodeKind: kind, muscle: muscle, stage: stage,
            pattern: isSearch ? .continuous(milliseconds: searchMilliseconds) : pattern,
            frequency: Frequency(millihertz: isSearch ? searchMillihertz : millihertz),
            phaseDuration: PhaseDuration(microseconds: 200), interphaseGap: PhaseDuration(microseconds: 0),
            maximumAmplitude: Current(microamperes: isSearch ? searchSteps * searchStep : steps * step),
            amplitudeStep: Current(microamperes: isSearch ? searchStep : step))
    }

    private func channel(_ channel: Channel, _ muscle: TargetMuscle) -> ChannelPrescription {
        ChannelPrescription(
            search: searchMilliseconds > 0 ? dose(.search, muscle) : nil,
            treatment: treats ? dose(.relieve, muscle) : nil, channel: channel,
            contact: kind == .needle
                ? .needle(NeedleGeometry(diameterMicrometres: 300, insertedMillimetres: 30))
                : .pad(PadArea(squareMillimetres: 2_500)),
            history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000))
    }

    /// Through the clearance and the authorization, like any other.
    func authorized() throws -> AuthorizedPlan {
        var limits = kind == .needle ? LimitTable.absoluteNeedle : LimitTable.absoluteSurface
        limits.tighten(.titrationContractions, to: titration, by: .clinic)
        if let sessionTime { limits.tighten(.sessionTime, to: sessionTime, by: .clinic) }
        if let attendedTime { limits.tighten(.attendedTime, to: attendedTime, by: .clinic) }
        let clearance = try Clearance.grant(passed: Clearance.required(for: kind), for: kind)
        let second = Channel(number: kind == .needle ? 2 : 3) ?? .first
        return try Authorization.authorize(
            Prescription(
                first: channel(.first, .vmo),
                second: arrangement == .single ? nil : channel(second, .gluteusMedius), arrangement: arrangement,
                capabilities: kind == .needle
                    ? .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0)
                    : .p24LowLevel, limits: limits), clearance: clearance)
    }

    var bounds: OwnBounds {
        var bounds = OwnBounds()
        bounds.searchCap = searchMilliseconds > 0 ? searchSteps * searchStep : 0
        bounds.treatmentCap = treats ? steps * step : 0
        bounds.searchStep = searchStep
        bounds.treatmentStep = step
        bounds.rise = kind == .needle ? 500 : 2_000
        bounds.searchPeriod = 1_000_000 / searchMillihertz
        bounds.treatmentPeriod = 1_000_000 / millihertz
        if case .contractions(_, let count) = pattern { bounds.contractions = count }
        bounds.titration = Int32(titration)
        bounds.sessionTime = sessionTime ?? 0
        bounds.needsThreshold = kind == .needle && millihertz > 15_000
        return bounds
    }

    func explored(_ name: String) throws -> ExploredPlan {
        var options = options
        options.keepsSessionClock = sessionTime != nil
        options.keepsAttendedClock = attendedTime != nil
        return ExploredPlan(name, kind == .needle ? .triggers : .p24, try authorized(), bounds, options)
    }

    /// Phases of so many ticks of 250 ms.
    static func contractions(up: Int32, plateau: Int32, down: Int32, rest: Int32, count: Int32) -> Pattern {
        .contractions(
            ContractionCycle(
                rampUpMilliseconds: up * 250, plateauMilliseconds: plateau * 250, rampDownMilliseconds: down * 250,
                restMilliseconds: rest * 250), count: count)
    }
}

extension ExploredPlan {
    /// The plans of `make explore`.
    public static func full() throws -> [ExploredPlan] {
        var plans: [ExploredPlan] = []
        var recipe = Recipe()
        recipe.pattern = Recipe.contractions(up: 4, plateau: 4, down: 4, rest: 4, count: 3)
        recipe.titration = 1
        plans.append(try recipe.explored("p24-contractions"))

        plans.append(try small(.surface))
        plans.append(try long(.surface))
        plans.append(try tight(attended: nil, session: 3_000, "p24-session-clock"))
        plans.append(try tight(attended: 4_000, session: nil, "p24-attended-clock"))
        recipe = Recipe()
        recipe.pattern = .burst(milliseconds: 3_000, burstMilliseconds: 500, intervalMilliseconds: 1_000)
        plans.append(try recipe.explored("p24-bursts"))
        recipe.pattern = .denseDisperse(
            milliseconds: 3_000, denseMilliseconds: 500, sparseFrequency: Frequency(millihertz: 2_000),
            sparseMilliseconds: 500)
        plans.append(try recipe.explored("p24-dense-disperse"))
        plans.append(try search(.surface))

        plans.append(try small(.needle))
        plans.append(try long(.needle))
        plans.append(try threshold())
        plans.append(try search(.needle))
        plans += try pairs()
        return plans
    }

    /// The plans of the suites: the same machine and both rigs, in seconds.
    public static func quick() throws -> [ExploredPlan] {
        var recipe = Recipe()
        recipe.pattern = Recipe.contractions(up: 2, plateau: 3, down: 2, rest: 4, count: 1)
        recipe.steps = 1
        recipe.searchMilliseconds = 0
        var needle = Recipe()
        needle.kind = .needle
        needle.pattern = .continuous(milliseconds: 1_000)
        needle.steps = 1
        needle.searchMilliseconds = 0
        return [try recipe.explored("p24-quick"), try needle.explored("needle-quick")]
    }

    /// Plans in which every mutation can show itself.
    public static func forMutations() throws -> [ExploredPlan] {
        var recipe = Recipe()
        recipe.pattern = Recipe.contractions(up: 2, plateau: 4, down: 2, rest: 4, count: 2)
        recipe.steps = 2
        recipe.searchMilliseconds = 0
        let contractions = try recipe.explored("p24-mutations")
        recipe.kind = .needle
        recipe.pattern = .continuous(milliseconds: 750)
        recipe.steps = 1
        return [
            contractions, try recipe.explored("needle-mutations"), try tight(attended: nil, session: 3_000, "clock"),
        ]
    }

    private static func small(_ kind: ElectrodeKind) throws -> ExploredPlan {
        var recipe = Recipe()
        recipe.kind = kind
        recipe.steps = 2
        if kind == .surface {
            recipe.pattern = Recipe.contractions(up: 2, plateau: 4, down: 2, rest: 4, count: 1)
            recipe.searchMilliseconds = 0
        } else {
            recipe.steps = 1
            recipe.searchMilliseconds = 0
            recipe.pattern = .continuous(milliseconds: 750)
        }
        recipe.options.commandsWhenLate = true
        return try recipe.explored(kind == .surface ? "p24-keys-in-late-steps" : "needle-keys-in-late-steps")
    }

    /// Trains so long that somebody must say that they are there; time passes by the minute.
    private static func long(_ kind: ElectrodeKind) throws -> ExploredPlan {
        var recipe = Recipe()
        recipe.kind = kind
        recipe.pattern = .continuous(milliseconds: 405_000)
        recipe.steps = kind == .needle ? 1 : 2
        recipe.searchSteps = 1
        recipe.searchMilliseconds = kind == .needle ? 0 : 1_000
        recipe.options.letsTimePass = true
        recipe.options.allCommands = kind == .surface
        return try recipe.explored(kind == .surface ? "p24-presence" : "needle-presence-and-check-ins")
    }

    private static func tight(attended: Int64?, session: Int64?, _ name: String) throws -> ExploredPlan {
        var recipe = Recipe()
        recipe.pattern = Recipe.contractions(up: 2, plateau: 2, down: 2, rest: 4, count: 1)
        recipe.steps = 1
        recipe.searchMilliseconds = 500
        recipe.searchSteps = 1
        recipe.titration = 1
        recipe.attendedTime = attended
        recipe.sessionTime = session
        return try recipe.explored(name)
    }

    private static func search(_ kind: ElectrodeKind) throws -> ExploredPlan {
        var recipe = Recipe()
        recipe.kind = kind
        recipe.treats = false
        recipe.searchMilliseconds = 2_000
        recipe.searchSteps = 4
        return try recipe.explored(kind == .surface ? "p24-search" : "needle-search")
    }

    /// Above 15 Hz on needles: no treatment without a motor threshold marked in a search.
    private static func threshold() throws -> ExploredPlan {
        var recipe = Recipe()
        recipe.kind = .needle
        recipe.millihertz = 20_000
        recipe.pattern = .continuous(milliseconds: 1_000)
        recipe.steps = 4
        recipe.searchMilliseconds = 2_000
        recipe.searchSteps = 4
        return try recipe.explored("needle-motor-threshold")
    }

    private static func pairs() throws -> [ExploredPlan] {
        var recipe = Recipe()
        recipe.arrangement = .together
        recipe.searchMilliseconds = 0
        recipe.steps = 1
        recipe.pattern = Recipe.contractions(up: 2, plateau: 2, down: 2, rest: 4, count: 1)
        recipe.options.allCommands = false
        let together = try recipe.explored("p24-two-together")
        recipe.arrangement = .alternating
        recipe.pattern = Recipe.contractions(up: 2, plateau: 2, down: 2, rest: 6, count: 1)
        let alternating = try recipe.explored("p24-two-alternating")
        recipe.kind = .needle
        recipe.arrangement = .together
        recipe.pattern = .continuous(milliseconds: 1_000)
        let needles = try recipe.explored("needle-two-together")
        return [together, alternating, needles]
    }
}
