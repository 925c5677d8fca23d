import ByteStreams
import CLinuxIO
import SessionEngine
import StimulusModel
import Synchronization
import Testing

@testable import DeviceDrivers

private struct Counter: ~Copyable {
    var ticks = 0
    var faults: Int64 = -1
    var name = ""
    let log: Drops?
}

/// Counts how often its owner was dropped.
private final class Drops: Sendable {
    let count = Atomic<Int>(0)
    deinit {}
}

private struct Tracked: ~Copyable, Sendable {
    let drops: Drops
    deinit { drops.count.add(1, ordering: .relaxed) }
}

@Suite struct OwnedThreadTests {
    @Test func theOwnerGoesThereAndComesBack() throws {
        let thread = try OwnedThread(named: "there-and-back", stackBytes: 512 << 10, owner: Counter(log: nil)) {
            (owner: inout Counter) in
            owner.ticks = 7
            owner.name = SystemFile.text("/proc/thread-self/comm") ?? ""
        }
        let owner = thread.join()
        #expect(owner.ticks == 7)
        #expect(owner.name == "there-and-back")
    }

    @Test func theOwnerIsDroppedOnceWhetherJoinedOrNot() throws {
        let drops = Drops()
        do {
            let thread = try OwnedThread(named: "joined", stackBytes: 512 << 10, owner: Tracked(drops: drops)) {
                (_: inout Tracked) in
            }
            _ = thread.join()
        }
        #expect(drops.count.load(ordering: .relaxed) == 1)
        do {
            let thread = try OwnedThread(named: "dropped", stackBytes: 512 << 10, owner: Tracked(drops: drops)) {
                (_: inout Tracked) in
            }
            _ = consume thread
        }
        #expect(drops.count.load(ordering: .relaxed) == 2)
        #expect(throws: SystemError.self) {
            _ = try OwnedThread(named: "no stack", stackBytes: 1, owner: Tracked(drops: drops)) {
                (_: inout Tracked) in
            }.join()
        }
        #expect(drops.count.load(ordering: .relaxed) == 3)
    }
}

// Proves R-FLT-31.
@Suite struct RealtimeThreadTests {
    @Test func theReportTellsWhatTheThreadReallyGot() throws {
        let thread = try RealtimeThread(
            named: "rt-test", asking: RealtimeRequest(.bestEffort, processor: 0), owner: Counter(log: nil)
        ) { (owner: inout Counter, report: RealtimeReport) in
            var priority: Int32 = -1
            let policy = unsafe mp_schedule_policy(&priority)
            let granted = report.scheduling == .fifo(priority: 80)
            owner.ticks = (policy == 1) == granted && (!granted || priority == 80) ? 1 : -1
            let mark = PageFaultMark()
            for _ in 0..<1_000 { _ = SystemClock.now() }
            owner.faults = mark.since
        }
        let report = thread.report
        print(report)
        if case .ordinary(let why) = report.scheduling { print("SKIPPED: SCHED_FIFO not granted here (\(why))") }
        if case .unlocked(let why) = report.memory { print("SKIPPED: memory not locked here (\(why))") }
        #expect(report.processor == 0)
        #expect(!report.kernel.isEmpty && !report.preemption.isEmpty)
        let owner = thread.join()
        #expect(owner.ticks == 1)
        #expect(owner.faults == 0)
    }

    @Test func whatIsRequiredAndNotGrantedIsRefusedAndNothingRuns() throws {
        let drops = Drops()
        var request = RealtimeRequest(.required, locksMemory: false)
        request.priority = 1_000  // No machine grants this.
        let ran = Drops()
        let refusal = #expect(throws: RealtimeRefusal.self) {
            _ = try RealtimeThread(named: "refused", asking: request, owner: Tracked(drops: drops)) { _, _ in
                ran.count.add(1, ordering: .relaxed)
            }.join()
        }
        guard case .notGranted(let report) = refusal else {
            Issue.record("refused for another reason: \(String(describing: refusal))")
            return
        }
        #expect(report.scheduling == .ordinary(why: "EINVAL"))
        #expect(report.memory == .notAsked)
        #expect(drops.count.load(ordering: .relaxed) == 1)
        #expect(ran.count.load(ordering: .relaxed) == 0)
    }

    @Test func preemptionIsReadFromWhatTheKernelSays() {
        let dynamic = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.9-1 (2025-01-10)"
        #expect(Machine.preemption(version: dynamic, realtime: nil, chosen: nil) == "PREEMPT_DYNAMIC")
        #expect(
            Machine.preemption(version: dynamic, realtime: "0", chosen: "none voluntary (full) lazy")
                == "PREEMPT_DYNAMIC (full)")
        #expect(Machine.preemption(version: "#1 SMP PREEMPT_RT", realtime: nil, chosen: nil) == "PREEMPT_RT")
        #expect(Machine.preemption(version: "#1 SMP", realtime: "1", chosen: nil) == "PREEMPT_RT")
        #expect(Machine.preemption(version: "#1 SMP", realtime: nil, chosen: nil) == "no preemption")
    }

    @Test func onlyFifoWithLockedMemoryMeetsTheRequirement() {
        var report = RealtimeReport(
            scheduling: .fifo(priority: 80), memory: .locked, timerSlackNanoseconds: 1, processor: nil, kernel: "6.12",
            preemption: "PREEMPT_RT", governor: nil, isolatedProcessors: "")
        #expect(report.meetsRequirement)
        report.memory = .unlocked(why: "ENOMEM")
        #expect(!report.meetsRequirement)
        #expect(report.description.contains("NOT locked (ENOMEM)"))
        report.memory = .locked
        report.scheduling = .ordinary(why: "EPERM")
        #expect(!report.meetsRequirement)
        #expect(!report.description.contains("\n"))
    }
}

