// The gate under a stream of requests from a machine gone mad. An account written apart, without a look at the gate's
// own, judges every pulse that comes out.
import SafetyKernel
import StimulusModel
import Testing

/// One pulse that the gate let through, as the account saw it asked for.
private struct Granted {
    var time: Int64
    var request: PulseRequest
}

/// What must hold for the pulses of one session: `decided.md`, Amplitude; `clinical.md` 1.8.
private struct Account {
    /// Authorized caps, in µA, and rates, in mHz.
    let caps: [PlanPart: Int32] = [.search: 15_000, .treatment: 9_000]
    let rates: [PlanPart: Int64] = [.search: 2_000, .treatment: 35_000]
    /// One cycle of the treatment's pattern, in ms, and the most pulses that may come at once; 0 for no such bound.
    let cycle: Int64
    let most: Int64
    var granted: [Granted] = []
    var charge: Int64 = 0
    var armedAt: Int64 = 0
    /// Set amplitude that a rise is measured from, and what was delivered whole, both in this run.
    private var set: Int32 = 0
    private var highest: Int32 = 0
    private var run: Int32?
    private var lastRise: Int64 = Int64.min / 2

    init(cycle: Int64 = 0, most: Int64 = 0) {
        self.cycle = cycle
        self.most = most
    }

    mutating func armed(at time: Int64) {
        if granted.isEmpty && armedAt == 0 { armedAt = time }
        (set, highest) = (0, 0)
        lastRise = max(lastRise, time)
    }

    mutating func fell(to amplitude: Int32) { set = min(set, max(0, amplitude)) }

    mutating func judge(_ pulse: Pulse, _ request: PulseRequest, at time: Int64) {
        if request.run != run { (run, set, highest) = (request.run, 0, 0) }
        let asked = request.setAmplitude.microamperes
        let amplitude = request.amplitude.microamperes
        let cap = caps[request.part] ?? 0
        #expect(amplitude > 0 && amplitude <= asked && asked <= cap)
        #expect(amplitude % 500 == 0)
        #expect(pulse.firstPhaseCurrent.microamperes == amplitude)
        #expect(pulse.secondPhaseCurrent.microamperes == -amplitude)
        #expect(pulse.firstPhaseDuration.microseconds == 300 && pulse.secondPhaseDuration.microseconds == 300)
        if asked > set {
            let rise = asked - set
            #expect(request.isOnPlateau && amplitude == asked)
            #expect(rise <= (request.part == .search ? 500 : 1_000))
            #expect((time - lastRise) * 2_000 >= Int64(rise) * 1_000)
            lastRise = time
        }
        set = asked
        if amplitude < asked { #expect(highest >= asked, "a ramp before its plateau") }
        highest = max(highest, amplitude)
        judgeRate(request.part, at: time)
        judgePattern(request, at: time)
        #expect(time - armedAt <= 3_600_000)
        // A train has no contractions to count.
        #expect(request.part == .search || cycle != 24_000 || request.contraction <= 15)
        charge += Int64(amplitude) * 300
        granted.append(Granted(time: time, request: request))
    }

    /// Within a run, any stretch of the recent past holds no more than one cycle's worth and what time has added.
    private func judgePattern(_ request: PulseRequest, at time: Int64) {
        guard request.part == .treatment, cycle > 0 else { return }
        var pulses: Int64 = 1
        var overruns = 0
        for earlier in granted.suffix(300).reversed() {
            guard earlier.request.run == request.run, earlier.request.part == request.part else { break }
            pulses += 1
            let span = time - earlier.time
            if pulses * cycle > most * (cycle + span) + cycle { overruns += 1 }
        }
        #expect(overruns == 0, "\(overruns) stretches hold too many pulses at \(time) ms")
    }

    /// Any stretch of the recent past holds no more pulses than the rate allows, give or take one tick.
    private func judgeRate(_ part: PlanPart, at time: Int64) {
        var pulses: Int64 = 0
        var earned: Int64 = 0
        var fastest: Int64 = 0
        var next = (time: time, rate: rates[part] ?? 0)
        for earlier in granted.suffix(40).reversed() {
            pulses += 1
            // Each silence earns at the rate of the pulse that ends it.
            earned += (next.time - earlier.time) * next.rate
            fastest = max(fastest, next.rate)
            #expect(pulses * 1_000_000 <= earned + fastest, "\(pulses) pulses too close")
            next = (earlier.time, rates[earlier.request.part] ?? 0)
        }
        #expect(granted.last.map { $0.time < time } ?? true)
    }
}

@Suite struct PulseGateProperties {
    /// Requests that are mostly plausible, else nothing would ever pass, and often enough wrong in one thing.
    private struct MadMachine {
        var chance: SeededChance
        let place: ChannelPlace
        var part = PlanPart.treatment
        var run: Int32 = 1
        var set: Int32 = 0

