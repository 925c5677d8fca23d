// What the kernel lets through on needles. Figures of `clinical.md` 1.7, 1.8 and 8, typed here.
import SafetyKernel
import StimulusModel
import Testing

/// A needle prescription that is let through, to be made wrong in one place.
struct NeedleCase {
    var search: DoseSketch?
    var treatment: DoseSketch? = .needle
    var contact = ElectrodeContact.needle(NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20))
    var residualNanoamperes: Int32 = 0
    var imbalancePermille: Int32 = 0
    var tolerancePermille: Int32 = 0
    var earlierTreatments: Int32 = 2
    var millisecondsSinceLast: Int64 = 30 * 86_400_000
    var passed = Clearance.required(for: .needle)
    var channel = Channel.first

    static func needle(_ diameter: Int32, _ inserted: Int32) -> ElectrodeContact {
        .needle(NeedleGeometry(diameterMicrometres: diameter, insertedMillimetres: inserted))
    }

    static var searched: DoseSketch {
        DoseSketch.needle.with {
            ($0.stage, $0.pattern, $0.maximum) = (.search, .continuous(milliseconds: 120_000), 3_000)
        }
    }

    func with(_ change: (inout NeedleCase) -> Void) -> NeedleCase {
        var copy = self
        change(&copy)
        return copy
    }

    func treating(_ change: (inout DoseSketch) -> Void) -> NeedleCase {
        with { $0.treatment = DoseSketch.needle.with(change) }
    }

    func authorize() throws(Refusal) -> AuthorizedPlan {
        let clearance = try Clearance.grant(passed: passed, for: .needle)
        return try Authorization.authorize(
            Prescription(
                search: search?.dose, treatment: treatment?.dose, channel: channel, contact: contact,
                capabilities: .needleRig(
                    residualOffsetNanoamperes: residualNanoamperes, imbalancePermille: imbalancePermille,
                    tolerancePermille: tolerancePermille),
                history: TreatmentHistory(
                    earlierTreatments: earlierTreatments, millisecondsSinceLast: millisecondsSinceLast),
                limits: .absoluteNeedle), clearance: clearance)
    }

    var refusal: Refusal? {
        do throws(Refusal) {
            _ = try authorize()
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct NeedleAuthorizationTests {
    private let base = NeedleCase()

    // MARK: - Geometry and charge

    /// Diameter in µm, inserted mm, A in mm², Q_max in µC at k = 1.5 and 1.75 (`clinical.md` 1.7).
    static let geometries: [(Int32, Int32, Double, Double, Double)] = [
        (250, 13, 10.2, 1.80, 2.40), (250, 20, 15.7, 2.23, 2.97), (250, 30, 23.6, 2.73, 3.64),
        (300, 40, 37.7, 3.45, 4.60), (300, 50, 47.1, 3.86, 5.15),
    ]

    // Proves R-LIM-09.
    @Test(arguments: geometries.indices) func `surface and the two lines of Shannon are those of the sheet`(index: Int)
    {
        let (diameter, inserted, area, warn, refuse) = Self.geometries[index]
        let needle = NeedleGeometry(diameterMicrometres: diameter, insertedMillimetres: inserted)
        #expect(abs(Double(needle.surfaceSquareMicrometres) / 1e6 - area) < 0.06)
        #expect(abs(Double(needle.mostCharge(at: .warn).picocoulombs) / 1e6 - warn) <= 0.005_1)
        #expect(abs(Double(needle.mostCharge(at: .refuse).picocoulombs) / 1e6 - refuse) <= 0.005_1)
    }

    // Proves R-LIM-09, R-LIM-17.
    @Test func `a needle without size has no charge to give, and a huge one saturates`() {
        for needle in [
            NeedleGeometry(diameterMicrometres: 0, insertedMillimetres: 20),
            NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 0),
            NeedleGeometry(diameterMicrometres: -250, insertedMillimetres: -20),
        ] { #expect(needle.mostCharge(at: .refuse).picocoulombs == 0) }
        let huge = NeedleGeometry(diameterMicrometres: .max, insertedMillimetres: .max)
        #expect(huge.mostCharge(at: .refuse).picocoulombs > 0)
        #expect(huge.mostCharge(at: .warn).picocoulombs <= huge.mostCharge(at: .refuse).picocoulombs)
    }

    // Proves R-LIM-09, R-LIM-08.
    @Test func `worked values on 0_25 by 20 mm: below the line they pass, above they are refused`() {
        func at(_ amplitude: Int32, _ phase: Int32) -> Refusal? {
            base.treating { ($0.maximum, $0.phase) = (amplitude, phase) }.refusal
        }
        // k = 1.16, 1.31, 1.45, 1.41.
        #expect(at(5_000, 300) == nil)
        #expect(at(6_000, 300) == nil)
        #expect(at(7_000, 300) == nil)
        #expect(at(10_000, 200) == nil)
        // k = 1.76 and 2.01.
        #expect(
            RefusedLimit(at(10_000, 300))
                == RefusedLimit(.chargePerPhase, asked: 3_000_000, limit: 2_972_075, setBy: .needleGeometry))
        #expect(RefusedLimit(at(10_000, 400))?.kind == .chargePerPhase)
        // The same on 0.30 × 40 mm passes: 4.60 µC, and above the table's own 4 µC it is refused by that.
        let large = base.with { $0.contact = NeedleCase.needle(300, 40) }
        #expect(large.treating { ($0.maximum, $0.phase) = (10_000, 400) }.refusal == nil)
        #expect(
            RefusedLimit(large.treating { ($0.maximum, $0.phase) = (10_000, 450) }.refusal)
                == RefusedLimit(.chargePerPhase, asked: 4_500_000, limit: 4_000_000))
    }

    // Proves R-LIM-08.
    @Test func `what calibration allows above the set current counts in the charge`() {
        // 2.5 µC · 1.188 = 2.97, · 1.189 = 2.9725 µC against 2.972075.
        let strong = base.treating { $0.maximum = 10_000 }
        #expect(strong.with { $0.tolerancePermille = 188 }.refusal == nil)
        #expect(
            RefusedLimit(strong.with { $0.tolerancePermille = 189 }.refusal)
                == RefusedLimit(.chargePerPhase, asked: 2_972_500, limit: 2_972_075, setBy: .needleGeometry))
    }

    // Proves R-NDL-05.
    @Test func `a needle thinner than 0_25 mm or less than 15 mm deep is refused`() {
        #expect(base.with { $0.contact = NeedleCase.needle(250, 15) }.refusal == nil)
        #expect(
            base.with { $0.contact = NeedleCase.needle(249, 15) }.refusal
                == .needleTooSmall(diameterMicrometres: 249, insertedMillimetres: 15))
        #expect(
            base.with { $0.contact = NeedleCase.needle(250, 14) }.refusal
                == .needleTooSmall(diameterMicrometres: 250, insertedMillimetres: 14))
        #expect(base.with { $0.contact = NeedleCase.needle(.min, .max) }.refusal != nil)
    }

    // Proves R-GATE-11.
    @Test func `pads for a needle dose and needles for one on pads are refused`() {
        let pad = ElectrodeContact.pad(PadArea(squareMillimetres: 2_500))
        #expect(base.with { $0.contact = pad }.refusal == .contactMismatch)
        let surface = Prescription(
            search: nil, treatment: DoseSketch.relieve.dose, channel: .first, contact: NeedleCase.needle(250, 20),
            capabilities: .p24LowLevel,
            history: TreatmentHistory(earlierTreatments: 2, millisecondsSinceLast: 30 * 86_400_000),
            limits: .absoluteSurface)
        let found = refusal { () throws(Refusal) in _ = try Authorization.examine(surface, for: .surface) }
        #expect(found != nil)
    }

    // MARK: - Direct current

    // Proves R-LIM-11.
    @Test func `direct current of the sheet: 2 % of 3 µC at 100 Hz is 6 µA, 5 % is 15`() {
        func nanoamperes(_ imbalance: Int32, _ residual: Int32 = 0, millihertz: Int32 = 100_000) -> Int64 {
            PulseLimits.directCurrentNanoamperes(
                Pulse(
                    symmetric: Current(microamperes: 10_000), phaseDuration: PhaseDuration(microseconds: 300),
                    interphaseGap: PhaseDuration(microseconds: 0)), at: Frequency(millihertz: millihertz),
                .needleRig(
                    residualOffsetNanoamperes: residual, imbalancePermille: imbalance, tolerancePermille: 0))
        }
        #expect(nanoamperes(10) == 3_000)
        #expect(nanoamperes(20) == 6_000)
        #expect(nanoamperes(50) == 15_000)
        #expect(nanoamperes(20, millihertz: 50_000) == 3_000)
        #expect(nanoamperes(20, 500) == 6_500)
        // An offset has no sign here: the two never make up for each other.
        #expect(nanoamperes(20, -500) == 6_500)
        #expect(nanoamperes(0, .min) == 2_147_483_648)
    }

    // Proves R-LIM-11.
    @Test func `the direct current budget at its bound and a nanoampere above`() {
        // 10 mA · 250 µs · 2 % · 15 Hz is 750 nA; 9,250 more are the 10 µA.
        let budget = base.with { $0.imbalancePermille = 20 }.treating {
            ($0.maximum, $0.millihertz) = (10_000, 15_000)
        }
        #expect(budget.with { $0.residualNanoamperes = 9_250 }.refusal == nil)
        #expect(
            RefusedLimit(budget.with { $0.residualNanoamperes = 9_251 }.refusal)
                == RefusedLimit(.directCurrent, asked: 10_001, limit: 10_000))
        #expect(RefusedLimit(budget.with { $0.residualNanoamperes = -9_251 }.refusal)?.kind == .directCurrent)
    }

    // MARK: - Other limits of needles

    // Proves R-LIM-02, R-LIM-06, R-AMP-01.
    @Test func `amplitude, phase, gap and step keep to the rig`() {
        #expect(
            RefusedLimit(base.treating { ($0.maximum, $0.phase) = (10_001, 200) }.refusal)
                == RefusedLimit(.amplitude, asked: 10_001, limit: 10_000))
        #expect(base.treating { ($0.maximum, $0.phase) = (10_000, 200) }.refusal == nil)
        #expect(RefusedLimit(base.treating { $0.step = 101 }.refusal)?.kind == .amplitudeStep)
        #expect(base.treating { $0.step = 99 }.refusal == .amplitudeOffGrid(microamperes: 99))
        for phase in [50, 100, 250, 500] as [Int32] { #expect(base.treating { $0.phase = phase }.refusal == nil) }
        for phase in [51, 225, 249, 251, 499] as [Int32] {
            #expect(base.treating { $0.phase = phase }.refusal == .phaseNotSupported(microseconds: phase))
        }
        #expect(base.treating { $0.gap = 50 }.refusal == nil)
        #expect(base.treating { $0.gap = 25 }.refusal == .phaseNotSupported(microseconds: 250))
        #expect(base.with { $0.channel = Channel(number: 3) ?? .first }.refusal == .noSuchChannel)
    }

    // Proves R-DUR-01, R-RATE-05, R-RATE-07.
    @Test func `half an hour at most, a search at 2 Hz at most, and no contractions`() {
        #expect(base.treating { $0.pattern = .continuous(milliseconds: 1_800_000) }.refusal == nil)
        #expect(
            RefusedLimit(base.treating { $0.pattern = .continuous(milliseconds: 1_800_001) }.refusal)
                == RefusedLimit(.sessionTime, asked: 1_800_001, limit: 1_800_000))
        let searching = base.with { $0.search = NeedleCase.searched }
        #expect(searching.refusal == nil)
        #expect(
            RefusedLimit(searching.with { $0.search?.millihertz = 2_001 }.refusal)
                == RefusedLimit(.frequency, asked: 2_001, limit: 2_000))
        #expect(searching.with { $0.search?.phase = 200 }.refusal == .searchMismatch)
        #expect(
            base.treating { $0.pattern = .contractions(DoseSketch.cycle(), count: 5) }.refusal == .patternNotForNeedles)
    }

    // Proves R-AMP-08.
    @Test func `above 15 Hz only with a search in the same plan`() {
        #expect(base.treating { $0.millihertz = 15_000 }.refusal == nil)
        #expect(base.treating { $0.millihertz = 15_001 }.refusal == .motorThresholdMissing)
        #expect(base.with { $0.search = NeedleCase.searched }.treating { $0.millihertz = 15_001 }.refusal == nil)
        let dense = Pattern.denseDisperse(
            milliseconds: 60_000, denseMilliseconds: 3_000, sparseFrequency: Frequency(millihertz: 2_000),
            sparseMilliseconds: 3_000)
        #expect(
            base.treating { ($0.millihertz, $0.pattern) = (100_000, dense) }.refusal == .motorThresholdMissing)
    }

    // Proves R-DUR-04, R-DUR-05.
    @Test func `24 hours of rest, also after a first session on needles; a first session is Relieve`() {
        let day: Int64 = 86_400_000
        #expect(base.with { $0.millisecondsSinceLast = day }.refusal == nil)
        #expect(base.with { ($0.earlierTreatments, $0.millisecondsSinceLast) = (1, day) }.refusal == nil)
        #expect(
            RefusedLimit(base.with { $0.millisecondsSinceLast = day - 1 }.refusal)?.kind == .restBetweenSessions)
        let first = base.with { $0.earlierTreatments = 0 }
        #expect(first.refusal == nil)
        #expect(first.treating { $0.stage = .restore }.refusal == .firstSessionStage)
    }

    // Proves R-GATE-01, R-STOP-16, R-NDL-07.
    @Test func `each gate alone is missed`() {
        let required = Clearance.required(for: .needle)
        var gates = 0
        for bit in 0..<32 {
            let gate = GateSet(rawValue: 1 << UInt32(bit))
            guard required.subtracting(gate) != required else { continue }
            gates += 1
            #expect(base.with { $0.passed = required.subtracting(gate) }.refusal == .gatesMissing(gate))
        }
        // Ten of a session on pads, three of the needles, the isolator's attestation and no open incident.
        #expect(gates == 15)
        #expect(base.with { $0.passed = .none }.refusal == .gatesMissing(required))
        // What pads need is not enough.
        #expect(base.with { $0.passed = Clearance.required(for: .surface) }.refusal != nil)
    }
}