@Suite struct ControlMailboxTests {
    // Proves R-STOP-01.
    @Test func theFirstStopStays() {
        let mailbox = ControlMailbox()
        #expect(mailbox.stopCode == 0)
        #expect(!mailbox.requestStop(code: 0))
        #expect(mailbox.requestStop(code: 3))
        #expect(!mailbox.requestStop(code: 4))
        #expect(mailbox.stopCode == 3)
    }

    // Proves R-AMP-03.
    @Test func keysAreTakenOnceAndNeverQueued() {
        let mailbox = ControlMailbox()
        mailbox.press(1)
        mailbox.press(1)
        mailbox.press(4)
        let pressed = mailbox.takePressed()
        #expect(pressed.first == 5 && pressed.second == 0)
        let nothing = mailbox.takePressed()
        #expect(nothing.first == 0 && nothing.second == 0)
        mailbox.press(2, at: .second)
        mailbox.press(8)
        let both = mailbox.takePressed()
        #expect(both.first == 8 && both.second == 2)
        mailbox.requestChannelStop(.second)
        #expect(mailbox.channelStopBits == 2)
        mailbox.requestChannelStop(.first)
        #expect(mailbox.channelStopBits == 3)
    }

    // Proves R-AMP-05.
    @Test func eachPressThatLowersIsCountedAtItsOwnPlace() {
        let mailbox = ControlMailbox()
        for _ in 0..<4 { mailbox.lower(at: .first) }
        for _ in 0..<3 { mailbox.lower(at: .second) }
        let taken = mailbox.takeLowers()
        #expect(taken.first == 4 && taken.second == 3)
        let nothing = mailbox.takeLowers()
        #expect(nothing.first == 0 && nothing.second == 0)
        mailbox.lower(at: .second)
        mailbox.press(1)
        let keys = mailbox.takePressed()
        #expect(keys.first == 1 && keys.second == 0)
        let one = mailbox.takeLowers()
        #expect(one.first == 0 && one.second == 1)
    }

    @Test func signsOfLifeOnlyRise() {
        let mailbox = ControlMailbox()
        mailbox.consoleAlive()
        mailbox.consoleAlive()
        mailbox.loopAlive()
        #expect(mailbox.consoleBeat == 2)
        #expect(mailbox.loopBeat == 1)
    }

    // Proves R-STOP-01.
    @Test func ofManyThreadsExactlyOneStops() throws {
        let mailbox = ControlMailbox()
        let winners = Drops()
        do {
            let threads = try (1...4).map { code in
                try SharedThread(named: "stopper") {
                    if mailbox.requestStop(code: UInt8(code)) { winners.count.add(1, ordering: .relaxed) }
                }
            }
            #expect(threads.count == 4)
        }
        #expect(winners.count.load(ordering: .relaxed) == 1)
        #expect((1...4).contains(mailbox.stopCode))
    }

    @Test func theBoardNeverShowsHalfAState() throws {
        let board = StatusBoard()
        #expect(board.newest() == nil)
        let mailbox = ControlMailbox()
        let writer = try SharedThread(named: "board-writer") {
            var number: Int64 = 0
            while mailbox.stopCode == 0 {
                number += 1
                var block = WordBlock()
                for index in 0..<8 { block.words[index] = number }
                board.show(block)
                mailbox.loopAlive()
            }
        }
        #expect(eventually { mailbox.loopBeat > 0 })
        var seen: Int64 = 0
        var torn = 0
        for _ in 0..<200_000 {
            guard let found = board.newest() else { continue }
            for index in 1..<8 where found.words[index] != found.words[0] { torn += 1 }
            if found.words[0] < seen { torn += 1 }
            seen = found.words[0]
        }
        mailbox.requestStop(code: 1)
        withExtendedLifetime(writer) {}
        #expect(torn == 0)
        #expect(seen > 0)
    }
}