        mutating func next() -> PulseRequest {
            if chance.once(in: 60) { part = part == .search ? .treatment : .search }
            if chance.once(in: 25) { run = Int32.random(in: 1...4, using: &chance) }
            switch Int.random(in: 0..<20, using: &chance) {
            case 0...5: set += 1_000
            case 6...7: set += 500
            case 8: set += Int32.random(in: -2_000...2_000, using: &chance)
            case 9: set = Int32.random(in: -1_000...20_000, using: &chance) / 500 * 500
            case 10: set = max(0, set - 3_000)
            default: break
            }
            if chance.once(in: 12) || set > 16_000 || set < 0 { set = 0 }
            var amplitude = set
            if chance.once(in: 4) { amplitude = Int32.random(in: 0...max(1, set), using: &chance) / 500 * 500 }
            if chance.once(in: 40) { amplitude += 500 }
            return PulseRequest(
                place: place, part: part, run: run, setAmplitude: Current(microamperes: set),
                amplitude: Current(microamperes: amplitude), isOnPlateau: !chance.once(in: 5),
                contraction: chance.once(in: 30) ? 16 : Int32.random(in: 0...15, using: &chance))
        }
    }

    /// Pattern, cycle and pulses at once of one treatment at 35 Hz.
    private static let patterns: [(pattern: Pattern, cycle: Int64, most: Int64)] = [
        (.contractions(DoseSketch.cycle(), count: 10), 24_000, 212),
        (.continuous(milliseconds: 600_000), 1_000, 37),
        (.burst(milliseconds: 600_000, burstMilliseconds: 200, intervalMilliseconds: 1_500), 1_500, 9),
        (
            .denseDisperse(
                milliseconds: 600_000, denseMilliseconds: 1_000, sparseFrequency: Frequency(millihertz: 2_000),
                sparseMilliseconds: 3_000), 4_000, 35 + 6 + 2
        ),
    ]

