import Foundation
import Glibc

/// Where the programs under test and their files are.
enum House {
    /// The build folder: the programs lie beside the running test.
    static let builds: String = {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: program).deletingLastPathComponent().path
    }()

    /// The top of the package.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let host = builds + "/motorpoint"
    static let bench = builds + "/motorpoint-bench"
    static let simulator = builds + "/motorpoint-sim"
    static let demoRig = root + "/Hardware/rigs/demo-p24.yaml"
    static let protocols = root + "/Protocols"

    /// A script of the pretend operator that is shipped.
    static func script(_ name: String) throws -> String {
        try String(contentsOfFile: "\(root)/scripts/operator/\(name).txt", encoding: .utf8)
    }

    /// Before a command: it then runs without root's right to pass by permissions. Nothing for an ordinary user.
    static let unprivileged: [String] =
        getuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all"] : []
}

/// Said loudly, on standard output, in a form that is looked for.
func tell(_ text: String) { print(text) }

/// What went wrong with a test's own means, or with what it drives.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The computer stood still so long that a session ended over it. That is what a session must do, and it says so by
/// name; but then it is not what the test is about.
struct MachineStall: Error, CustomStringConvertible {
    let description: String

    /// The faults by which a session says that its computer, or the one of the pretend rig, was held up.
    private static let names = ["fault: Computer too late", "fault: Pulse not confirmed"]

    init?(screen: String) {
        guard let name = Self.names.first(where: screen.contains) else { return nil }
        let timing = screen.split(whereSeparator: \.isNewline).last { $0.contains("wake-ups") } ?? ""
        description = "\(name);\(timing)"
    }

    private init(_ description: String) { self.description = description }

    /// Runs `body` again when the machine stood still, and says so each time; never more than three times.
    static func told<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
        for attempt in 1...3 {
            do {
                return try body()
            } catch let stall as MachineStall {
                tell("STALLED: \(what), attempt \(attempt) of 3: this machine ended the session: \(stall)")
            }
        }
        throw Trouble("\(what): this machine stood still in every attempt; what was to be seen was never seen")
    }

    /// As `told`, with many cases under way at once: those in which the machine stood still run again.
    static func told<Case, Running>(
        _ cases: [Case], atOnce: Int, start: (Case) throws -> Running, check: (Case, Running) throws -> Void
    ) throws {
        var left = cases
        for attempt in 1...3 {
            var again: [Case] = []
            while !left.isEmpty {
                let batch = left.prefix(atOnce)
                left.removeFirst(batch.count)
                let running = try batch.map { ($0, try start($0)) }
                for (one, session) in running {
                    do {
                        try check(one, session)
                    } catch let stall as MachineStall {
                        tell("STALLED: \(one), attempt \(attempt) of 3: this machine ended the session: \(stall)")
                        again.append(one)
                    }
                }
            }
            if again.isEmpty { return }
            left = again
        }
        throw Trouble("\(left): this machine stood still in every attempt; what was to be seen was never seen")
    }
}
