import ByteStreams
import CLinuxIO
import Glibc
import StimulusModel
import Testing

@testable import DeviceDrivers

/// Why a line could not be opened; nil when it could.
private func refusal(of path: String) -> SerialLineError? {
    do throws(SerialLineError) {
        let line = try SerialLine(opening: path)
        _ = line.kind
        return nil
    } catch {
        return error
    }
}

@Suite struct SerialLineTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func aSymbolicLinkLeadsToTheLine() throws {
        let rig = try PseudoTerminal(.raw)
        let link = scratch.path + "/p24"
        #expect(unsafe symlink(rig.slavePath, link) == 0)
        let line = try SerialLine(opening: link)
        #expect(line.path == link)
        #expect(line.device == rig.slavePath)
        #expect(line.kind == .pseudoTerminal)
    }

    // Proves R-GATE-15.
    @Test func theLineIsRawWithoutFlowControlWhateverItWasBefore() throws {
        let rig = try PseudoTerminal(.terminal)
        let line = try SerialLine(opening: rig.slavePath)
        var found = termios()
        #expect(unsafe tcgetattr(line.stream.descriptor, &found) == 0)
        #expect(found.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(found.c_iflag & tcflag_t(IXON | IXOFF | ICRNL | ISTRIP) == 0)
        #expect(found.c_oflag & tcflag_t(OPOST) == 0)
        #expect(found.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
        #expect(found.c_cflag & tcflag_t(HUPCL) != 0)
        #expect(unsafe cfgetospeed(&found) == speed_t(B3000000))
    }

    // Proves R-GATE-15.
    @Test func whatAnEarlierHostLeftUnreadIsThrownAway() throws {
        var rig = try PseudoTerminal(.raw)
        #expect(rig.master.write([1, 2, 3].span) == .wrote(3))
        var line = try SerialLine(opening: rig.slavePath)
        #expect(rig.master.write([4].span) == .wrote(1))
        #expect(collect(1, from: &line.stream) == [4])
    }

    // Proves R-GATE-10.
    @Test func theSecondHostIsToldWhoHoldsTheLine() async throws {
        let rig = try PseudoTerminal(.raw)
        let line = try SerialLine(opening: rig.slavePath)
        let path = rig.slavePath
        let holder = mp_process()
        await #expect(processExitsWith: .exitCode(0)) { [path = path as String, holder = holder as Int32] in
            guard case .busy(path, let found)? = refusal(of: path) else { exit(2) }
            guard let found else {
                // A container may hide the table of locks; the refusal itself stands.
                print("SKIPPED: /proc/locks does not show the holder here")
                exit(0)
            }
            exit(found.process == holder && !found.command.isEmpty ? 0 : 3)
        }
        #expect(line.device == path)
    }

    // Proves R-GATE-10.
    @Test func theSameProcessCannotHoldItTwice() throws {
        let rig = try PseudoTerminal(.raw)
        let line = try SerialLine(opening: rig.slavePath)
        #expect(refusal(of: line.device) == .busy(path: line.device, holder: LineHolder(ofLockOn: line.device)))
        #expect(LineHolder(ofLockOn: line.device)?.process == mp_process())
    }

    // Proves R-GATE-10.
    @Test func aKilledHostLocksNobodyOut() async throws {
        let rig = try PseudoTerminal(.raw)
        let path = rig.slavePath
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            // Not root: root would pass a TIOCEXCL mark that keeps everybody else out.
            guard setMode(path, 0o666) else { exit(3) }
            becomeNobody()
            let line = try SerialLine(opening: path)
            kill(getpid(), SIGKILL)
            print(line.device)
        }
        await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
            becomeNobody()
            exit(refusal(of: path) == nil ? 0 : 5)
        }
    }

    // Proves R-GATE-15.
    @Test func aPulledCableIsSeen() throws {
        var rig = try PseudoTerminal(.raw)
        var line = try SerialLine(opening: rig.slavePath)
        #expect(readOnce(&line.stream).0 == .nothing)
        rig.close()
        #expect(readOnce(&line.stream).0 == .gone(Int32(MP_EIO)))
        line.stream.close()
        #expect(refusal(of: line.path) == .notFound(path: line.path))
    }

    // Proves R-GATE-15.
    @Test func whatIsNotThereOrNotALineIsNamed() throws {
        let folder = scratch.path
        #expect(refusal(of: folder + "/none") == .notFound(path: folder + "/none"))
        #expect(refusal(of: "/dev/null") == .notATerminal(path: "/dev/null"))
        #expect(refusal(of: folder) == .notATerminal(path: folder))
        #expect(refusal(of: "") == .notFound(path: ""))
        let loop = folder + "/loop"
        #expect(unsafe symlink(loop, loop) == 0)
        guard case .failed(loop, let error)? = refusal(of: loop) else {
            Issue.record("a link to itself was not refused as such")
            return
        }
        #expect(error.code == Int32(MP_ELOOP))
    }

    @Test func aRealLineThatIsNoUsbDeviceIsLookedUpAndNotTakenForOne() throws {
        // What a UART without anything behind it answers differs between machines; its look-up does not.
        guard exists("/dev/ttyS0") else {
            print("SKIPPED: this machine has no real serial line to look up")
            return
        }
        let device = SerialDevice(at: "/dev/ttyS0")
        #expect(device.kind == .real)
        #expect(device.usb == nil)
        #expect(SerialDevice.find(vendor: "0483", product: "5740", serialNumber: "no such number").isEmpty)
    }

    @Test func theSpeedIsThatOfTheDevice() throws {
        let rig = try PseudoTerminal(.raw)
        let line = try SerialLine(opening: rig.slavePath, settings: .pulsePal)
        var found = termios()
        #expect(unsafe tcgetattr(line.stream.descriptor, &found) == 0)
        #expect(unsafe cfgetospeed(&found) == speed_t(B115200))
        #expect(found.c_cflag & tcflag_t(CSTOPB) == 0)
        #expect(line.usb == nil)
        #expect(SerialSettings.p24.hasTwoStopBits)
    }

    @Test func takingBackOutputHarmsNothingThatIsAlreadyAtTheFarEnd() throws {
        // A pseudo-terminal hands bytes over at once. That a real driver takes back what waits: the virtual bench.
        var rig = try PseudoTerminal(.raw)
        var line = try SerialLine(opening: rig.slavePath)
        #expect(line.stream.write([1, 2, 3].span) == .wrote(3))
        #expect(eventually { rig.master.waitForInput(atMostMilliseconds: 0) })
        line.stream.flushOutput()
        #expect(line.stream.write([4].span) == .wrote(1))
        #expect(collect(4, from: &rig.master) == [1, 2, 3, 4])
        // Taking back nothing, and on a closed stream, is nothing.
        line.stream.flushOutput()
        line.stream.close()
        line.stream.flushOutput()
    }

    // Proves R-STOP-16.
    @Test func aDeviceThatIsAboutToVanishIsNotBack() throws {
        // Found on the virtual bench: a USB line is listed for a moment after it has hung up.
        let rig = try PseudoTerminal(.raw)
        let link = scratch.path + "/p24"
        #expect(unsafe symlink(rig.slavePath, link) == 0)
        var looks = 0
        var returned = 0
        let isBack = DeviceHandshake.waitUntilBack(at: link, atMost: TimeSpan(milliseconds: 30_000)) {
            looks += 1
            if looks == 2 { _ = unsafe unlink(link) }
            if looks == 6 { returned = unsafe symlink(rig.slavePath, link) == 0 ? looks : 0 }
            return false
        }
        #expect(isBack)
        #expect(returned == 6)
        #expect(looks > returned)
    }

    // Proves R-GATE-15.
    @Test func aLineOfAnotherUserIsRefused() async throws {
        let rig = try PseudoTerminal(.raw)
        let path = rig.slavePath
        #expect(setMode(path, 0))
        await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
            becomeNobody()
            exit(refusal(of: path) == .permissionDenied(path: path) ? 0 : 5)
        }
    }

    @Test func everyRefusalSaysWhatToDo() {
        let errors: [SerialLineError] = [
            .notFound(path: "/x"), .permissionDenied(path: "/x"), .busy(path: "/x", holder: nil),
            .busy(path: "/x", holder: LineHolder(process: 42, command: "motorpoint")), .notATerminal(path: "/x"),
            .failed(path: "/x", SystemError(code: 5, attempt: "lock /x")),
        ]
        for error in errors {
            #expect(error.description.contains("/x"))
            #expect(error.description.contains(";") || error.description.contains(":"))
        }
        #expect(errors[3].description.contains("motorpoint (process 42)"))
    }
}