    // Proves R-AMP-01, R-AMP-02, R-AMP-07, R-RATE-01, R-RATE-02, R-DUR-02, R-DUR-03, R-FLT-04.
    /// Two channels driven mad, each judged by an account of its own.
    @Test(arguments: seeds, [0, 1, 2, 3]) func `whatever is asked for, what passes keeps every rule`(
        seed: UInt64, number: Int
    ) throws {
        let pattern = Self.patterns[number]
        let plan = try PairSketch().both {
            $0.search = DoseSketch.search
            $0.treatment?.maximum = 9_000
            $0.treatment?.pattern = pattern.pattern
        }.with { $0.second?.search?.muscle = .gluteusMedius }.authorize()
        var gate = PulseGate(plan: plan)
        let places: [ChannelPlace] = [.first, .second]
        var machines = places.map { MadMachine(chance: SeededChance(seed: seed &+ UInt64($0.code)), place: $0) }
        var chance = SeededChance(seed: seed ^ 0xA5A5)
        var accounts = places.map { _ in Account(cycle: pattern.cycle, most: pattern.most) }
        var serials: Int64 = 0
        var reasons: Set<String> = []
        var time: Int64 = 1_000
        var arming = try arm(&gate, at: time)
        for index in 0..<2 { accounts[index].armed(at: time) }
        for _ in 0..<8_000 {
            time += step(&chance)
            let index = Int.random(in: 0...1, using: &chance)
            if chance.once(in: 400) {
                arming.disarm()
                arming = try arm(&gate, at: time)
                for index in 0..<2 { accounts[index].armed(at: time) }
            }
            if chance.once(in: 30) {
                let amplitude = Int32.random(in: -500...12_000, using: &chance)
                gate.follow(setAmplitude: Current(microamperes: amplitude), at: places[index])
                accounts[index].fell(to: amplitude)
            }
            let request = machines[index].next()
            switch judge(&gate, request, under: arming, at: time) {
            case .pulse(let pulse, let serial, let channel):
                accounts[index].judge(pulse, request, at: time)
                serials += 1
                #expect(serial == serials)
                #expect(Int(channel.number) == index + 1)
            case .refused(let why):
                if case .limit(let kind, _, _, _) = why {
                    reasons.insert("\(kind)")
                } else {
                    reasons.insert("\(why)")
                }
                // What was refused for its set amplitude must be climbed to step by step.
                let last = accounts[index].granted.last?.request.setAmplitude.microamperes ?? 0
                machines[index].set = min(machines[index].set, last)
            }
            for place in places {
                let charged = gate.charged(place)
                #expect(charged.picocoulombs == accounts[place.index].charge)
            }
        }
        arming.disarm()
        // Chance that grants or refuses nothing would prove nothing.
        for account in accounts {
            #expect(account.granted.count > 150, "only \(account.granted.count) pulses passed")
            let highest = account.granted.map { $0.request.setAmplitude.microamperes }.max() ?? 0
            #expect(highest >= 3_000, "never climbed above \(highest) µA")
        }
        for reason in [
            "amplitude", "amplitudeRise", "amplitudeStep", "frequency", "raiseOutsidePlateau",
            number == 0 ? "contractions" : "frequency",
        ] {
            #expect(reasons.contains(reason), "never refused for \(reason)")
        }
    }

    /// Mostly a period, sometimes too soon, sometimes a rest, seldom backward.
    private func step(_ chance: inout SeededChance) -> Int64 {
        switch Int.random(in: 0..<20, using: &chance) {
        case 0...2: return Int64.random(in: 0...27, using: &chance)
        case 3...9: return Int64.random(in: 28...30, using: &chance)
        case 10...14: return Int64.random(in: 250...700, using: &chance)
        case 15: return Int64.random(in: 1_000...5_000, using: &chance)
        case 16: return -Int64.random(in: 0...40, using: &chance)
        default: return 29
        }
    }

    // Proves R-RATE-01, R-AMP-02.
    /// A machine at the very edge: it asks for a pulse every millisecond and for a rise as soon as one could pass.
    @Test(arguments: [true, false]) func `greed gains neither rate nor rise`(isContractions: Bool) throws {
        let plan = try CaseSketch().with {
            $0.treatment?.maximum = 9_000
            if !isContractions { $0.treatment?.pattern = .continuous(milliseconds: 60_000) }
        }.authorize()
        var gate = PulseGate(plan: plan)
        let arming = try arm(&gate, at: 0)
        var account = Account()
        account.armed(at: 0)
        var set: Int32 = 0
        for time in Int64(1)...20_000 {
            for wanted in [set + 1_000, set + 500, set] {
                let asked = request(set: wanted, contraction: isContractions ? 1 : 0)
                if case .pulse(let pulse, _, _) = judge(&gate, asked, under: arming, at: time) {
                    account.judge(pulse, asked, at: time)
                    set = wanted
                }
            }
        }
        // 20 s at 35 Hz, and the one that the first rise allows. A contraction of 6 s holds 210 pulses, two more
        // are allowed, and in 20 of its 24 s as many grow anew in proportion: who never rests gains nothing.
        #expect(account.granted.count <= (isContractions ? 212 + 177 : 701))
        #expect(account.granted.count >= (isContractions ? 300 : 600))
        #expect(set == 9_000)
        arming.disarm()
    }
}
