import Foundation

/// Keys, policy, signatures and a calibration of the pretend P24, made once for all tests by `RigPapers`: a session
/// begins only with them.
enum Papers {
    /// Beside the programs, made anew by each run.
    private static let template = Result { () throws -> String in
        let folder = House.builds + "/papers-of-process-tests"
        try? FileManager.default.removeItem(atPath: folder)
        let made = try Program.run(
            House.builds + "/RigPapers",
            ["--data", folder, "--protocols", House.protocols, "--p24", "SIMULATED1"], in: nil)
        guard made.status == 0 else { throw Trouble("RigPapers: \(made.everything)") }
        return folder
    }

    /// Puts them into a data folder, which is made if there is none; what is there stays.
    static func place(in data: String) throws {
        let folder = try template.get()
        let files = FileManager.default
        guard !files.fileExists(atPath: data + "/policy.yaml") else { return }
        if !files.fileExists(atPath: data) {
            try files.createDirectory(
                atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        for name in try files.contentsOfDirectory(atPath: folder) where name != ".trust" {
            try files.copyItem(atPath: "\(folder)/\(name)", toPath: "\(data)/\(name)")
        }
    }
}
