// The judge, judged: histories written by hand, each with one thing in it that no host may do, and beside it the same
// history without that thing. A judge that is content with the first would be content with a broken host.
import RigSimulator
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing
import VirtualHost

@testable import Soak

/// A world that is what a test writes into it, and nothing else.
private final class PaperWorld: SoakWorld {
    var milliseconds: Int64 = 0
    var state = SessionState.idle
    var screen: [Int32] = [0, 0]
    var channels: [ChannelState] = [.off, .off]
    var saysTitrating = false
    var isPresent = true
    var isLive = false
    var enables = false
    /// What the host counts.
    var accounted: Int64 = 0
    var charged: Int64 = 0
    /// What the meter saw.
    private var pulses: [SeenPulse] = []
    private(set) var meterCharge: Int64 = 0
    var broken: [String] = []
    // The judge does not ask for these.
    let condition = StimulatorCondition.ready
    let fault = FaultCause.none
    let trace = TraceHash()
    let firedCount: Int64 = 0

    var pulseCount: Int64 { Int64(pulses.count) }
    var violationCount: Int64 { Int64(broken.count) }

    func shown(_ place: ChannelPlace) -> Int32 { screen[place.index] }
    func channelState(_ place: ChannelPlace) -> ChannelState { channels[place.index] }
    func isTitrating(_ place: ChannelPlace) -> Bool { saysTitrating }

    func forEachPulse(after count: Int64, _ look: (SeenPulse) -> Void) {
        for pulse in pulses.dropFirst(Int(count)) { look(pulse) }
    }

    /// The first 64, as the real meter keeps them.
    func violations() -> [SeenViolation] {
        broken.prefix(64).map { SeenViolation(rule: $0, at: milliseconds * 1_000_000, text: "on paper") }
    }

    func forEachBrokenRule(_ look: (String, Int64) -> Void) {
        for rule in Set(broken).sorted() { look(rule, Int64(broken.count(where: { $0 == rule }))) }
    }

    func tick(_ hands: Hands) { milliseconds += 1 }
    func freeze(_ span: Int64) { milliseconds += span }
    func suspend(_ span: Int64) { milliseconds += span }
    func restart(_ plan: AuthorizedPlan) {}
    func drain(_ take: (WordBlock) -> Void) {}
    func happen(_ event: SoakEvent) {}
    func forEachFired(_ look: (String, Int64, Int64) -> Void) {}

    /// The session delivers.
    func run(_ state: SessionState, _ channel: ChannelState) {
        self.state = state
        channels = [channel, channel]
    }

    /// The session does not deliver, and shows 0 mA.
    func cease(_ state: SessionState) {
        run(state, .off)
        screen = [0, 0]
    }

    /// A pulse began half a millisecond ago; a host that keeps its books counts it.
    func fire(_ peak: Int64, on place: Int = 0, counts: Bool = true) {
        pulses.append(SeenPulse(place: place, start: milliseconds * 1_000_000 - 500_000, peak: peak))
        meterCharge += peak * 300
        guard counts else { return }
        accounted += 1
        charged += peak * 300
    }
}

private enum Plans {
    private static func dose(
        _ rhythm: TrainSpec.Rhythm, _ millihertz: Int32, cap: Int32 = 15_000, step: Int32 = 1_000,
        _ stage: CareStage = .relieve
    ) -> TrainSpec {
        TrainSpec(rhythm: rhythm, millihertz: millihertz, capMicroamperes: cap, stepMicroamperes: step, stage: stage)
    }

    private static func plan(
        _ kind: RigKind, _ treatment: TrainSpec, second: TrainSpec? = nil, search: TrainSpec? = nil
    ) -> PlanSpec {
        PlanSpec(
            kind: kind, treatment: treatment, second: second, search: search,
            arrangement: second == nil ? .single : .together, phaseMicroseconds: 300, gapMicroseconds: 100,
            personCap: 60_000)
    }

    private static let twentyHertz = dose(.continuous(milliseconds: 240_000), 20_000)

    /// What may still arrive after a stop of it: 5 ms.
    static let train = plan(.p24, twentyHertz)
    static let pair = plan(.p24, twentyHertz, second: twentyHertz)
    static let weak = plan(.p24, dose(.continuous(milliseconds: 240_000), 20_000, cap: 3_000))
    /// Four pulses in all, and two more with each new run.
    static let short = plan(.p24, dose(.continuous(milliseconds: 1_000), 2_000))
    /// Two contractions; twelve pulses in 2.8 s; a silence of more than 1.3 s is a rest.
    static let muscle = plan(
        .p24, dose(.contractions(up: 100, plateau: 800, down: 100, rest: 2_000, count: 2), 10_000))
    /// Above 15 Hz: not without a motor threshold.
    static let needle = plan(
        .needle, dose(.continuous(milliseconds: 240_000), 100_000, cap: 4_000, step: 100),
        search: dose(.continuous(milliseconds: 90_000), 2_000, cap: 3_000, step: 100, .search))
}

