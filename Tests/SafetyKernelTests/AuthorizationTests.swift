import SafetyKernel
import StimulusModel
import Testing

@Suite struct AuthorizationTests {
    private let day: Int64 = 24 * 3_600_000

    /// At the bound it is let through; the other one is refused with this limit.
    private func expectBound(_ at: CaseSketch, _ over: CaseSketch, _ refused: RefusedLimit) {
        #expect(at.refusal == nil, "\(refused.kind) at its bound")
        #expect(RefusedLimit(over.refusal) == refused)
    }

    private func treating(_ change: (inout DoseSketch) -> Void) -> CaseSketch {
        CaseSketch().with { $0.treatment = DoseSketch.relieve.with(change) }
    }

    // MARK: - Each limit at its bound and one step over

    // Proves R-LIM-01, R-LIM-05.
    @Test func `amplitude`() {
        expectBound(
            treating { $0.maximum = 80_000 }, treating { $0.maximum = 80_001 },
            RefusedLimit(.amplitude, asked: 80_001, limit: 80_000))
    }

    // Proves R-LIM-06.
    @Test func `phase duration`() {
        expectBound(
            treating { $0.phase = 500 }, treating { $0.phase = 501 },
            RefusedLimit(.longestPhase, asked: 501, limit: 500))
        expectBound(
            treating { $0.phase = 50 }, treating { $0.phase = 49 }, RefusedLimit(.shortestPhase, asked: 49, limit: 50))
    }

    // Proves R-LIM-07.
    @Test func `frequency`() {
        expectBound(
            treating { $0.millihertz = 100_000 }, treating { $0.millihertz = 100_001 },
            RefusedLimit(.frequency, asked: 100_001, limit: 100_000))
        expectBound(
            treating { $0.millihertz = 1_000 }, treating { $0.millihertz = 999 },
            RefusedLimit(.lowestFrequency, asked: 999, limit: 1_000))
    }

    // Proves R-LIM-08.
    @Test func `charge per phase`() {
        // 32 µC is 80 mA × 400 µs.
        expectBound(
            treating { ($0.maximum, $0.phase) = (80_000, 400) }, treating { ($0.maximum, $0.phase) = (80_000, 401) },
            RefusedLimit(.chargePerPhase, asked: 32_080_000, limit: 32_000_000))
    }

    // Proves R-DUR-01.
    @Test func `session time`() {
        expectBound(
            // At a low rate, or the charge of the day would come first.
            treating { ($0.pattern, $0.millihertz) = (.continuous(milliseconds: 1_200_000), 10_000) },
            treating { ($0.pattern, $0.millihertz) = (.continuous(milliseconds: 1_200_001), 10_000) },
            RefusedLimit(.sessionTime, asked: 1_200_001, limit: 1_200_000))
    }

    // Proves R-DUR-03.
    @Test func `contractions`() {
        let short = DoseSketch.cycle(up: 500, plateau: 500, down: 500, rest: 1_000)
        expectBound(
            treating { $0.pattern = .contractions(short, count: 30) },
            treating { $0.pattern = .contractions(short, count: 31) },
            RefusedLimit(.contractions, asked: 31, limit: 30))
    }

    // Proves R-AMP-01.
    @Test func `step of the raise key`() {
        expectBound(
            treating { $0.step = 1_000 }, treating { $0.step = 1_001 },
            RefusedLimit(.amplitudeStep, asked: 1_001, limit: 1_000))
    }

    // Proves R-AMP-01.
    @Test func `a search on pads is raised in half milliamperes`() {
        let search = CaseSketch().with { ($0.search, $0.treatment) = (.search, nil) }
        expectBound(
            search.with { $0.search?.step = 500 }, search.with { $0.search?.step = 1_000 },
            RefusedLimit(.amplitudeStep, asked: 1_000, limit: 500))
    }