@Suite struct NeedleGateTests {
    /// A gate with a search behind it in which `searched` µA were let through.
    private struct World: ~Copyable {
        var gate: PulseGate
        var arming: Arming
        var milliseconds: Int64 = 0
        var run: Int32 = 0

        init(_ plan: AuthorizedPlan) throws(Refusal) {
            var made = PulseGate(plan: plan)
            let armed = try made.arm(condition: .off, at: Instant(nanoseconds: 0))
            gate = made
            arming = armed
        }

        var now: Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

        func request(_ part: PlanPart, _ amplitude: Int32) -> PulseRequest {
            PulseRequest(
                part: part, run: run, setAmplitude: Current(microamperes: amplitude),
                amplitude: Current(microamperes: amplitude), isOnPlateau: true, contraction: 0)
        }

        mutating func pulse(_ part: PlanPart, _ amplitude: Int32) throws(Refusal) {
            let passed = try gate.authorize(request(part, amplitude), under: arming, condition: .ready, at: now)
            #expect(passed.pulse.netCharge.picocoulombs == 0)
        }

        mutating func raise(_ part: PlanPart, to target: Int32) throws(Refusal) {
            run += 1
            for amplitude in stride(from: Int32(100), through: target, by: 100) {
                milliseconds += 600
                try pulse(part, amplitude)
            }
            milliseconds += 600
        }