/// A history, told to the judge in the order in which a run of the soak tells one.
private final class Story {
    let world = PaperWorld()
    var judge: Judge

    init(_ spec: PlanSpec = Plans.train) { judge = Judge(spec, holding: 0) }

    var now: Int64 { world.milliseconds }
    /// The rules that were found broken.
    private var found: [String] { Set(judge.findings.map(\.rule)).sorted() }

    func holds(at place: SourceLocation = #_sourceLocation) { #expect(found.isEmpty, sourceLocation: place) }

    /// So far nothing is broken; one thing more, and exactly these rules are.
    func breaks(_ rules: String..., at place: SourceLocation = #_sourceLocation, _ change: (Story) -> Void) {
        holds(at: place)
        change(self)
        #expect(found == rules, sourceLocation: place)
    }

    @discardableResult func with(_ change: (Story) -> Void) -> Story {
        change(self)
        return self
    }

    @discardableResult func times(_ count: Int, _ change: (Story) -> Void) -> Story {
        for _ in 0..<count { change(self) }
        return self
    }

    /// One millisecond: what the hands do, and what of it the world shows at its end.
    @discardableResult func tick(_ hands: Hands = Hands(), _ change: (PaperWorld) -> Void = { _ in }) -> Story {
        world.milliseconds += Int64(hands.late)
        judge.hands(hands, world, at: now + 1)
        world.tick(hands)
        change(world)
        judge.look(world)
        return self
    }

    @discardableResult func key(
        _ key: OperatorCommand, at place: ChannelPlace = .first, _ change: (PaperWorld) -> Void = { _ in }
    ) -> Story { tick(Hands(command: key, at: place), change) }

    /// Nothing changes; a long span may be looked at less often.
    @discardableResult func wait(_ span: Int64, every step: Int64 = 1) -> Story {
        times(Int(span / step)) {
            $0.world.milliseconds += step - 1
            $0.tick()
        }
    }

    @discardableResult func arm() -> Story { tick { $0.state = .cleared }.key(.arm) { $0.state = .armed } }
    @discardableResult func begin() -> Story { key(.beginTreatment) { $0.run(.holding, .holding) } }
    @discardableResult func stop() -> Story { tick(Hands(stop: .operatorKey)) { $0.cease(.stopping) } }
    @discardableResult func pause() -> Story { key(.pause) { $0.cease(.paused) } }
    @discardableResult func resume() -> Story { key(.resume) { $0.run(.holding, .holding) } }

    @discardableResult func raise(to microamperes: Int32, at place: ChannelPlace = .first) -> Story {
        key(.raise, at: place) { $0.screen[place.index] = microamperes }
    }

    @discardableResult func pulse(_ peak: Int64, on place: Int = 0, counts: Bool = true) -> Story {
        tick { $0.fire(peak, on: place, counts: counts) }
    }

    /// Step by step, each felt before the next.
    @discardableResult func climb(to target: Int32, by step: Int32 = 1_000) -> Story {
        for microamperes in stride(from: step, through: target, by: Int(step)) {
            raise(to: microamperes).pulse(Int64(microamperes)).wait(300)
        }
        return self
    }

    /// One contraction and its rest; the key is pressed before its first pulse.
    @discardableResult func contraction(_ command: OperatorCommand = .none, gives: Bool = true) -> Story {
        tick { $0.run(.holding, .holding) }.key(command)
        if gives { pulse(1_000) }
        return wait(800).tick { $0.run(.resting, .resting) }.wait(2_000)
    }

    @discardableResult func stopSecond() -> Story {
        var hands = Hands()
        hands.channelStops = 2
        return tick(hands) {
            $0.channels[1] = .stopped
            $0.screen[1] = 0
        }
    }

    /// The line is blocked for three seconds, from now on.
    @discardableResult func block() -> Story {
        judge.worldHoldsBack(from: now, until: now + 3_020)
        return self
    }

    /// The process is killed; half a second later there is another, idle one.
    @discardableResult func die() -> Story {
        judge.killed(at: now + 1)
        world.freeze(500)
        judge.lookAtMeter(world)
        judge.restarted(world)
        world.cease(.idle)
        world.accounted = 0
        world.charged = 0
        return self
    }
}

// Proves R-FLT-29.
@Suite struct JudgeOnPaper {
    private func begun(_ spec: PlanSpec = Plans.train) -> Story { Story(spec).arm().begin() }

