// Bounds of the authorization that one more test of the ordinary kind would step over.
import SafetyKernel
import StimulusModel
import Testing

@Suite struct AuthorizationEdgeTests {
    private let hour: Int64 = 3_600_000

    // Proves R-RATE-08.
    @Test func `a plan of one channel has one, and nothing at the second place`() throws {
        let plan = try CaseSketch().authorize()
        #expect(plan.channelCount == 1)
        #expect(plan.channel(at: .first)?.channel == .first)
        #expect(plan.channel(at: .second) == nil)
        #expect(plan.first.dose(.search) == nil)
        #expect(plan.first.dose(.treatment) == plan.first.treatment)
        #expect(plan.limits[.amplitude] == plan.first.limits[.amplitude])
    }

    // Proves R-LIM-16.
    @Test func `a debt of charge is no room, and none before is none`() {
        // 12 µC a pulse, 210 pulses a contraction, fifteen of them.
        let worst: Int64 = 12_000_000 * 210 * 15
        var sketch = CaseSketch()
        sketch.limits.tighten(.chargePerDay, to: worst, by: .clinic)
        #expect(sketch.refusal == nil)
        sketch.limits.tighten(.chargePerDay, to: worst - 1, by: .clinic)
        let over = RefusedLimit(.chargePerDay, asked: worst, limit: worst - 1, setBy: .clinic)
        for debt in [0, -1, -worst, Int64.min] {
            #expect(RefusedLimit(sketch.with { $0.chargeToday = debt }.refusal) == over, "\(debt)")
        }
    }

