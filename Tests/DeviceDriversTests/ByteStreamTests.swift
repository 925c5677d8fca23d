import ByteStreams
import CLinuxIO
import Glibc
import StimulusModel
import Testing

@Suite struct ByteStreamTests {
    @Test func aSilentPeerIsNothingAndAHungUpOneIsGone() throws {
        var rig = try PseudoTerminal(.raw)
        var host = try ByteStream(path: rig.slavePath, for: .both)
        #expect(readOnce(&host).0 == .nothing)
        #expect(readOnce(&host).0 == .nothing)
        rig.close()
        #expect(readOnce(&host).0 == .gone(Int32(MP_EIO)))
        #expect(host.write([1, 2, 3].span) == .gone(Int32(MP_EIO)))
    }

    @Test func bytesPassUnchangedBothWays() throws {
        var rig = try PseudoTerminal(.raw)
        var host = try ByteStream(path: rig.slavePath, for: .both)
        let all = (0...255).map { UInt8($0) }
        #expect(host.write(all.span) == .wrote(256))
        #expect(collect(256, from: &rig.master) == all)
        #expect(rig.master.write(all.span) == .wrote(256))
        #expect(collect(256, from: &host) == all)
    }

    @Test func aFullLineTakesPartAndThenIsBlocked() throws {
        let rig = try PseudoTerminal(.raw)
        var host = try ByteStream(path: rig.slavePath, for: .both)
        let block = [UInt8](repeating: 7, count: 5_000)
        var taken = 0
        var partial = false
        var outcome = host.write(block.span)
        while case .wrote(let count) = outcome {
            #expect(count > 0 && count <= block.count)
            if count < block.count { partial = true }
            taken += count
            outcome = host.write(block.span)
        }
        #expect(outcome == .blocked)
        #expect(partial, "a pty was expected to take part of a block before it is full")
        #expect(taken > 0 && taken < 1 << 20)
        print("a pty took \(taken) bytes before it blocked")
    }

    @Test func aFullLineWhosePeerIsGoneIsNotCalledBlocked() throws {
        var rig = try PseudoTerminal(.raw)
        var host = try ByteStream(path: rig.slavePath, for: .both)
        let block = [UInt8](repeating: 7, count: 5_000)
        while case .wrote = host.write(block.span) {}
        rig.close()
        #expect(host.write(block.span) == .gone(Int32(MP_EIO)))
    }

    @Test func theMasterOutlivesItsVisitorsWhenItHoldsTheSlave() throws {
        var rig = try PseudoTerminal(.raw)
        do {
            var host = try ByteStream(path: rig.slavePath, for: .both)
            #expect(host.write([9].span) == .wrote(1))
        }
        #expect(collect(1, from: &rig.master) == [9])
        #expect(readOnce(&rig.master).0 == .nothing)
        var next = try ByteStream(path: rig.slavePath, for: .both)
        #expect(rig.master.write([5].span) == .wrote(1))
        #expect(collect(1, from: &next) == [5])
    }

    @Test func theMasterSeesItsVisitorLeaveWhenItHoldsNothing() throws {
        var rig = try PseudoTerminal(.raw, holdingSlave: false)
        #expect(readOnce(&rig.master).0 == .nothing)
        do {
            let host = try ByteStream(path: rig.slavePath, for: .both)
            let closed = host.isClosed
            #expect(!closed)
            #expect(readOnce(&rig.master).0 == .nothing)
        }
        #expect(readOnce(&rig.master).0 == .gone(Int32(MP_EIO)))
        let next = try ByteStream(path: rig.slavePath, for: .both)
        let closed = next.isClosed
        #expect(!closed)
        #expect(readOnce(&rig.master).0 == .nothing)
    }

    @Test func aClosedStreamIsGone() throws {
        let rig = try PseudoTerminal(.raw)
        var host = try ByteStream(path: rig.slavePath, for: .both)
        host.close()
        host.close()
        let closed = host.isClosed
        #expect(closed)
        #expect(readOnce(&host).0 == .gone(Int32(MP_EBADF)))
        #expect(host.write([1].span) == .gone(Int32(MP_EBADF)))
    }

    @Test func dataBeforeTheEndOfAPipeIsDelivered() throws {
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        #expect(unsafe mp_pipe(&readEnd, &writeEnd) == 0)
        var reader = try ByteStream(owning: readEnd)
        var writer = try ByteStream(owning: writeEnd)
        #expect(writer.write([1, 2].span) == .wrote(2))
        writer.close()
        #expect(readOnce(&reader).1 == [1, 2])
        #expect(readOnce(&reader).0 == .gone(Int32(MP_EIO)))
    }

    @Test func reopeningLeavesTheInheritedDescriptorBlocking() throws {
        let person = try PseudoTerminal(.terminal)
        let inherited = unsafe open(person.slavePath, O_RDWR | O_NOCTTY)
        defer { close(inherited) }
        let before = fcntl(inherited, F_GETFL)
        #expect(before & O_NONBLOCK == 0)
        var console = try ByteStream(reopening: inherited, for: .both)
        #expect(readOnce(&console).0 == .nothing)
        #expect(fcntl(inherited, F_GETFL) == before)
    }

    @Test func aMissingPathSaysWhatWasTried() throws {
        let error = #expect(throws: SystemError.self) {
            _ = try ByteStream(path: "/nowhere/ttyACM9", for: .both).isClosed
        }
        #expect(error?.code == Int32(MP_ENOENT))
        #expect(error?.description == "cannot open /nowhere/ttyACM9: No such file or directory (ENOENT)")
    }

    @Test func theWindowSizeReachesTheOtherSide() throws {
        let person = try PseudoTerminal(.terminal)
        try person.setWindow(columns: 132, rows: 43)
        let slave = try ByteStream(path: person.slavePath, for: .both)
        let window = try #require(TerminalMode.window(of: slave.descriptor))
        #expect(window.columns == 132 && window.rows == 43)
        #expect(TerminalMode.isTerminal(slave.descriptor))
    }

    @Test func sleepingReachesItsInstantAndClocksOnlyRise() {
        let start = SystemClock.now()
        let goal = start.advanced(by: TimeSpan(milliseconds: 5))
        SystemClock.sleep(until: goal)
        #expect(SystemClock.now().since(goal).nanoseconds >= 0)
        SystemClock.sleep(until: start)
        #expect(SystemClock.bootTime().since(SystemClock.now()).nanoseconds >= -1_000_000)
        #expect(SystemClock.wallNanoseconds() > 1_700_000_000_000_000_000)
    }
}