        func setting(_ part: PlanPart, _ amplitude: Int32, _ condition: StimulatorCondition = .ready) -> Refusal? {
            do throws(Refusal) {
                _ = try gate.allowSetting(request(part, amplitude), under: arming, condition: condition, at: now)
                return nil
            } catch {
                return error
            }
        }
    }

    private static func plan() throws -> AuthorizedPlan {
        try NeedleCase(search: NeedleCase.searched).treating { $0.millihertz = 100_000 }.authorize()
    }

    // Proves R-AMP-08.
    @Test func `above 15 Hz no pulse and no setting reaches 80 % of the mark`() throws {
        var world = try World(Self.plan())
        try world.raise(.search, to: 1_000)
        world.gate.follow(motorThreshold: Current(microamperes: 1_000), at: .first)
        try world.raise(.treatment, to: 700)
        // Noncopyable values stay out of expectations.
        let refused = Refusal.limit(.amplitude, asked: 800, limit: 799, setBy: .motorThreshold)
        #expect(world.setting(.treatment, 800) == refused)
        #expect(refusal { () throws(Refusal) in try world.pulse(.treatment, 800) } == refused)
        #expect(refusal { () throws(Refusal) in try world.pulse(.treatment, 700) } == nil)
    }

    // Proves R-AMP-08.
    @Test func `without a mark nothing runs above 15 Hz, and a mark that was never searched is not believed`() throws {
        var world = try World(Self.plan())
        try world.raise(.search, to: 500)
        world.run += 1
        #expect(refusal { () throws(Refusal) in try world.pulse(.treatment, 100) } == .motorThresholdMissing)
        #expect(world.setting(.treatment, 100) == .motorThresholdMissing)
        for marked in [501, 600, 10_000, Int32.max, 0, -1, .min] {
            world.gate.follow(motorThreshold: Current(microamperes: marked), at: .first)
            #expect(world.setting(.treatment, 100) == .motorThresholdMissing, "\(marked)")
        }
        // A mark on the other channel is none here.
        world.gate.follow(motorThreshold: Current(microamperes: 500), at: .second)
        #expect(world.setting(.treatment, 100) == .motorThresholdMissing)
        world.gate.follow(motorThreshold: Current(microamperes: 500), at: .first)
        #expect(world.setting(.treatment, 100) == nil)
    }