    // Proves R-DUR-06.
    @Test func `fewer than no treatments today are none`() {
        var alone = CaseSketch()
        alone.limits.tighten(.sessionsPerDay, to: 1, by: .clinic)
        #expect(alone.refusal == nil)
        alone.limits.tighten(.sessionsPerDay, to: 0, by: .clinic)
        var pair = PairSketch()
        pair.limits.tighten(.sessionsPerDay, to: 2, by: .clinic)
        #expect(pair.refusal == nil)
        pair.limits.tighten(.sessionsPerDay, to: 1, by: .clinic)
        for today in [0, -1, -5, Int32.min] {
            #expect(
                RefusedLimit(alone.with { $0.treatmentsToday = today }.refusal)
                    == RefusedLimit(.sessionsPerDay, asked: 1, limit: 0, setBy: .clinic), "\(today)")
            #expect(
                RefusedLimit(pair.both { $0.treatmentsToday = today }.refusal)
                    == RefusedLimit(.sessionsPerDay, asked: 2, limit: 1, setBy: .clinic), "\(today)")
        }
    }

    // Proves R-DUR-01.
    @Test func `two that contract together wait for nobody`() {
        // Ten cycles of 24 s.
        var pair = PairSketch()
        pair.limits.tighten(.sessionTime, to: 240_000, by: .clinic)
        #expect(pair.refusal == nil)
    }

    // Proves R-DUR-05, R-DUR-04.
    @Test func `one proven treatment lifts the rules of a first session, but not its rest`() {
        let second = CaseSketch().with { ($0.earlierTreatments, $0.millisecondsSinceLast) = (1, 48 * hour) }
        #expect(second.with { $0.treatment?.stage = .restore }.refusal == nil)
        #expect(second.with { $0.treatment?.pattern = .contractions(DoseSketch.cycle(), count: 11) }.refusal == nil)
        let third = second.with { ($0.earlierTreatments, $0.millisecondsSinceLast) = (2, 24 * hour) }
        #expect(third.refusal == nil)
        // At once after the last is no clock that was set back.
        #expect(
            RefusedLimit(second.with { $0.millisecondsSinceLast = 0 }.refusal)
                == RefusedLimit(.restBetweenSessions, asked: 0, limit: 48 * hour, setBy: .firstSession))
    }

    // Proves R-LIM-06.
    @Test func `a gap keeps to what the device can, at both ends, and a device without a grid traps nothing`() {
        func device(phaseStep: Int32) -> DeviceCapabilities {
            DeviceCapabilities(
                electrodeKind: .surface, channelCount: 2, maximumAmplitude: Current(microamperes: 80_000),
                amplitudeStep: Current(microamperes: 500), shortestPhase: PhaseDuration(microseconds: 100),
                longestPhase: PhaseDuration(microseconds: 300), electrodeLossDetectedFrom: .zero,
                outputAfterHostDeathMicroseconds: 0, phaseStep: PhaseDuration(microseconds: phaseStep))
        }
        func refusal(gap: Int32, phaseStep: Int32 = 1) -> Refusal? {
            CaseSketch().with {
                $0.device = device(phaseStep: phaseStep)
                $0.treatment?.gap = gap
            }.refusal
        }
        for gap: Int32 in [0, 100, 101, 300] { #expect(refusal(gap: gap) == nil, "\(gap)") }
        for gap: Int32 in [99, 301] { #expect(refusal(gap: gap) == .phaseNotSupported(microseconds: gap)) }
        for step: Int32 in [0, -1, Int32.min] { #expect(refusal(gap: 101, phaseStep: step) == nil, "\(step)") }
    }

    // Proves R-LIM-03.
    @Test func `a ceiling of nothing is refused as nothing, with its owner`() {
        var sketch = CaseSketch()
        sketch.limits.tighten(.amplitude, to: 499, by: .checklist)
        #expect(sketch.refusal == .limit(.amplitude, asked: 0, limit: 0, setBy: .checklist))
        // One step of the device is enough.
        sketch.limits = .absoluteSurface
        sketch.limits.tighten(.amplitude, to: 500, by: .checklist)
        #expect(sketch.refusal == nil)
    }

    // Proves R-RATE-07.
    @Test func `not even one contraction goes through a needle`() {
        let one = NeedleCase().treating { $0.pattern = .contractions(DoseSketch.cycle(), count: 1) }
        #expect(one.refusal == .patternNotForNeedles)
    }

    // Proves R-AMP-01.
    @Test func `the smallest press is one microampere`() throws {
        let fine = DeviceCapabilities(
            electrodeKind: .surface, channelCount: 1, maximumAmplitude: Current(microamperes: 20_000),
            amplitudeStep: Current(microamperes: 1), shortestPhase: PhaseDuration(microseconds: 100),
            longestPhase: PhaseDuration(microseconds: 300), electrodeLossDetectedFrom: .zero,
            outputAfterHostDeathMicroseconds: 0)
        let sketch = CaseSketch().with {
            $0.device = fine
            $0.treatment?.step = 1
        }
        #expect(sketch.refusal == nil)
        #expect(sketch.with { $0.treatment?.step = 0 }.refusal == .malformedPattern)
        // And the gate lets a pulse of it through.
        var gate = PulseGate(plan: try sketch.authorize())
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1), under: arming, at: 1_000).isPulse)
        var least = sketch
        least.limits.tighten(.amplitude, to: 1, by: .practitioner)
        #expect(least.refusal == nil)
    }

    // Proves R-LIM-17, R-RATE-06.
    @Test func `a protocol without current, press or with less than no gap is none`() {
        func refused(_ change: (inout DoseSketch) -> Void) -> Refusal? {
            SafetyKernelTests.refusal { () throws(Refusal) in
                try Authorization.checkProtocol(DoseSketch.relieve.with(change).dose)
            }
        }
        #expect(refused { _ in } == nil)
        for number: Int32 in [0, -1, Int32.min] {
            #expect(refused { $0.maximum = number } == .malformedPattern)
            #expect(refused { $0.step = number } == .malformedPattern)
        }
        #expect(refused { ($0.maximum, $0.step) = (1, 1) } == nil)
        #expect(refused { $0.gap = -1 } == .malformedPattern)
        #expect(refused { $0.gap = 0 } == nil)
        #expect(refused { $0.gap = 1_000 } == nil)
        #expect(refused { $0.gap = 1_001 } == .phaseNotSupported(microseconds: 1_001))
    }

    // Proves R-LIM-05, R-LIM-18.
    /// What `protocols check` says before there is a device: each number of a dose at its bound, and the unit beyond.
    @Test func `a protocol alone is held to every absolute limit`() {
        func limit(_ change: (inout DoseSketch) -> Void) -> RefusedLimit? {
            RefusedLimit(
                SafetyKernelTests.refusal { () throws(Refusal) in
                    try Authorization.checkProtocol(DoseSketch.relieve.with(change).dose)
                })
        }
        let short = DoseSketch.cycle(up: 500, plateau: 500, down: 500, rest: 1_000)
        #expect(limit { $0.maximum = 80_001 } == RefusedLimit(.amplitude, asked: 80_001, limit: 80_000))
        #expect(limit { $0.step = 1_001 } == RefusedLimit(.amplitudeStep, asked: 1_001, limit: 1_000))
        #expect(limit { $0.phase = 501 } == RefusedLimit(.longestPhase, asked: 501, limit: 500))
        #expect(limit { $0.phase = 49 } == RefusedLimit(.shortestPhase, asked: 49, limit: 50))
        #expect(limit { $0.millihertz = 100_001 } == RefusedLimit(.frequency, asked: 100_001, limit: 100_000))
        #expect(limit { $0.millihertz = 999 } == RefusedLimit(.lowestFrequency, asked: 999, limit: 1_000))
        #expect(
            limit { $0.pattern = .contractions(short, count: 31) } == RefusedLimit(.contractions, asked: 31, limit: 30))
        #expect(
            limit { $0.pattern = .continuous(milliseconds: 1_200_001) }
                == RefusedLimit(.sessionTime, asked: 1_200_001, limit: 1_200_000))
        // 80 mA · 401 µs.
        #expect(
            limit { ($0.maximum, $0.phase) = (80_000, 401) }
                == RefusedLimit(.chargePerPhase, asked: 32_080_000, limit: 32_000_000))
        #expect(limit { ($0.maximum, $0.phase) = (80_000, 400) } == nil)
    }

    // Proves R-RATE-06.
    @Test func `a burst one millionth shorter than a period is none`() {
        func refused(_ burst: Int32, _ millihertz: Int32) -> Refusal? {
            CaseSketch().with {
                $0.treatment?.pattern = .burst(
                    milliseconds: 60_000, burstMilliseconds: burst, intervalMilliseconds: 200)
                $0.treatment?.millihertz = millihertz
                $0.treatment?.maximum = 10_000
            }.refusal
        }
        #expect(refused(99, 10_101) == .malformedPattern)
        #expect(refused(100, 10_000) == nil)
    }

    // Proves R-LIM-05.
    /// The same prescription gives the same refusal: of several limits that are broken the first of a fixed order is
    /// told.
    @Test func `each limit that a session may tighten refuses by itself, in a fixed order`() {
        let order: [LimitKind] = [
            .sessionsPerDay, .restBetweenSessions, .longestPhase, .shortestPhase, .frequency, .lowestFrequency,
            .contractions, .sessionTime, .amplitudeStep, .chargePerPhase, .netCharge, .rootMeanSquare, .energyPerPulse,
            .directCurrent, .currentDensity, .powerDensity, .chargePerDay,
        ]
        for first in order.indices {
            var limits = LimitTable.absoluteSurface
            for kind in order[first...] { limits.tighten(kind, to: kind.isLowerBound ? Int64.max : -1, by: .clinic) }
            let refused = RefusedLimit(CaseSketch().with { $0.limits = limits }.refusal)
            #expect(refused?.kind == order[first])
            #expect(refused?.setBy == .clinic)
            #expect(refused?.limit == (order[first].isLowerBound ? Int64.max : -1))
        }
    }

    // Proves R-RATE-06.
    @Test func `a train of one millisecond is one, and a rate of nothing is no rate`() {
        func refused(_ pattern: Pattern) -> Refusal? {
            CaseSketch().with {
                $0.treatment?.pattern = pattern
                $0.treatment?.maximum = 10_000
            }.refusal
        }
        func dispersed(_ milliseconds: Int32, at millihertz: Int32) -> Pattern {
            .denseDisperse(
                milliseconds: milliseconds, denseMilliseconds: 3_000,
                sparseFrequency: Frequency(millihertz: millihertz), sparseMilliseconds: 3_000)
        }
        #expect(refused(.continuous(milliseconds: 1)) == nil)
        #expect(refused(.burst(milliseconds: 1, burstMilliseconds: 200, intervalMilliseconds: 1_500)) == nil)
        #expect(refused(dispersed(1, at: 2_000)) == nil)
        #expect(refused(dispersed(1, at: 0)) == .malformedPattern)
        #expect(
            RefusedLimit(refused(dispersed(1, at: 1))) == RefusedLimit(.lowestFrequency, asked: 1, limit: 1_000))
    }

    // Proves R-RATE-05, R-LIM-07.
    @Test func `only a needle's search is held to 2 Hz`() {
        let search = CaseSketch().with { ($0.search, $0.treatment) = (.search, nil) }
        #expect(search.with { $0.search?.millihertz = 2_001 }.refusal == nil)
        #expect(search.with { $0.search?.millihertz = 10_000 }.refusal == nil)
    }

    // Proves R-LIM-04.
    @Test func `who was first at a lower bound keeps the name as well`() {
        var table = LimitTable.absoluteSurface
        table.tighten(.shortestPhase, to: 50, by: .clinic)
        #expect(table[.shortestPhase].setBy == .absolute)
        table.tighten(.shortestPhase, to: 51, by: .clinic)
        table.tighten(.shortestPhase, to: 51, by: .practitioner)
        #expect(table[.shortestPhase].setBy == .clinic)
        #expect(table[.shortestPhase].value == 51)
    }

    /// A stimulator of a bench, to be made odd in one place.
    private func device(
        _ kind: ElectrodeKind = .surface, channels: UInt8 = 2, maximum: Int32 = 20_000, step: Int32 = 500
    ) -> DeviceCapabilities {
        DeviceCapabilities(
            electrodeKind: kind, channelCount: channels, maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: step), shortestPhase: PhaseDuration(microseconds: 50),
            longestPhase: PhaseDuration(microseconds: 500), electrodeLossDetectedFrom: .zero,
            outputAfterHostDeathMicroseconds: 0)
    }

    private func bench(
        _ levels: [Int32], millihertz: Int32 = 20_000, channel: UInt8 = 1, on device: DeviceCapabilities,
        cleared: ElectrodeKind? = nil, phase: Int32 = 200,
        load: AttestedLoad = AttestedLoad(ohms: 1_000, tolerancePermille: 10, ratedMilliwatts: 5_000)
    ) throws -> Result<AuthorizedPlan, Refusal> {
        var list = BenchLevels()
        for level in levels {
            let taken = list.append(Current(microamperes: level))
            #expect(taken)
        }
        let order = BenchOrder(
            channel: try #require(Channel(number: channel)), levels: list,
            frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: phase),
            capabilities: device)
        let attestation = BenchAttestation(
            assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)
        do throws(Refusal) {
            let clearance = try BenchClearance.attest(
                .load(load), attestation, for: cleared ?? device.electrodeKind)
            return .success(try Authorization.authorize(order, clearance: clearance).plan)
        } catch {
            return .failure(error)
        }
    }

    private func refusal(_ result: Result<AuthorizedPlan, Refusal>) -> Refusal? {
        if case .failure(let refusal) = result { return refusal }
        return nil
    }

    // Proves R-BCH-03.
    @Test func `a clearance of the bench is for one kind of stimulator`() throws {
        #expect(
            refusal(try bench([1_000], on: device(.surface), cleared: .needle))
                == .electrodeKind(asked: .needle, rated: .surface))
        #expect(
            refusal(try bench([1_000], on: device(.needle), cleared: .surface))
                == .electrodeKind(asked: .surface, rated: .needle))
    }

    // Proves R-BCH-02.
    @Test func `a bench run is held to the limits of its own kind, and to the stimulator`() throws {
        let needle = device(.needle, maximum: 20_000, step: 100)
        #expect(refusal(try bench([10_000], on: needle)) == nil)
        #expect(
            RefusedLimit(refusal(try bench([10_100], on: needle)))
                == RefusedLimit(.amplitude, asked: 10_100, limit: 10_000))
        #expect(refusal(try bench([20_000], on: device())) == nil)
        #expect(
            RefusedLimit(refusal(try bench([20_500], on: device())))
                == RefusedLimit(.amplitude, asked: 20_500, limit: 20_000, setBy: .device))
        let plan = try bench([5_000], on: device()).get()
        #expect(plan.first.search?.ceiling.microamperes == 20_000)
        #expect(plan.first.search?.ceilingSetBy == .device)
        #expect(plan.first.search?.dose.interphaseGap.microseconds == 0)
        #expect(plan.first.search?.dose.pattern == .continuous(milliseconds: 600_000))
        #expect(plan.channelCount == 1)
        #expect(refusal(try bench([1_000], channel: 2, on: device())) == nil)
        #expect(refusal(try bench([1_000], channel: 3, on: device())) == .noSuchChannel)
    }

    // Proves R-BCH-02, R-LIM-07.
    @Test func `a bench run has the rates of a person`() throws {
        #expect(refusal(try bench([1_000], millihertz: 1_000, on: device())) == nil)
        #expect(
            RefusedLimit(refusal(try bench([1_000], millihertz: 999, on: device())))
                == RefusedLimit(.lowestFrequency, asked: 999, limit: 1_000))
        #expect(refusal(try bench([1_000], millihertz: 100_000, on: device())) == nil)
        #expect(
            RefusedLimit(refusal(try bench([1_000], millihertz: 100_001, on: device())))
                == RefusedLimit(.frequency, asked: 100_001, limit: 100_000))
    }

    // Proves R-BCH-02.
    @Test func `every level of a bench run is looked at, not only some`() throws {
        for wrong in 0..<4 {
            let levels = (0..<4).map { Int32($0 + 1) * 1_000 + ($0 == wrong ? 250 : 0) }
            #expect(
                refusal(try bench(levels, on: device()))
                    == .amplitudeOffGrid(microamperes: Int32(wrong + 1) * 1_000 + 250))
        }
        // A stimulator without a grid has no amplitude, and that is no trap.
        let gridless = try bench([1_000, 1_001], on: device(step: 0)).get()
        #expect(gridless.first.search?.ceiling == .zero)
    }

    // Proves R-BCH-04.
    @Test func `a level is given whole, and 250 ms after the last at the soonest`() throws {
        var gate = PulseGate(plan: try bench([5_000, 10_000], on: device()).get())
        let arming = try arm(&gate, at: 0)
        func asked(_ set: Int32, _ amplitude: Int32? = nil) -> PulseRequest {
            request(part: .search, set: set, amplitude: amplitude, contraction: 0)
        }
        #expect(judge(&gate, asked(5_000), under: arming, at: 249).refusal == .notTheNextLevel)
        #expect(judge(&gate, asked(5_000, 4_500), under: arming, at: 250).refusal == .raiseOutsidePlateau)
        #expect(judge(&gate, asked(5_000), under: arming, at: 250).isPulse)
        #expect(judge(&gate, asked(5_000, 4_500), under: arming, at: 400).refusal == .raiseOutsidePlateau)
        #expect(judge(&gate, asked(10_000), under: arming, at: 499).refusal == .notTheNextLevel)
        #expect(judge(&gate, asked(10_000), under: arming, at: 500).isPulse)
    }

    // Proves R-BCH-01.
    @Test func `a load at each of its bounds is taken`() throws {
        for load in [
            AttestedLoad(ohms: 100, tolerancePermille: 10, ratedMilliwatts: 5_000),
            AttestedLoad(ohms: 20_000, tolerancePermille: 10, ratedMilliwatts: 5_000),
            AttestedLoad(ohms: 1_000, tolerancePermille: 0, ratedMilliwatts: 5_000),
            AttestedLoad(ohms: 1_000, tolerancePermille: 100, ratedMilliwatts: 5_000),
            AttestedLoad(ohms: 1_000, tolerancePermille: 10, ratedMilliwatts: 50),
        ] { #expect(refusal(try bench([1_000], on: device(), load: load)) == nil, "\(load)") }
    }

    // Proves R-BCH-02.
    @Test func `the heat in a load is rounded up to the milliwatt and may be just its rating`() throws {
        // 20 mA for 2 · 500 µs at 20 Hz are √0.02 · 20 mA = 2,828.4 µA, told as 2,829 or so: 8 mW in 1 kΩ, not quite 9.
        let pulse = Pulse(
            symmetric: Current(microamperes: 20_000), phaseDuration: PhaseDuration(microseconds: 500),
            interphaseGap: PhaseDuration(microseconds: 0))
        let effective = pulse.rootMeanSquareMicroamperes(at: Frequency(millihertz: 20_000))
        for ohms: Int32 in [7_000, 15_625, 20_000] {
            let heat = effective * effective * Int64(ohms)
            let milliwatts = (heat + 999_999_999) / 1_000_000_000
            #expect(milliwatts > 50)
            func load(_ rated: Int64) -> AttestedLoad {
                AttestedLoad(ohms: ohms, tolerancePermille: 10, ratedMilliwatts: Int32(rated))
            }
            #expect(refusal(try bench([20_000], on: device(), phase: 500, load: load(milliwatts))) == nil)
            #expect(
                refusal(try bench([20_000], on: device(), phase: 500, load: load(milliwatts - 1)))
                    == .dummyLoadTooWeak(milliwatts: milliwatts))
        }
    }
}
