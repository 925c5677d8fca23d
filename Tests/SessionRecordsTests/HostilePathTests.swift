import Foundation
import Glibc
import SessionRecords
import Testing

@Suite("Hostile paths")
struct HostilePathTests {
    private func problem(_ path: String) throws -> FileProblem {
        let problems = #expect(throws: FileProblems.self) { try ProtocolLoader.load(path: path) }
        let first = try #require(problems?.problems.first)
        #expect(first.file == path)
        #expect(first.hint != nil)
        return first
    }

    // Proves R-FILE-02.
    @Test("Missing, folder, pipe, device, link without end, long name")
    func kinds() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        #expect(try problem(folder + "/none.yaml").message == "there is no such file")
        #expect(try problem(folder).message == "is a folder, not a file")
        #expect(try run("mkfifo", folder + "/pipe.yaml") == 0)
        #expect(try problem(folder + "/pipe.yaml").message == "is a named pipe, not a file")
        #expect(try problem("/dev/zero").message == "is a character device, not a file")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/a.yaml", withDestinationPath: folder + "/b.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/b.yaml", withDestinationPath: folder + "/a.yaml")
        #expect(try problem(folder + "/a.yaml").message.contains("symbolic links without an end"))
        #expect(try problem(folder + "/" + String(repeating: "n", count: 300)).message.contains("too long"))
    }

    // Proves R-FILE-02.
    @Test("Ten megabytes are refused by their length, unread")
    func tenMegabytes() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/big.yaml"
        try Data(repeating: 0x61, count: 10 * 1_024 * 1_024).write(to: URL(fileURLWithPath: path))
        let found = try problem(path)
        #expect(found.message.contains("too long"))
        #expect(found.limit == "262144 bytes")
        #expect(found.value == "10485760 bytes")
    }

    // Proves R-FILE-02.
    @Test("Bytes that are no UTF-8 are named by their line")
    func notText() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/latin.yaml"
        try Data(Array("format: x\ntitle: caf".utf8) + [0xE9, 0x0A]).write(to: URL(fileURLWithPath: path))
        let found = try problem(path)
        #expect(found.message == "not UTF-8 text")
        #expect(found.line == 2)
    }

    @Test("A file that may not be read")
    func unreadable() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/secret.yaml"
        try write("x", to: path)
        try setMode(path, 0)
        let found = try problem(path)
        // The superuser reads everything: then the content is what is wrong.
        #expect(
            found.message == (geteuid() == 0 ? "keys with values are expected here" : "may not be read by this user"))
    }

    // Proves R-FILE-04.
    @Test("The id must be the file's name")
    func name() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/other.yaml"
        try write(try shipped("Protocols/vmo-relieve-surface.yaml"), to: path)
        let found = try problem(path)
        #expect(found.message == "the id is not the file's name")
        #expect(found.line == 3)
        #expect(found.hint?.contains("vmo-relieve-surface.yaml") == true)
    }

    // Proves R-FILE-04.
    @Test("One id in two folders: neither is used, and both are named")
    func duplicateIDs() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        try write(try shipped("Protocols/vmo-relieve-surface.yaml"), to: folder + "/vmo-relieve-surface.yaml")
        try write("x", to: folder + "/old.yml")
        let shelf = ProtocolShelf(folders: [packageFolder + "/Protocols", folder])
        #expect(shelf.find("vmo-relieve-surface") == nil)
        #expect(shelf.find("gmed-relieve-surface") != nil)
        let texts = shelf.problems.map(\.description)
        #expect(texts.contains { $0.contains("stands in another file") && $0.contains(folder) })
        #expect(texts.contains { $0.contains("end the name in .yaml") })
        #expect(shelf.problems(about: "vmo-relieve-surface").count == 1)
    }

    @Test("A folder that is not there")
    func noFolder() {
        let shelf = ProtocolShelf(folders: ["/nowhere/at/all"])
        #expect(shelf.protocols.isEmpty)
        #expect(shelf.problems.count == 1)
    }
}