    private func delivering(_ spec: PlanSpec = Plans.train, at target: Int32 = 2_000) -> Story {
        begun(spec).climb(to: target)
    }

    // MARK: - Who asked for it

    @Test("It is armed by a person's key alone")
    func arming() {
        Story().tick { $0.state = .cleared }.breaks("arming") { $0.tick { $0.state = .armed } }
        // Cleared and armed in the tick of the key, which the screen could not have asked for (seed 8655). A key of the
        // tick before arms nothing.
        Story().key(.arm) { $0.state = .armed }.holds()
        Story().key(.arm).breaks("arming") { $0.tick { $0.state = .armed } }
    }

    @Test("It delivers when a person begins or resumes, and never by itself")
    func clearance() {
        Story().arm().breaks("clearance") { $0.tick { $0.run(.holding, .holding) } }
        let paused = delivering().pause().wait(100).resume().pause()
        paused.breaks("clearance") { $0.tick { $0.run(.holding, .holding) } }
    }

    @Test("A stop path that was broken when it was armed is found when it delivers")
    func proof() {
        let broken = Story(Plans.needle).with { $0.judge.board(.enableStuck) }.arm()
        broken.breaks("proof") { $0.begin() }
        let repaired = Story(Plans.needle).with {
            $0.judge.board(.enableStuck)
            $0.judge.board(.boardRepaired)
        }
        repaired.arm().begin().with { $0.judge.board(.relayWelded) }.pause().resume().holds()
    }

    @Test("Nobody is at the keys for 331 s, or nobody asks a patient on needles for 92 s")
    func presence() {
        let pads = begun().wait(330_000, every: 1_000).key(.present).wait(330_000, every: 1_000)
        pads.breaks("presence") { $0.wait(2_000, every: 1_000) }
        begun(Plans.needle).wait(61_000, every: 1_000).key(.checkedIn).wait(92_000, every: 1_000).holds()
        // The question comes after a minute: the first answer answers none.
        let unasked = begun(Plans.needle).wait(30_000, every: 1_000).key(.checkedIn).wait(61_000, every: 1_000)
        unasked.breaks("presence") { $0.wait(1_000, every: 1_000) }
    }

    // MARK: - How strong

    @Test("What arrives is no more than the presses allow")
    func press() { delivering().pulse(2_000).breaks("press") { $0.pulse(3_000) } }

    @Test("A held key is one press, and the screen must not follow it")
    func heldKey() { delivering().raise(to: 3_000).key(.raise).breaks("set") { $0.raise(to: 4_000) } }

    @Test("A press that was refused allows nothing later; the next one does")
    func refusedPress() {
        delivering().key(.raise).wait(300).pulse(2_000).breaks("press") { $0.pulse(3_000) }
        delivering().key(.raise).wait(300).raise(to: 3_000).pulse(3_000).holds()
    }

    /// Found by seed 3615, of which the host was right.
    @Test("A key that a late host saw was pressed before: the distance to the next one counts from there")
    func lateKey() {
        let late = delivering().tick(Hands(command: .raise, late: 43)).wait(226)
        late.raise(to: 3_000).holds()
        delivering().tick(Hands(command: .raise)).wait(226).breaks("set") { $0.raise(to: 3_000) }
        delivering().tick(Hands(command: .raise, late: 20)).wait(226).breaks("set") { $0.raise(to: 3_000) }
    }

    @Test("Each step is felt before the next")
    func step() {
        delivering().raise(to: 3_000).wait(300).raise(to: 4_000).breaks("step") { $0.pulse(4_000) }
    }

    @Test("Nothing is above the cap, and needles above 15 Hz stay below 80 % of the threshold that was marked")
    func cap() {
        delivering(Plans.weak, at: 3_000).raise(to: 4_000).breaks("cap") { $0.pulse(4_000) }
        begun(Plans.needle).raise(to: 100).breaks("cap") { $0.pulse(100) }
        let marked = Story(Plans.needle).arm().key(.beginSearch) { $0.run(.searching, .searching) }
        marked.climb(to: 2_000, by: 100).key(.markMotor).key(.endSearch) { $0.cease(.armed) }
        marked.begin().climb(to: 1_500, by: 100).raise(to: 1_600).breaks("cap") { $0.pulse(1_600) }
    }