    // Proves R-LIM-14.
    /// `clinical.md` 1.7: 80 mA · 400 µs · 50 Hz on 8 cm² stands exactly at 2 mA r.m.s./cm².
    @Test func `current density under the pad`() {
        let strong = treating { ($0.maximum, $0.phase, $0.millihertz) = (80_000, 400, 50_000) }
        expectBound(
            strong.with { $0.squareMillimetres = 800 }, strong.with { $0.squareMillimetres = 799 },
            RefusedLimit(.currentDensity, asked: 2_003, limit: 2_000))
    }

    // Proves R-LIM-14.
    @Test func `pad area`() {
        let weak = treating { $0.maximum = 1_000 }
        #expect(weak.with { $0.squareMillimetres = 100 }.refusal == nil)
        #expect(weak.with { $0.squareMillimetres = 20_000 }.refusal == nil)
        for area: Int32 in [99, 20_001, 0, -1, Int32.min, Int32.max] {
            #expect(
                weak.with { $0.squareMillimetres = area }.refusal == .padAreaImplausible(squareMillimetres: area))
        }
    }

    // Proves R-DUR-04.
    @Test func `rest since the last session`() {
        let second = CaseSketch().with { ($0.earlierTreatments, $0.millisecondsSinceLast) = (2, day) }
        expectBound(
            second, second.with { $0.millisecondsSinceLast = day - 1 },
            RefusedLimit(.restBetweenSessions, asked: day - 1, limit: day))
    }

    // Proves R-DUR-04.
    @Test func `rest after the first session is two days`() {
        let second = CaseSketch().with { ($0.earlierTreatments, $0.millisecondsSinceLast) = (1, 2 * day) }
        expectBound(
            second, second.with { $0.millisecondsSinceLast = 2 * day - 1 },
            RefusedLimit(.restBetweenSessions, asked: 2 * day - 1, limit: 2 * day, setBy: .firstSession))
    }

    // Proves R-DUR-05.
    @Test func `a first session has ten contractions`() {
        let first = CaseSketch().with { $0.earlierTreatments = 0 }
        expectBound(
            first, first.with { $0.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 11) },
            RefusedLimit(.contractions, asked: 11, limit: 10, setBy: .firstSession))
    }

    // Proves R-DUR-05.
    @Test(arguments: [CareStage.restore, .elevate]) func `a first session relieves only`(stage: CareStage) {
        let first = CaseSketch().with {
            $0.earlierTreatments = 0
            $0.treatment?.stage = stage
        }
        #expect(first.refusal == .firstSessionStage)
        #expect(first.with { $0.earlierTreatments = -1 }.refusal == .firstSessionStage)
        #expect(first.with { $0.earlierTreatments = 2 }.refusal == nil)
    }

    // Proves R-DUR-05, R-DUR-04.
    @Test func `what is not proven lifts no rule of a first session, and counts for rest`() {
        let hours: Int64 = 3_600_000
        let dose = DoseSketch.relieve.dose
        func judge(_ dose: Dose, _ sinceLast: Int64) -> Refusal? {
            let history = TreatmentHistory(
                earlierTreatments: 3, millisecondsSinceLast: sinceLast, provenTreatments: 0)
            return refusal { () throws(Refusal) in try Authorization.checkHistory(dose, history) }
        }
        #expect(judge(DoseSketch.relieve.with { $0.stage = .elevate }.dose, 100 * hours) == .firstSessionStage)
        #expect(judge(dose, 48 * hours) == nil)
        #expect(
            RefusedLimit(judge(dose, 48 * hours - 1))
                == RefusedLimit(
                    .restBetweenSessions, asked: 48 * hours - 1, limit: 48 * hours, setBy: .firstSession))
        let more = DoseSketch.relieve.with { $0.pattern = .contractions(DoseSketch.cycle(), count: 11) }.dose
        #expect(
            RefusedLimit(judge(more, 100 * hours))
                == RefusedLimit(.contractions, asked: 11, limit: 10, setBy: .firstSession))
    }

    // Proves R-DUR-09.
    @Test func `a clock set back refuses, since rest cannot be judged`() {
        let back = CaseSketch().with { $0.millisecondsSinceLast = -1 }
        #expect(back.refusal == .clockSetBack)
        #expect(back.with { $0.earlierTreatments = 1 }.refusal == .clockSetBack)
        // With no earlier session there is nothing to rest from.
        #expect(back.with { $0.earlierTreatments = 0 }.refusal == nil)
    }

    // Proves R-DUR-04.
    @Test func `a search alone asks for no rest`() {
        let search = CaseSketch().with {
            ($0.search, $0.treatment) = (.search, nil)
            ($0.earlierTreatments, $0.millisecondsSinceLast) = (1, 0)
        }
        #expect(search.refusal == nil)
    }

    // MARK: - What may be lowered and by whom

    // Proves R-LIM-03.
    @Test func `the ceiling is the lowest of all and says who set it`() throws {
        let protocolCap = try #require(try CaseSketch().authorize().first.treatment)
        #expect(protocolCap.ceiling.microamperes == 40_000)
        #expect(protocolCap.ceilingSetBy == .protocolFile)

        var limits = LimitTable.absoluteSurface
        limits.tighten(.amplitude, to: 25_250, by: .practitioner)
        let lowered = try #require(try CaseSketch().with { $0.limits = limits }.authorize().first.treatment)
        // Down to the device's grid, never up.
        #expect(lowered.ceiling.microamperes == 25_000)
        #expect(lowered.ceilingSetBy == .practitioner)

        let full = try #require(try treating { $0.maximum = 80_000 }.authorize().first.treatment)
        #expect(full.ceiling.microamperes == 80_000)
        #expect(full.ceilingSetBy == .absolute)
    }

    // Proves R-LIM-03, R-LIM-06.
    @Test func `a device that can do less lowers the ceiling`() throws {
        let small = DeviceCapabilities(
            electrodeKind: .surface, channelCount: 1, maximumAmplitude: Current(microamperes: 20_000),
            amplitudeStep: Current(microamperes: 1_000), shortestPhase: PhaseDuration(microseconds: 100),
            longestPhase: PhaseDuration(microseconds: 300), electrodeLossDetectedFrom: .zero,
            outputAfterHostDeathMicroseconds: 0)
        let sketch = CaseSketch().with { $0.device = small }
        let dose = try #require(try sketch.authorize().first.treatment)
        #expect(dose.ceiling.microamperes == 20_000)
        #expect(dose.ceilingSetBy == .device)
        #expect(sketch.with { $0.treatment?.phase = 301 }.refusal == .phaseNotSupported(microseconds: 301))
        #expect(sketch.with { $0.treatment?.phase = 99 }.refusal == .phaseNotSupported(microseconds: 99))
        let second = Channel(number: 2)
        #expect(sketch.with { $0.channel = second ?? .first }.refusal == .noSuchChannel)
    }

    // Proves R-LIM-03.
    @Test func `a ceiling below one step of the device is refused`() {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.amplitude, to: 499, by: .clinic)
        let why = RefusedLimit(CaseSketch().with { $0.limits = limits }.refusal)
        #expect(why?.kind == .amplitude)
        #expect(why?.setBy == .clinic)
        limits.tighten(.amplitude, to: -80_000, by: .clinic)
        #expect(CaseSketch().with { $0.limits = limits }.refusal != nil)
    }

    // Proves R-AMP-01.
    @Test func `a press smaller than the device can follow is refused`() {
        #expect(treating { $0.step = 500 }.refusal == nil)
        #expect(treating { $0.step = 499 }.refusal == .amplitudeOffGrid(microamperes: 499))
        #expect(treating { $0.step = 100 }.refusal == .amplitudeOffGrid(microamperes: 100))
    }

    // Proves R-LIM-06.
    @Test func `a gap that the device cannot keep is refused`() {
        #expect(treating { $0.gap = 0 }.refusal == nil)
        #expect(treating { $0.gap = 10 }.refusal == nil)
        #expect(treating { $0.gap = 1_000 }.refusal == nil)
        for gap: Int32 in [1, 9, 1_001, Int32.max] {
            #expect(treating { $0.gap = gap }.refusal == .phaseNotSupported(microseconds: gap))
        }
        #expect(treating { $0.gap = -1 }.refusal == .malformedPattern)
    }

    // Proves R-LIM-05, R-DUR-01, R-DUR-03.
    @Test func `clinic and practitioner limits refuse a whole session`() {
        var limits = LimitTable.absoluteSurface
        limits.tighten(.contractions, to: 6, by: .checklist)
        #expect(
            RefusedLimit(CaseSketch().with { $0.limits = limits }.refusal)
                == RefusedLimit(.contractions, asked: 10, limit: 6, setBy: .checklist))
        limits = .absoluteSurface
        limits.tighten(.sessionTime, to: 239_999, by: .clinic)
        #expect(
            RefusedLimit(CaseSketch().with { $0.limits = limits }.refusal)
                == RefusedLimit(.sessionTime, asked: 240_000, limit: 239_999, setBy: .clinic))
    }

    // MARK: - Needle and surface

    // Proves R-GATE-11.
    @Test func `needle and surface never interchange`() {
        // The dose against the device, against the clearance, and against the table of limits.
        #expect(
            CaseSketch().with { $0.treatment = .needle }.refusal == .electrodeKind(asked: .needle, rated: .surface))
        #expect(CaseSketch().with { $0.device = needleDevice }.refusal != nil)
        #expect(
            CaseSketch().with { $0.cleared = .needle }.refusal == .electrodeKind(asked: .surface, rated: .needle))
        let onNeedles = CaseSketch().with {
            ($0.treatment, $0.device, $0.cleared, $0.limits) = (.needle, needleDevice, .needle, .absoluteNeedle)
            $0.needle = NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)
        }
        #expect(onNeedles.refusal == nil)
        #expect(onNeedles.with { $0.needle = nil }.refusal == .contactMismatch)
        #expect(onNeedles.with { $0.limits = .absoluteSurface }.refusal != nil)
        #expect(CaseSketch().with { $0.limits = .absoluteNeedle }.refusal != nil)
        #expect(treating { $0.maximum = 4_000 }.with { $0.limits = .absoluteNeedle }.refusal != nil)
    }

    // Proves R-LIM-02.
    @Test func `a milliampere slip on needles is refused`() {
        // A paper prints "45 mA" for needles [PMC5775601]: the software must reject such a number.
        let slip = CaseSketch().with {
            ($0.treatment, $0.device, $0.cleared, $0.limits) = (.needle, needleDevice, .needle, .absoluteNeedle)
            $0.needle = NeedleGeometry(diameterMicrometres: 250, insertedMillimetres: 20)
            $0.treatment?.maximum = 45_000
        }
        #expect(RefusedLimit(slip.refusal) == RefusedLimit(.amplitude, asked: 45_000, limit: 10_000))
    }

    // MARK: - Search and treatment

    // Proves R-GATE-12.
    @Test func `a search belongs to its treatment`() {
        let both = CaseSketch().with { $0.search = .search }
        #expect(both.refusal == nil)
        #expect(both.with { $0.search?.muscle = .gluteusMedius }.refusal == .searchMismatch)
        #expect(both.with { $0.search?.phase = 200 }.refusal == .searchMismatch)
        #expect(both.with { $0.search?.stage = .relieve }.refusal == .searchMismatch)
        #expect(both.with { $0.treatment?.stage = .search }.refusal == .searchMismatch)
        // A search is one train: contractions in it would be taken from the dose.
        #expect(
            both.with { $0.search?.pattern = .contractions(DoseSketch.cycle(), count: 3) }.refusal == .searchMismatch)
    }

    // Proves R-GATE-12.
    @Test func `nothing to do is refused`() {
        #expect(CaseSketch().with { $0.treatment = nil }.refusal == .nothingToDo)
    }
}
