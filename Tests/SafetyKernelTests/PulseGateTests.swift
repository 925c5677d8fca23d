import SafetyKernel
import StimulusModel
import Testing

/// What the gate said.
enum Verdict {
    case pulse(Pulse, serial: Int64, channel: Channel)
    case refused(Refusal)

    var isPulse: Bool {
        if case .pulse = self { return true }
        return false
    }

    var refusal: Refusal? {
        if case .refused(let why) = self { return why }
        return nil
    }
}

func judge(
    _ gate: inout PulseGate, _ request: PulseRequest, under arming: borrowing Arming,
    condition: StimulatorCondition = .ready, at milliseconds: Int64
) -> Verdict {
    do throws(Refusal) {
        let pulse = try gate.authorize(
            request, under: arming, condition: condition, at: Instant(nanoseconds: milliseconds * 1_000_000))
        return .pulse(pulse.pulse, serial: pulse.serial, channel: pulse.channel)
    } catch {
        return .refused(error)
    }
}

func arm(_ gate: inout PulseGate, at milliseconds: Int64) throws -> Arming {
    try gate.arm(condition: .off, at: Instant(nanoseconds: milliseconds * 1_000_000))
}

func request(
    part: PlanPart = .treatment, run: Int32 = 1, set: Int32, amplitude: Int32? = nil, plateau: Bool = true,
    contraction: Int32 = 1
) -> PulseRequest {
    PulseRequest(
        part: part, run: run, setAmplitude: Current(microamperes: set),
        amplitude: Current(microamperes: amplitude ?? set), isOnPlateau: plateau, contraction: contraction)
}

@Suite struct PulseGateTests {
    private func gate(_ change: (inout CaseSketch) -> Void = { _ in }) throws -> PulseGate {
        PulseGate(plan: try CaseSketch().with(change).authorize())
    }

    /// Raises to `target` in steps of 1 mA, one every 600 ms from `start` on; the time of the last.
    private func raise(
        _ gate: inout PulseGate, to target: Int32, run: Int32 = 1, under arming: borrowing Arming, from start: Int64
    ) -> Int64 {
        var time = start
        for set in stride(from: Int32(1_000), through: target, by: 1_000) {
            time += 600
            #expect(judge(&gate, request(run: run, set: set), under: arming, at: time).isPulse)
        }
        return time
    }

    // Proves R-GATE-13.
    @Test(arguments: [StimulatorCondition.absent, .identifying, .energising, .ready, .deenergising, .failed])
    func `only a stimulator that is verified off may be armed`(condition: StimulatorCondition) throws {
        var gate = try gate()
        let why = refusal { () throws(Refusal) in
            _ = try gate.arm(condition: condition, at: Instant(nanoseconds: 0))
        }
        #expect(why == .stimulatorNotReady)
    }