@Suite struct PendingKeysTests {
    /// A command of one tick, and the channel that it is for.
    private struct Followed: Equatable {
        let command: OperatorCommand
        let place: ChannelPlace

        init(_ command: OperatorCommand, _ place: ChannelPlace = .first) {
            self.command = command
            self.place = place
        }
    }

    private static let places: [ChannelPlace] = [.first, .second]

    /// The commands of the ticks that follow, until there is none left.
    private static func follow(_ keys: inout PendingKeys) -> [Followed] {
        var found: [Followed] = []
        for _ in 0..<100 {
            let next = keys.next()
            guard next.command != .none else { break }
            found.append(Followed(next.command, next.place))
        }
        return found
    }

    private static func lowers(_ count: Int, _ place: ChannelPlace = .first) -> [Followed] {
        [Followed](repeating: Followed(.lower, place), count: count)
    }

    // Proves R-AMP-05.
    @Test func fourPressesThatLowerAreFourCommandsAndNothingThatAsksForMoreWaitsBehindThem() {
        for place in Self.places {
            let other: ChannelPlace = place == .first ? .second : .first
            let mailbox = ControlMailbox()
            var keys = PendingKeys()
            mailbox.press(PendingKeys.rising | OperatorCommand.present.bit, at: other)
            for _ in 0..<4 { mailbox.lower(at: place) }
            keys.take(mailbox)
            let lowered = keys.next()
            #expect(lowered.command == .lower && lowered.place == place)
            // One that comes while they wait for their ticks neither.
            mailbox.press(PendingKeys.rising, at: other)
            mailbox.press(PendingKeys.rising, at: place)
            keys.take(mailbox)
            let followed = Self.follow(&keys)
            #expect(followed == Self.lowers(3, place) + [Followed(.present, other)])
            mailbox.press(OperatorCommand.raise.bit, at: other)
            keys.take(mailbox)
            let later = Self.follow(&keys)
            #expect(later == [Followed(.raise, other)])
            let next = keys.next()
            #expect(next.command == .none)
        }
    }

    // Proves R-AMP-05.
    @Test func pressesThatLowerWaitForTheirTicksAndAddUp() {
        let mailbox = ControlMailbox()
        var keys = PendingKeys()
        for _ in 0..<3 { mailbox.lower(at: .first) }
        keys.take(mailbox)
        let first = keys.next()
        #expect(first.command == .lower && first.place == .first)
        for _ in 0..<2 { mailbox.lower(at: .first) }
        mailbox.lower(at: .second)
        keys.take(mailbox)
        let followed = Self.follow(&keys)
        #expect(followed == Self.lowers(4) + Self.lowers(1, .second))
    }

    // Proves R-AMP-05.
    /// Of a key that was held while the line hung: 0 mA at once, and what falls on the other channel is not held up.
    @Test func manyPressesThatLowerLeadToZeroAtOnce() {
        for place in Self.places {
            let other: ChannelPlace = place == .first ? .second : .first
            let mailbox = ControlMailbox()
            var keys = PendingKeys()
            for _ in 0..<20 { mailbox.lower(at: place) }
            keys.take(mailbox)
            let all = Self.follow(&keys)
            #expect(all == Self.lowers(20, place))
            for _ in 0..<4_096 { mailbox.lower(at: place) }
            mailbox.lower(at: other)
            keys.take(mailbox)
            let zeroed = Self.follow(&keys)
            #expect(zeroed == [Followed(.zero, place)] + Self.lowers(1, other))
        }
    }

    // Proves R-AMP-05.
    /// The end of a search leads to 0 mA, and waits behind nothing; nor does anything that asks for more follow it, or
    /// 0 mA on either channel.
    @Test func theEndOfASearchAndZeroComeFirstAndTakeBackWhatAsksForMore() {
        for command in [OperatorCommand.endSearch, .zero] {
            for place in Self.places {
                let mailbox = ControlMailbox()
                var keys = PendingKeys()
                for each in Self.places { mailbox.press(PendingKeys.rising, at: each) }
                mailbox.lower(at: place == .first ? .second : .first)
                mailbox.press(command.bit, at: place)
                keys.take(mailbox)
                let followed = Self.follow(&keys)
                #expect(followed == [Followed(command, place)] + Self.lowers(1, place == .first ? .second : .first))
            }
        }
    }