    @Test("A resumed run begins at 0 mA; what began before it belongs to the run before")
    func resumedRun() {
        let atOnce = delivering(at: 3_000).pause().tick().key(.resume) {
            $0.run(.holding, .holding)
            $0.fire(3_000)
        }
        // Within what may still arrive after the pause: not more than was set, but in this run nothing was felt.
        atOnce.breaks("step") { $0.pulse(3_000) }
        delivering(at: 3_000).pause().wait(500).resume().breaks("press", "step") { $0.pulse(3_000) }
    }

    // MARK: - How many

    @Test("Pulses come no closer than the rhythm allows")
    func rhythm() {
        delivering(Plans.muscle, at: 1_000).times(11) { $0.pulse(1_000) }.breaks("rhythm") { $0.pulse(1_000) }
        delivering(Plans.muscle, at: 1_000).times(20) { $0.pulse(1_000).wait(249) }.holds()
    }

    @Test("There are no more pulses than the programme holds, and two more for a new run")
    func programme() {
        let whole = delivering(Plans.short, at: 1_000).times(3) { $0.pulse(1_000) }
        whole.breaks("programme") { $0.pulse(1_000) }
        let resumed = delivering(Plans.short, at: 1_000).times(3) { $0.pulse(1_000) }.pause().wait(500).resume()
        resumed.climb(to: 1_000).pulse(1_000).breaks("programme") { $0.pulse(1_000) }
    }

    @Test("There are five contractions more than were asked for, for titration, and no sixth")
    func contractions() {
        let story = begun(Plans.muscle).raise(to: 1_000).times(7) { $0.contraction() }
        story.breaks("contractions") { $0.contraction() }
    }

    @Test("The contraction in which titration ends before its first pulse is titration's own, and it alone")
    func endOfTitration() {
        for gives in [true, false] {
            let story = begun(Plans.muscle).raise(to: 1_000).with { $0.world.saysTitrating = true }.contraction()
            story.contraction(.endTitration, gives: gives).with { $0.world.saysTitrating = false }
            story.times(2) { $0.contraction() }.breaks("contractions") { $0.contraction() }
        }
    }

    @Test("Titration ends once, whatever the host says and however often somebody presses the key")
    func endOfTitrationAgain() {
        let story = begun(Plans.muscle).raise(to: 1_000).with { $0.world.saysTitrating = true }.contraction()
        story.times(3) { $0.contraction(.endTitration) }.breaks("contractions") { $0.contraction(.endTitration) }
    }

    @Test("A pulse comes on an output that the session does not have")
    func channel() {
        delivering().breaks("channel") { $0.pulse(1_000, on: 1) }
        let pair = delivering(Plans.pair).raise(to: 1_000, at: .second).pulse(1_000, on: 1)
        pair.breaks("channel") { $0.pulse(1_000, on: 2) }
    }

    // MARK: - The end of delivery

    @Test("After a stop one pulse may be on its way, for 5 ms")
    func afterStop() {
        delivering().stop().wait(2).pulse(2_000).breaks("after stop") { $0.pulse(2_000) }
        delivering().stop().wait(5).breaks("after stop") { $0.pulse(2_000) }
    }

    @Test("A channel that was stopped alone is silent, also in the next run")
    func channelStop() {
        func pair() -> Story { delivering(Plans.pair).raise(to: 1_000, at: .second).pulse(1_000, on: 1) }
        pair().stopSecond().wait(4).pulse(2_000).breaks("after stop") { $0.pulse(1_000, on: 1) }
        let resumed = pair().stopSecond().wait(4).pause().resume().climb(to: 1_000)
        resumed.breaks("after stop", "press") { $0.pulse(1_000, on: 1) }
    }

    @Test("A line that is blocked gives out late what was on its way; one blocked a minute later excuses nothing")
    func blockedLine() {
        delivering().stop().wait(3).block().wait(2_000).pulse(2_000).holds()
        let later = delivering().stop().tick { $0.state = .closed }.wait(60_000, every: 100).block()
        later.breaks("after stop", "press") { $0.pulse(2_000) }
    }

    /// Found by seed 16432: between the two falls lay more than the bound.
    @Test("What a line holds back may be as strong as before the first of two falls, and no stronger")
    func heldAcrossFalls() {
        func fallen(_ story: Story) -> Story { story.key(.lower) { $0.screen[0] = 4_000 }.wait(49).pause().wait(2) }
        fallen(delivering(at: 5_000).block()).pulse(5_000).holds()
        fallen(delivering(at: 5_000).block()).breaks("press") { $0.pulse(6_000) }
        fallen(delivering(at: 5_000)).breaks("press") { $0.pulse(5_000) }
    }