    // Proves R-GATE-13.
    @Test(arguments: [StimulatorCondition.absent, .identifying, .off, .energising, .deenergising, .failed])
    func `only a stimulator whose voltage is verified on gets a pulse`(condition: StimulatorCondition) throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let verdict = judge(&gate, request(set: 1_000), under: arming, condition: condition, at: 10_000)
        #expect(verdict.refusal == .stimulatorNotReady)
    }

    // Proves R-FLT-04.
    @Test func `the first rise of a run passes, carries the dose and is counted`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        guard
            case .pulse(let pulse, let serial, let channel) = judge(
                &gate, request(set: 1_000), under: arming, at: 600)
        else {
            Issue.record("the first step of a run was refused")
            return
        }
        #expect(serial == 1)
        #expect(channel == .first)
        #expect(pulse.firstPhaseCurrent.microamperes == 1_000)
        #expect(pulse.secondPhaseCurrent.microamperes == -1_000)
        #expect(pulse.firstPhaseDuration.microseconds == 300)
        #expect(pulse.interphaseGap.microseconds == 100)
        #expect(gate.chargedPicocoulombs == 300_000)
    }

    // Proves R-AMP-01.
    @Test func `a step above one milliampere is refused`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let verdict = judge(&gate, request(set: 1_500), under: arming, at: 60_000)
        #expect(RefusedLimit(verdict.refusal) == RefusedLimit(.amplitudeStep, asked: 1_500, limit: 1_000))
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 60_000).isPulse)
    }

    // Proves R-AMP-02.
    @Test func `rises keep to two milliamperes a second, also right after arming`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 1_000)
        let early = judge(&gate, request(set: 1_000), under: arming, at: 1_499)
        let limit = RefusedLimit(early.refusal)
        #expect(limit?.kind == .amplitudeRise)
        #expect(limit?.limit == 2_000)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_500).isPulse)
        #expect(
            RefusedLimit(judge(&gate, request(set: 2_000), under: arming, at: 1_999).refusal)?.kind == .amplitudeRise)
        #expect(judge(&gate, request(set: 2_000), under: arming, at: 2_000).isPulse)
        // Half the step needs half the time.
        #expect(
            RefusedLimit(judge(&gate, request(set: 2_500), under: arming, at: 2_249).refusal)?.kind == .amplitudeRise)
        #expect(judge(&gate, request(set: 2_500), under: arming, at: 2_250).isPulse)
    }

    // Proves R-AMP-03.
    @Test func `a rise belongs on a plateau and is given whole`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(
            judge(&gate, request(set: 1_000, plateau: false), under: arming, at: 600).refusal == .raiseOutsidePlateau)
        #expect(
            judge(&gate, request(set: 1_000, amplitude: 500), under: arming, at: 700).refusal == .raiseOutsidePlateau)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 800).isPulse)
    }

    // Proves R-AMP-07.
    @Test func `a ramp scales only what this run has delivered`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 3_000, under: arming, from: 0)
        #expect(
            judge(&gate, request(set: 3_000, amplitude: 1_500, plateau: false), under: arming, at: time + 100).isPulse)
        // A new run has delivered nothing yet.
        let ramp = judge(
            &gate, request(run: 2, set: 3_000, amplitude: 1_500, plateau: false), under: arming, at: time + 9_000)
        #expect(ramp.refusal == .raiseOutsidePlateau)
    }

    // Proves R-AMP-06.
    @Test func `a new run starts from zero`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 5_000, under: arming, from: 0)
        #expect(
            RefusedLimit(judge(&gate, request(run: 2, set: 5_000), under: arming, at: time + 60_000).refusal)
                == RefusedLimit(.amplitudeStep, asked: 5_000, limit: 1_000))
        #expect(judge(&gate, request(run: 2, set: 1_000), under: arming, at: time + 60_600).isPulse)
        // Going back to the number of the old run is a new run too.
        #expect(
            RefusedLimit(judge(&gate, request(run: 1, set: 5_000), under: arming, at: time + 61_200).refusal)
                == RefusedLimit(.amplitudeStep, asked: 5_000, limit: 1_000))
    }

    // Proves R-AMP-06.
    @Test func `arming anew starts from zero, even in the same run`() throws {
        var gate = try gate()
        let first = try arm(&gate, at: 0)
        let time = raise(&gate, to: 5_000, under: first, from: 0)
        first.disarm()
        let second = try arm(&gate, at: time + 1_000)
        #expect(
            RefusedLimit(judge(&gate, request(set: 5_000), under: second, at: time + 60_000).refusal)
                == RefusedLimit(.amplitudeStep, asked: 5_000, limit: 1_000))
    }

    // Proves R-AMP-05.
    @Test func `a fall is followed and must be climbed again`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 5_000, under: arming, from: 0)
        gate.follow(setAmplitude: Current(microamperes: 2_000))
        #expect(
            RefusedLimit(judge(&gate, request(set: 5_000), under: arming, at: time + 60_000).refusal)
                == RefusedLimit(.amplitudeStep, asked: 3_000, limit: 1_000))
        // Following never raises.
        gate.follow(setAmplitude: Current(microamperes: 40_000))
        #expect(
            RefusedLimit(judge(&gate, request(set: 4_000), under: arming, at: time + 60_100).refusal)
                == RefusedLimit(.amplitudeStep, asked: 2_000, limit: 1_000))
        #expect(judge(&gate, request(set: 3_000), under: arming, at: time + 60_200).isPulse)
        gate.follow(setAmplitude: Current(microamperes: Int32.min))
        #expect(
            RefusedLimit(judge(&gate, request(set: 3_000), under: arming, at: time + 99_000).refusal)?.asked == 3_000)
    }

    // Proves R-AMP-05.
    @Test func `a fall within a request counts as well`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 3_000, under: arming, from: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: time + 30).isPulse)
        #expect(
            RefusedLimit(judge(&gate, request(set: 3_000), under: arming, at: time + 9_000).refusal)?.kind
                == .amplitudeStep)
    }

    // Proves R-LIM-03.
    @Test func `the ceiling of each part holds for the set amplitude and says who set it`() throws {
        var gate = try gate { $0.treatment?.maximum = 2_000 }
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 2_000, under: arming, from: 0)
        #expect(
            RefusedLimit(judge(&gate, request(set: 2_500), under: arming, at: time + 9_000).refusal)
                == RefusedLimit(.amplitude, asked: 2_500, limit: 2_000, setBy: .protocolFile))
        // Nor does a small pulse excuse a set amplitude above it.
        #expect(
            RefusedLimit(judge(&gate, request(set: 3_000, amplitude: 500), under: arming, at: time + 9_001).refusal)?
                .kind == .amplitude)
    }

    // Proves R-AMP-07.
    @Test(arguments: [0, -500, -80_000, Int32.min])
    func `a pulse of no or negative current is refused`(amplitude: Int32) throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let verdict = judge(&gate, request(set: 1_000, amplitude: amplitude), under: arming, at: 1_000)
        #expect(RefusedLimit(verdict.refusal)?.kind == .amplitude)
        #expect(!judge(&gate, request(set: amplitude, amplitude: amplitude), under: arming, at: 1_100).isPulse)
        #expect(gate.chargedPicocoulombs == 0)
    }

    // Proves R-AMP-07.
    @Test func `a pulse above the set amplitude is refused`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        let time = raise(&gate, to: 2_000, under: arming, from: 0)
        let verdict = judge(&gate, request(set: 2_000, amplitude: 2_500), under: arming, at: time + 600)
        #expect(
            RefusedLimit(verdict.refusal)
                == RefusedLimit(.amplitude, asked: 2_500, limit: 2_000, setBy: .practitioner))
    }

    // Proves R-AMP-07.
    @Test func `a pulse off the device's grid is refused`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(
            judge(&gate, request(set: 750), under: arming, at: 1_000).refusal == .amplitudeOffGrid(microamperes: 750))
    }

    // Proves R-GATE-12.
    @Test func `a part that was not authorized gets no pulse`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(part: .search, set: 500), under: arming, at: 900).refusal == .partNotAuthorized)
    }

    // Proves R-RATE-01.
    @Test func `no two pulses are closer than a period rounded down to a tick`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_000).isPulse)
        // 35 Hz: 28.57 ms. A long silence saves up one tick, not a burst.
        for early: Int64 in [1_000, 1_001, 1_014, 1_027] {
            let limit = RefusedLimit(judge(&gate, request(set: 1_000), under: arming, at: early).refusal)
            #expect(limit?.kind == .frequency)
            #expect(limit?.limit == 35_000)
        }
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_028).isPulse)
        #expect(!judge(&gate, request(set: 1_000), under: arming, at: 1_056).isPulse)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_057).isPulse)
    }

    // Proves R-RATE-01.
    @Test func `neither a new run nor a new arming brings two pulses closer`() throws {
        var gate = try gate()
        let first = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: first, at: 1_000).isPulse)
        first.disarm()
        let second = try arm(&gate, at: 1_001)
        for (run, time) in [(2, 1_002), (3, 1_010), (1, 1_020)] as [(Int32, Int64)] {
            #expect(!judge(&gate, request(run: run, set: 1_000), under: second, at: time).isPulse)
        }
    }

    // Proves R-RATE-01.
    @Test func `a clock that runs backward earns nothing`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_000).isPulse)
        #expect(!judge(&gate, request(set: 1_000), under: arming, at: 900).isPulse)
        #expect(!judge(&gate, request(set: 1_000), under: arming, at: 500).isPulse)
        #expect(!judge(&gate, request(set: 1_000), under: arming, at: 1_010).isPulse)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 1_029).isPulse)
    }

    // Proves R-DUR-02.
    @Test func `the hour from the first arming is counted through every new arming`() throws {
        var gate = try gate()
        let first = try arm(&gate, at: 5_000)
        first.disarm()
        let second = try arm(&gate, at: 3_600_000)
        #expect(judge(&gate, request(set: 1_000), under: second, at: 3_605_000).isPulse)
        #expect(
            RefusedLimit(judge(&gate, request(set: 1_000), under: second, at: 3_605_100).refusal)
                == RefusedLimit(.attendedTime, asked: 3_600_100, limit: 3_600_000))
    }

    // Proves R-DUR-01.
    @Test func `no more pulses than the longest session holds`() throws {
        // A clinic that allows 24 s: at 1 Hz that is 24 pulses, and one more at the end.
        var limits = LimitTable.absoluteSurface
        limits.tighten(.sessionTime, to: 24_000, by: .clinic)
        var gate = try gate {
            $0.limits = limits
            $0.treatment?.pattern = .continuous(milliseconds: 24_000)
            $0.treatment?.millihertz = 1_000
        }
        let arming = try arm(&gate, at: 0)
        for second in 1...25 as ClosedRange<Int64> {
            #expect(judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: second * 1_000).isPulse)
        }
        let over = judge(&gate, request(set: 1_000, contraction: 0), under: arming, at: 26_000)
        #expect(
            RefusedLimit(over.refusal) == RefusedLimit(.sessionTime, asked: 24_001, limit: 24_000, setBy: .clinic))
    }

    // Proves R-DUR-03.
    @Test func `contractions end with the dose and five of titration`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000, contraction: 15), under: arming, at: 1_000).isPulse)
        let over = judge(&gate, request(set: 1_000, contraction: 16), under: arming, at: 2_000)
        #expect(RefusedLimit(over.refusal) == RefusedLimit(.contractions, asked: 16, limit: 15))
    }

    // Proves R-FLT-04.
    @Test func `charge is an exact account and a refund never makes a debt`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        _ = raise(&gate, to: 3_000, under: arming, from: 0)
        #expect(gate.chargedPicocoulombs == 300 * (1_000 + 2_000 + 3_000))
        gate.refund(chargePerPhase: Charge(picocoulombs: 900_000))
        #expect(gate.chargedPicocoulombs == 900_000)
        gate.refund(chargePerPhase: Charge(picocoulombs: -1))
        gate.refund(chargePerPhase: Charge(picocoulombs: Int64.min))
        #expect(gate.chargedPicocoulombs == 900_000)
        gate.refund(chargePerPhase: Charge(picocoulombs: Int64.max))
        #expect(gate.chargedPicocoulombs == 0)
        arming.disarm()
    }

    // Proves R-FLT-04.
    @Test func `a refused pulse leaves the account as it was`() throws {
        var gate = try gate()
        let arming = try arm(&gate, at: 0)
        #expect(judge(&gate, request(set: 1_000), under: arming, at: 600).isPulse)
        for time in 601...620 as ClosedRange<Int64> {
            #expect(!judge(&gate, request(set: 2_000), under: arming, at: time).isPulse)
        }
        #expect(gate.chargedPicocoulombs == 300_000)
        guard case .pulse(_, let serial, _) = judge(&gate, request(set: 1_000), under: arming, at: 640) else {
            Issue.record("refused after refusals")
            return
        }
        #expect(serial == 2)
    }
}
