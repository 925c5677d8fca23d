internal import CRealtimeSanitizer
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

/// The gate under requests that no machine of this program makes: a tick cannot come by its refusals, and a
/// refusal must not allocate either.
struct GateStorm {
    private(set) var asked = 0
    private(set) var granted = 0
    private var codes = InlineArray<32, Bool>(repeating: false)

    /// Each refusal that the gate itself gives, by the number under which it is journalled. `rampBeforePlateau` is not
    /// among them: a raise is only let through whole, so that no account of this gate holds less than was set.
    private static let wanted: [(code: Int, name: String)] = [
        (1, "limit"), (12, "stimulatorNotReady"), (13, "amplitudeOffGrid"), (15, "raiseOutsidePlateau"),
        (16, "partNotAuthorized"), (18, "patternOverrun"), (22, "motorThresholdMissing"),
    ]

    var missing: [String] {
        let names = Self.wanted.filter { !codes[$0.code] }.map(\.name)
        return names.isEmpty ? [] : ["gate refusals: \(names)"]
    }

    var words: String {
        "\(Self.wanted.count { codes[$0.code] }) of \(Self.wanted.count) gate refusals"
    }

    mutating func run(_ plan: AuthorizedPlan, seed: UInt64, requests: Int) throws {
        var random = SplitMix64(seed: seed)
        var gate = PulseGate(plan: plan)
        let arming = try gate.arm(condition: .off, at: Instant(nanoseconds: 0))
        let grid = plan.capabilities.amplitudeStep.microamperes
        var time: Int64 = 0
        var set: Int32 = 0
        var run: Int32 = 1
        realtime_enter()
        for index in 0..<requests {
            asked += 1
            // Every fourth stretch of 4,000 requests is a train without a rest, at what was set before.
            let isTrain = index / 4_000 % 4 == 3
            time += isTrain ? 29 : Int64(1 + random.below(random.below(40) == 0 ? 900 : 40))
            if index % 4_000 == 0 || random.below(isTrain ? 100_000 : 60) == 0 {
                set = 0
                run += 1
            }
            if isTrain ? index % 4_000 == 30 : random.below(20) == 0 { set += grid * Int32(random.below(3)) }
            if isTrain, index % 4_000 == 60 { set = 2 * grid }
            let isOdd = !isTrain && random.below(6) == 0
            let request = PulseRequest(
                place: !isTrain && random.below(9) == 0 ? .second : .first,
                part: !isTrain && random.below(5) == 0 ? .search : .treatment,
                run: run, setAmplitude: Current(microamperes: set),
                amplitude: Current(microamperes: isOdd ? Int32(random.below(20_000)) : set),
                isOnPlateau: isTrain || random.below(4) != 0, contraction: Int32(random.below(3)))
            let now = Instant(nanoseconds: time * 1_000_000)
            ask(&gate, request, arming, condition: random.below(40) == 0 ? .off : .ready, at: now)
        }
        realtime_exit()
        arming.disarm()
    }

    private mutating func ask(
        _ gate: inout PulseGate, _ request: PulseRequest, _ arming: borrowing Arming,
        condition: StimulatorCondition, at now: Instant
    ) {
        do throws(Refusal) {
            _ = try gate.allowSetting(request, under: arming, condition: condition, at: now)
            let pulse = try gate.authorize(request, under: arming, condition: condition, at: now)
            granted += 1
            if pulse.serial % 3 == 0 { gate.refund(chargePerPhase: pulse.pulse.chargePerPhase, at: request.place) }
            if pulse.serial % 50 == 0 { gate.follow(motorThreshold: request.amplitude, at: request.place) }
        } catch {
            codes[Int(error.words.code) & 31] = true
        }
    }
}