    // Proves R-AMP-08.
    @Test func `before any search not even a mark of one microampere is believed`() throws {
        var world = try World(Self.plan())
        (world.run, world.milliseconds) = (1, 600)
        world.gate.follow(motorThreshold: Current(microamperes: 1), at: .first)
        #expect(world.setting(.treatment, 100) == .motorThresholdMissing)
    }

    // Proves R-AMP-08.
    @Test func `no mark of nothing takes a mark away, and one of a microampere is one`() throws {
        var world = try World(Self.plan())
        try world.raise(.search, to: 500)
        world.run += 1
        func known() -> Int32 { world.gate.accounts[0].motorThresholdMicroamperes }
        world.gate.follow(motorThreshold: Current(microamperes: 500), at: .first)
        for marked: Int32 in [0, -1, -500, .min, 501] {
            world.gate.follow(motorThreshold: Current(microamperes: marked), at: .first)
            #expect(known() == 500, "\(marked)")
        }
        world.gate.follow(motorThreshold: Current(microamperes: 1), at: .first)
        #expect(known() == 1)
        world.gate.follow(motorThreshold: Current(microamperes: 500), at: .first)
        #expect(known() == 1)
        // Below 80 % of 1 µA there is nothing.
        #expect(world.setting(.treatment, 100) == .limit(.amplitude, asked: 100, limit: 0, setBy: .motorThreshold))
    }

