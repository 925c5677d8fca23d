import ByteStreams
import CLinuxIO
import Glibc
import Testing

/// The settings that a program finds on a terminal.
private func settings(of descriptor: Int32) -> termios {
    var found = termios()
    #expect(unsafe tcgetattr(descriptor, &found) == 0)
    return found
}

private func isKeyByKey(_ settings: termios) -> Bool {
    let off = settings.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0
    return off && settings.c_iflag & tcflag_t(IXON | IXOFF) == 0
}

private func isOrdinary(_ settings: termios) -> Bool {
    settings.c_lflag & tcflag_t(ICANON | ECHO | ISIG) == tcflag_t(ICANON | ECHO | ISIG)
        && settings.c_iflag & tcflag_t(IXON) != 0
}

@Suite(.serialized) struct TerminalModeTests {
    @Test func stopKeysArriveAsBytesAndTheTerminalComesBack() throws {
        var person = try PseudoTerminal(.terminal)
        var keyboard = try ByteStream(path: person.slavePath, for: .both)
        #expect(isOrdinary(settings(of: keyboard.descriptor)))
        let mode = try TerminalMode(keyByKeyOn: keyboard.descriptor)
        #expect(isKeyByKey(settings(of: keyboard.descriptor)))
        // ^C ^Z ^\ ^S ^Q ESC and a space.
        let keys: [UInt8] = [3, 26, 28, 19, 17, 27, 32]
        #expect(person.master.write(keys.span) == .wrote(keys.count))
        #expect(collect(keys.count, from: &keyboard) == keys)
        #expect(throws: SystemError.self) { _ = try TerminalMode(keyByKeyOn: keyboard.descriptor).restore() }
        mode.restore()
        #expect(isOrdinary(settings(of: keyboard.descriptor)))
    }

    @Test func whatIsNoTerminalIsRefused() throws {
        var readEnd: Int32 = -1
        var writeEnd: Int32 = -1
        #expect(unsafe mp_pipe(&readEnd, &writeEnd) == 0)
        let reader = try ByteStream(owning: readEnd)
        let writer = try ByteStream(owning: writeEnd)
        let error = #expect(throws: SystemError.self) { try TerminalMode(keyByKeyOn: reader.descriptor).restore() }
        #expect(error?.code == Int32(MP_ENOTTY))
        #expect(!TerminalMode.isTerminal(writer.descriptor))
    }

    @Test func aTrapPutsTheTerminalBack() async throws {
        let person = try PseudoTerminal(.terminal)
        let path = person.slavePath
        await #expect(processExitsWith: .failure) { [path = path as String] in
            try LastGasp.install()
            let keyboard = try ByteStream(path: path, for: .both)
            let mode = try TerminalMode(keyByKeyOn: keyboard.descriptor)
            guard isKeyByKey(settings(of: keyboard.descriptor)) else { exit(0) }
            trapNow()
            mode.restore()
        }
        #expect(isOrdinary(settings(of: person.master.descriptor)))
    }

    @Test func anExitPutsTheTerminalBack() async throws {
        let person = try PseudoTerminal(.terminal)
        let path = person.slavePath
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            let keyboard = try ByteStream(path: path, for: .both)
            let mode = try TerminalMode(keyByKeyOn: keyboard.descriptor)
            if isKeyByKey(settings(of: keyboard.descriptor)) { exit(7) }
            mode.restore()
        }
        #expect(isOrdinary(settings(of: person.master.descriptor)))
    }
}

/// A Swift trap that the compiler cannot foresee.
func trapNow() {
    let nothing: [Int] = Array(repeating: 0, count: Int(mp_process()) &* 0)
    print(nothing[Int(mp_process())])
}
