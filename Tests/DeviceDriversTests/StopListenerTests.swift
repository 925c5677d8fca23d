import ByteStreams
import CLinuxIO
import DeviceDrivers
import Glibc
import StimulusModel
import Testing

// Proves R-STOP-08.
@Suite struct StopListenerTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Starts a listener whose stop sets code 9 in a mailbox.
    private func listener(_ path: String, _ mailbox: ControlMailbox) throws(StopListenerError) -> StopListener {
        try StopListener(
            at: path, stop: { mailbox.requestStop(code: 9) }, status: { "holding,\n12.5 mA" })
    }

    private func answer(to word: String, at path: String) throws -> [UInt8] {
        var stream = try ByteStream(owning: unsafe mp_unix_connect(path))
        let bytes = Array(word.utf8)
        #expect(stream.write(bytes.span) == .wrote(bytes.count))
        return collect(1_000, from: &stream)
    }

    @Test func aStopIsPassedOnBeforeItIsAnswered() throws {
        let path = scratch.path + "/run/stop"
        let mailbox = ControlMailbox()
        let listening = try listener(path, mailbox)
        #expect(try StopRequest.status(path: path) == "holding, 12.5 mA")
        #expect(mailbox.stopCode == 0)
        #expect(try StopRequest.sendStop(path: path) == "stopping")
        #expect(mailbox.stopCode == 9)
        _ = consume listening
        #expect(!exists(path), "the socket file stays behind")
        #expect(throws: StopRequestError.noSession(path: path)) { try StopRequest.sendStop(path: path) }
    }

    @Test func onlyItsOwnUserCanReachIt() throws {
        let folder = scratch.path + "/run"
        let path = folder + "/stop"
        let listening = try listener(path, ControlMailbox())
        var found = stat()
        #expect(unsafe stat(path, &found) == 0)
        #expect(found.st_mode & 0o777 == 0o600)
        #expect(unsafe stat(folder, &found) == 0)
        #expect(found.st_mode & 0o777 == 0o700)
        _ = consume listening
    }

    @Test func anotherUserIsNotHeard() async throws {
        guard getuid() == 0 else {
            print("SKIPPED: only root can pretend to be another user")
            return
        }
        let folder = scratch.path + "/run"
        let path = folder + "/stop"
        let mailbox = ControlMailbox()
        let listening = try listener(path, mailbox)
        await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
            becomeNobody()
            do throws(StopRequestError) {
                _ = try StopRequest.sendStop(path: path)
                exit(5)
            } catch {
                exit(error == .notPermitted(path: path) ? 0 : 6)
            }
        }
        // Even where the file's mode lets them in, the kernel's word for who they are keeps them out.
        #expect(setMode(folder, 0o755) && setMode(path, 0o666) && setMode(scratch.path, 0o755))
        await #expect(processExitsWith: .exitCode(0)) { [path = path as String] in
            becomeNobody()
            do throws(StopRequestError) {
                _ = try StopRequest.sendStop(path: path)
                exit(5)
            } catch {
                exit(error == .noAnswer(path: path) ? 0 : 6)
            }
        }
        #expect(mailbox.stopCode == 0)
        _ = consume listening
    }

    @Test func aSilentClientDelaysNobodysStop() throws {
        let path = scratch.path + "/stop"
        let mailbox = ControlMailbox()
        let listening = try listener(path, mailbox)
        let silent = try (0..<12).map { _ in try Silent(path) }
        #expect(try StopRequest.sendStop(path: path) == "stopping")
        #expect(mailbox.stopCode == 9)
        #expect(silent.count == 12)
        _ = consume listening
    }

    @Test func aWriterToAClosedSocketLives() throws {
        let path = scratch.path + "/stop"
        let listener = unsafe mp_unix_listen(path)
        var client = try ByteStream(owning: unsafe mp_unix_connect(path))
        var user: Int32 = -1
        var process: Int32 = -1
        mp_close(unsafe mp_unix_accept(listener, &user, &process))
        mp_close(listener)
        #expect(user == mp_user() && process == mp_process())
        // No handler is installed in this process: a SIGPIPE would end the whole run.
        #expect(client.write([1].span) == .gone(Int32(MP_EPIPE)))
    }

    @Test func whatIsNoRequestStopsNothing() throws {
        let path = scratch.path + "/stop"
        let mailbox = ControlMailbox()
        let listening = try listener(path, mailbox)
        let unknown = Array("unknown request: say `stop` or `status`\n".utf8)
        #expect(try answer(to: "stopp\n", at: path) == unknown)
        #expect(try answer(to: "\n", at: path) == unknown)
        #expect(try answer(to: String(repeating: "s", count: 10_000), at: path).isEmpty)
        #expect(mailbox.stopCode == 0)
        #expect(try answer(to: "stop\nmore", at: path) == Array("stopping\n".utf8))
        #expect(mailbox.stopCode == 9)
        _ = consume listening
    }

    @Test func aRunningSessionIsNotReplacedAndADeadOneIs() async throws {
        let path = scratch.path + "/stop"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let listening = try StopListener(at: path, stop: {}, status: { "" })
            kill(getpid(), SIGKILL)
            _ = consume listening
        }
        #expect(exists(path))
        #expect(throws: StopRequestError.noSession(path: path)) { try StopRequest.sendStop(path: path) }
        let mailbox = ControlMailbox()
        let listening = try listener(path, mailbox)
        #expect(throws: StopListenerError.inUse(path: path)) { _ = try listener(path, ControlMailbox()) }
        #expect(try StopRequest.sendStop(path: path) == "stopping")
        #expect(mailbox.stopCode == 9)
        _ = consume listening
    }

    @Test func aFolderThatOthersMayWriteToIsRefused() throws {
        let folder = scratch.path
        #expect(setMode(folder, 0o777))
        #expect(throws: StopListenerError.folderNotPrivate(folder)) {
            _ = try listener(folder + "/stop", ControlMailbox())
        }
        let file = scratch.path + "/file"
        close(unsafe creat(file, 0o600))
        #expect(throws: StopListenerError.self) { _ = try listener(file, ControlMailbox()) }
        #expect(exists(file), "a file that is no socket was removed")
    }
}