    @Test("Of a process that died on a blocked line one pulse may come, and none after the line is free")
    func heldPulse() {
        let died = delivering(at: 7_000).block().die()
        died.pulse(7_000).breaks("after stop", "press", "step") { $0.pulse(7_000) }
        let late = delivering(at: 7_000).block().die().wait(4_000)
        late.breaks("after stop", "press", "step") { $0.pulse(7_000) }
    }

    /// A doubled packet explains "after stop" (`Loosening`), and neither "press" nor "step".
    @Test("A line that doubles packets does not excuse a new process that gives a pulse while it is armed")
    func armedPulse() {
        let free = delivering(at: 7_000).with { $0.judge.lineDoubles = true }.die().arm()
        free.breaks("after stop", "press", "step") { $0.pulse(7_000) }
        let blocked = delivering(at: 7_000).with { $0.judge.lineDoubles = true }.block().die().arm()
        blocked.pulse(7_000).breaks("after stop") { $0.pulse(7_000) }
        blocked.with { $0.judge.keep { _ in false } }
        blocked.breaks("after stop", "press", "step") { $0.pulse(7_000) }
    }

    @Test("It does not go on after a stop")
    func stop() {
        delivering().stop().wait(100).holds()
        delivering().breaks("clearance", "stop") { $0.tick(Hands(stop: .operatorKey)).wait(2) }
        for hands in [Hands(stop: .operatorKey), Hands(hostFault: .late)] {
            delivering().tick(hands) { $0.cease(.paused) }.wait(1).breaks("stop") { $0.wait(1) }
        }
        let causes: [(bound: Int64, happen: (Story) -> Void)] = [
            (20, { $0.judge.emergencyStop(isPressed: true, at: $0.now) }),
            (25, { $0.judge.button(held: 100, at: $0.now) }),
            (3, { $0.judge.pins(work: false, at: $0.now) }),
            (19, { $0.world.isPresent = false }),
        ]
        for (bound, happen) in causes {
            let story = begun(Plans.needle).with { $0.judge.button(held: 99, at: $0.now) }.wait(100)
            story.with(happen).wait(bound).breaks("stop") { $0.wait(1) }
        }
    }

    @Test("After the end the output is dead, and enable is low")
    func end() {
        let closed = begun().stop().with { $0.world.isLive = true }
        closed.breaks("closed") { $0.tick { $0.state = .closed } }
        let bounds: [(PlanSpec, Int64)] = [(Plans.train, 1_500), (Plans.needle, 70)]
        for (spec, bound) in bounds {
            let faulted = begun(spec).with { $0.world.isLive = true }.tick { $0.cease(.faulted) }
            faulted.wait(bound - 1).breaks("live") { $0.wait(1) }
        }
        let enabled = begun(Plans.needle).with { $0.world.enables = true }.tick { $0.cease(.closed) }
        enabled.wait(1).breaks("enable") { $0.wait(1) }
        let silent = begun(Plans.needle).with { $0.world.isLive = true }
        silent.judge.lookAfterSilence(silent.world, of: 69)
        silent.breaks("live") { $0.judge.lookAfterSilence($0.world, of: 70) }
    }

    // MARK: - The records

    @Test("Neither host nor file claims less than arrived")
    func record() {
        delivering().breaks("record") { $0.pulse(2_000, counts: false) }
        // The charge is right: of the pulses one more may have arrived than is counted, until the end.
        let pulses = delivering().with { $0.world.charged += 10_000_000 }.pulse(2_000, counts: false)
        pulses.breaks("record") { $0.pulse(2_000, counts: false) }
        let end = delivering().with { $0.world.charged += 10_000_000 }.pulse(2_000, counts: false)
        end.stop().tick { $0.state = .closed }.wait(699).breaks("record") { $0.wait(1) }
        let file = delivering(at: 1_000).with { $0.judge.recordClaims(299_000, $0.world) }
        file.breaks("record") { $0.judge.recordClaims(298_999, $0.world) }
    }

    @Test("What the meter counts and no longer keeps is found, and many findings of one rule hide no other")
    func countedRules() {
        let story = begun().tick { $0.broken = Array(repeating: "interval", count: 64) }
        story.tick { $0.broken.append("netCharge") }.pulse(1_000)
        let rules: [String] = story.judge.findings.map(\.rule)
        #expect(rules.count(where: { $0 == "interval" }) == Judge.findingsKept)
        #expect(rules.filter { $0 != "interval" } == ["netCharge", "press"])
        story.judge.keep { _ in false }
        story.breaks("interval") { $0.tick { $0.broken.append("interval") } }
    }
}