@Suite struct SerialDeviceTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func linesAreListedOnceUnderTheirMostStableName() throws {
        let first = try PseudoTerminal(.raw)
        let second = try PseudoTerminal(.raw)
        let folder = scratch.path
        #expect(unsafe mp_private_directory(folder + "/serial") == 0)
        #expect(unsafe mp_private_directory(folder + "/serial/by-id") == 0)
        #expect(unsafe symlink(first.slavePath, folder + "/ttyACM0") == 0)
        #expect(unsafe symlink(second.slavePath, folder + "/ttyACM1") == 0)
        #expect(unsafe symlink(first.slavePath, folder + "/serial/by-id/usb-P24") == 0)
        let list = SerialDevice.list(given: [second.slavePath, folder + "/gone"], in: folder)
        #expect(list.map(\.path) == [folder + "/serial/by-id/usb-P24", folder + "/ttyACM1", folder + "/gone"])
        #expect(list.map(\.kind) == [.simulated, .simulated, .notALine])
        #expect(list.map(\.state) == [.free, .free, .absent])
        #expect(list.allSatisfy { $0.usb == nil })
    }

    // Proves R-GATE-10.
    @Test func aHeldLineShowsItsHolderWithoutBeingOpened() throws {
        let rig = try PseudoTerminal(.raw)
        #expect(SerialDevice(at: rig.slavePath).state == .free)
        let line = try SerialLine(opening: rig.slavePath)
        guard case .inUse(let holder) = SerialDevice(at: line.path).state else {
            Issue.record("the lock is not visible")
            return
        }
        #expect(holder.process == mp_process())
    }

    @Test func theLockTableIsReadByDeviceAndInode() throws {
        let rig = try PseudoTerminal(.raw)
        var device: UInt64 = 0
        var inode: UInt64 = 0
        #expect(unsafe mp_path_identity(rig.slavePath, &device, &inode) == 0)
        let place = "\(hex(mp_device_major(device))):\(hex(mp_device_minor(device))):\(inode)"
        let table = """
            1: POSIX  ADVISORY  WRITE 77 \(place) 0 EOF
            2: FLOCK  ADVISORY  WRITE 78 fe:01:\(inode) 0 EOF
            2: -> FLOCK  ADVISORY  WRITE 79 \(place) 0 EOF
            nonsense
            3: FLOCK  ADVISORY  WRITE 1 \(place) 0 EOF
            """
        #expect(LineHolder(ofLockOn: rig.slavePath, lockTable: table)?.process == 1)
        #expect(LineHolder(ofLockOn: rig.slavePath, lockTable: "") == nil)
    }

    private func hex(_ number: Int32) -> String {
        let text = String(number, radix: 16)
        return text.count < 2 ? "0" + text : text
    }
}