    // Proves R-AMP-03.
    @Test func aRaiseThatComesWithWhatLowersIsGone() {
        let raise = OperatorCommand.raise.bit
        for place in Self.places {
            let mailbox = ControlMailbox()
            var keys = PendingKeys()
            mailbox.press(raise, at: place)
            for _ in 0..<4 { mailbox.lower(at: place) }
            keys.take(mailbox)
            let lowered = Self.follow(&keys)
            #expect(lowered == Self.lowers(4, place))
            mailbox.press(raise | OperatorCommand.zero.bit, at: place)
            keys.take(mailbox)
            let zeroed = Self.follow(&keys)
            #expect(zeroed == [Followed(.zero, place)])
            // One that waits from a tick before is gone as well.
            mailbox.press(raise | OperatorCommand.arm.bit, at: place)
            keys.take(mailbox)
            let armed = keys.next()
            #expect(armed.command == .arm)
            mailbox.lower(at: place)
            keys.take(mailbox)
            let late = Self.follow(&keys)
            #expect(late == Self.lowers(1, place))
        }
    }

    // Proves R-AMP-05, R-STOP-18.
    @Test func zeroAndPauseLeaveNothingToLower() {
        for command in [OperatorCommand.zero, .pause] {
            let mailbox = ControlMailbox()
            var keys = PendingKeys()
            for place in Self.places {
                for _ in 0..<4 { mailbox.lower(at: place) }
            }
            mailbox.press(command.bit)
            keys.take(mailbox)
            let together = Self.follow(&keys)
            // 0 mA is of one channel, a pause of both.
            #expect(together == [Followed(command)] + (command == .zero ? Self.lowers(4, .second) : []))
            for place in Self.places {
                for _ in 0..<4 { mailbox.lower(at: place) }
            }
            keys.take(mailbox)
            let first = keys.next()
            #expect(first.command == .lower && first.place == .first)
            mailbox.press(command.bit, at: .second)
            keys.take(mailbox)
            let later = Self.follow(&keys)
            #expect(later == [Followed(command, .second)] + (command == .zero ? Self.lowers(3) : []))
        }
    }

    // Proves R-STOP-18.
    @Test func aPauseIsTheLastWordOnWhatAsksForMore() {
        for place in Self.places {
            for other in Self.places {
                let mailbox = ControlMailbox()
                var keys = PendingKeys()
                mailbox.press(OperatorCommand.pause.bit, at: place)
                mailbox.press(OperatorCommand.resume.bit, at: other)
                keys.take(mailbox)
                let alone = Self.follow(&keys)
                #expect(alone == [Followed(.pause, place)])
                for each in Self.places { mailbox.press(PendingKeys.rising, at: each) }
                mailbox.press(OperatorCommand.pause.bit, at: place)
                mailbox.press(OperatorCommand.present.bit, at: other)
                keys.take(mailbox)
                let all = Self.follow(&keys)
                #expect(all == [Followed(.pause, place), Followed(.present, other)])
                // What is pressed after it was followed counts.
                mailbox.press(OperatorCommand.resume.bit, at: other)
                keys.take(mailbox)
                let later = Self.follow(&keys)
                #expect(later == [Followed(.resume, other)])
            }
        }
    }

    // Proves R-STOP-18.
    /// After the end of a search the session is armed, and a pause would be refused: high voltage would stay on.
    @Test func aPauseComesBeforeWhateverElseFalls() {
        let others: [OperatorCommand] = [.endSearch, .zero]
        for place in Self.places {
            for other in Self.places {
                for command in others {
                    let mailbox = ControlMailbox()
                    var keys = PendingKeys()
                    mailbox.press(command.bit, at: other)
                    mailbox.press(OperatorCommand.pause.bit, at: place)
                    keys.take(mailbox)
                    let followed = Self.follow(&keys)
                    #expect(followed == [Followed(.pause, place), Followed(command, other)])
                }
            }
        }
    }

    // Proves R-AMP-10.
    @Test func whatRisesIsWhatAsksForMore() {
        var asking: UInt32 = 0
        for raw in UInt8(0)...20 {
            guard let command = OperatorCommand(rawValue: raw), command.asksForMore else { continue }
            asking |= command.bit
        }
        #expect(asking.nonzeroBitCount == 5)
        #expect(PendingKeys.rising == asking)
    }
}

/// A thread in a reference, for tests that want several.
private final class SharedThread {
    private let thread: OwnedThread<Int>

    init(named name: String, _ body: @escaping @Sendable () -> Void) throws {
        thread = try OwnedThread(named: name, stackBytes: 512 << 10, owner: 0) { (_: inout Int) in body() }
    }
}