/// Connects and says nothing.
private final class Silent {
    private let stream: ByteStream

    init(_ path: String) throws {
        var descriptor: Int32 = -1
        #expect(
            eventually {
                descriptor = unsafe mp_unix_connect(path)
                return descriptor >= 0
            })
        stream = try ByteStream(owning: descriptor)
    }
}

@Suite struct ChildProcessTests {
    @Test func aChildOnATerminalHasItForItsOwn() throws {
        var person = try PseudoTerminal(.terminal)
        // `sleep` is stopped by the ^C that the terminal turns into a signal: it is the controlling terminal.
        var child = try ChildProcess(
            "/bin/sh", arguments: ["-c", "test -t 0 && test -t 1 && echo ready $WHO && exec sleep 60"],
            environment: ["WHO": "here", "PATH": "/usr/bin:/bin"], on: .terminal(person.slavePath))
        let ready = Array("ready here\r\n".utf8)
        #expect(collect(ready.count, from: &person.master) == ready)
        #expect(child.poll() == nil)
        #expect(person.master.write([3].span) == .wrote(1))
        #expect(child.wait() == .killed(signal: SIGINT))
    }

    @Test func aChildOnAPipeTellsItsExitStatus() throws {
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        #expect(unsafe mp_pipe(&readEnd, &writeEnd) == 0)
        var reader = try ByteStream(owning: readEnd)
        var child = try ChildProcess(
            "/bin/sh", arguments: ["-c", "cat; echo out; exit 3"], environment: [:],
            on: .descriptors(input: nil, output: writeEnd, error: nil))
        mp_close(writeEnd)
        #expect(child.wait() == .exited(status: 3))
        #expect(collect(4, from: &reader) == Array("out\n".utf8))
    }

    @Test func aProgramThatIsNotThereIsAnError() {
        #expect(throws: SystemError.self) {
            var child = try ChildProcess(
                "/nowhere/program", arguments: [], environment: [:],
                on: .descriptors(input: nil, output: nil, error: nil))
            _ = child.wait()
        }
    }
}