    // Proves R-AMP-08.
    @Test(arguments: [(125, false), (126, true)] as [(Int32, Bool)])
    func `strictly below 80 % is below to the last microampere`(marked: Int32, isAllowed: Bool) throws {
        var world = try World(Self.plan())
        try world.raise(.search, to: 200)
        world.run += 1
        world.gate.follow(motorThreshold: Current(microamperes: marked), at: .first)
        // 80 % of 125 µA is 100 µA; of 126 µA it is 100.8.
        let refused = Refusal.limit(.amplitude, asked: 100, limit: 99, setBy: .motorThreshold)
        #expect(world.setting(.treatment, 100) == (isAllowed ? nil : refused))
    }

    // Proves R-AMP-08.
    @Test func `of several marks the lowest holds, in whatever order they come`() throws {
        for marks in [[1_000, 500], [500, 1_000], [500, 700, 500]] as [[Int32]] {
            var world = try World(Self.plan())
            try world.raise(.search, to: 1_000)
            for marked in marks { world.gate.follow(motorThreshold: Current(microamperes: marked), at: .first) }
            try world.raise(.treatment, to: 300)
            #expect(
                world.setting(.treatment, 400) == .limit(.amplitude, asked: 400, limit: 399, setBy: .motorThreshold))
        }
    }

    // Proves R-AMP-01, R-AMP-02, R-FLT-04.
    @Test func `leave to set is judged as a pulse is, and moves no account`() throws {
        var world = try World(Self.plan())
        world.run = 1
        world.milliseconds = 600
        #expect(world.setting(.search, 100, .off) == .stimulatorNotReady)
        #expect(world.setting(.search, 0) != nil)
        #expect(world.setting(.search, 150) != nil, "off the grid")
        #expect(RefusedLimit(world.setting(.search, 200))?.kind == .amplitudeStep)
        #expect(world.setting(.search, 3_100) != nil, "above the ceiling")
        for _ in 0..<1_000 { #expect(world.setting(.search, 100) == nil) }
        #expect(world.gate.charged(.first).picocoulombs == 0)
        // Only what was delivered is a step to the next.
        #expect(world.setting(.search, 200) != nil)
        try world.pulse(.search, 100)
        world.milliseconds += 199
        #expect(RefusedLimit(world.setting(.search, 200))?.kind == .amplitudeRise)
        world.milliseconds += 1
        #expect(world.setting(.search, 200) == nil)
    }
}
