import ArgumentParser
import CareModel
import Foundation
import SessionRecords

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list, revoke, back up and restore the keys that sign.",
        discussion: """
            A key is believed only when the policy names it: `create` prints the lines for policy.yaml of the data \
            folder. A technician's key signs calibrations, a clinic's key protocols as well. A lost key: revoke it as \
            compromised, make a new one, sign anew.
            """,
        subcommands: [
            CreateKey.self, ListKeys.self, RevokeKey.self, BackUpKey.self, RestoreKey.self,
        ])
}

/// What signs and locks can go wrong with, as an exit status.
enum TrustFailure {
    static func running<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let problem as TrustFileProblem {
            switch problem {
            case .noSuchKey: throw Failure(.notFound, "\(problem)")
            case .badName: throw Failure(.usage, "\(problem)")
            case .damaged, .file: throw Failure(.badFile, "\(problem)")
            default: throw Failure(.cannotWrite, "\(problem)")
            }
        }
    }
}

struct CreateKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key, and print the lines with which a policy believes it.")

    @Argument(help: "Its id: lower-case letters, digits, hyphens.") var id: String
    @Option(help: "Initials of its holder, or the name of an office.") var holder: String
    @Option(help: "technician or clinic.", completion: .list(["technician", "clinic"])) var role: String
    @Option(name: .customLong("valid-days"), help: "How long it is to be believed.") var validDays: Int64 = 1_095
    @Option(name: .customLong("passphrase-file"), help: "File with a passphrase for it.", completion: .file())
    var passphraseFile: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard let role = KeyRole(rawValue: role) else {
                throw Failure(.usage, "--role is technician or clinic, not \"\(self.role)\"")
            }
            guard (1...3_650).contains(validDays) else { throw Failure(.usage, "--valid-days is 1 to 3650") }
            let folder = try places.dataFolder()
            let store = KeyStore(dataFolder: folder)
            let key = try TrustFailure.running {
                try store.create(id: id, passphrase: try PassphraseReader.given(passphraseFile))
            }
            let today = CalendarDay(WallClock.now())
            let end = CalendarDay(daysSince1970: today.daysSince1970 + validDays) ?? .latest
            print("# Key \(id) is in \(store.folder.keys). Under `keys:` of \(store.folder.policy):")
            print(store.policyLines(key, holder: holder, role: role, from: today, until: end))
        }
    }
}

struct ListKeys: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys of the data folder.")

    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let folder = try places.dataFolder()
            let store = KeyStore(dataFolder: folder)
            let (policy, path) = try TrustDesk.loadPolicy(dataFolder: folder)
            let revoked = try TrustFailure.running { try store.revocations() }
            let own = try TrustFailure.running { try store.list() }
            print("Policy: \(path)")
            for key in own {
                let trusted = policy.keys.first { $0.id == key.id && $0.publicKey == key.publicKey.bytes }
                var words = [key.hasSecret ? "secret half here" : "public half only"]
                if key.needsPassphrase { words.append("behind a passphrase") }
                if let trusted {
                    words.append(
                        "believed as \(trusted.role.rawValue) (\(trusted.holder)) from \(trusted.validFrom.text) to "
                            + trusted.validUntil.text)
                } else {
                    words.append("not in the policy: nothing that it signs is believed")
                }
                if let gone = revoked.first(where: { $0.keyID == key.id }) {
                    words.append("REVOKED \(gone.on.text), \(gone.reason.rawValue), by \(gone.by)")
                }
                print("\(key.id): " + words.joined(separator: ", "))
            }
            for key in policy.keys where !own.contains(where: { $0.id == key.id }) {
                print("\(key.id): in the policy as \(key.role.rawValue) (\(key.holder)), not in this folder")
            }
            if own.isEmpty, policy.keys.isEmpty { print("no keys: make one with `motorpoint-bench keys create`") }
        }
    }
}

struct RevokeKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "From now on a key is no longer believed. This cannot be taken back.",
        discussion: """
            retired: put away in good order, what it signed before today stays valid. compromised: lost, copied or in \
            doubt, nothing that it ever signed is believed.
            """)

    @Argument(help: "Its id.") var id: String
    @Option(help: "retired or compromised.", completion: .list(["retired", "compromised"])) var reason: String
    @Option(help: "Initials of whoever revokes it.") var by: String
    @Option(help: "What happened.") var note: String
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard let reason = RevocationReason(rawValue: reason) else {
                throw Failure(.usage, "--reason is retired or compromised, not \"\(self.reason)\"")
            }
            let store = KeyStore(dataFolder: try places.dataFolder())
            try TrustFailure.running {
                try store.revoke(id, on: CalendarDay(WallClock.now()), reason: reason, by: by, note: note)
            }
            print("\(id) is revoked (\(reason.rawValue)). Make a new key and sign anew what is still needed.")
        }
    }
}

struct BackUpKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a key to a file behind a passphrase: for a safe, not for this computer."
    )

    @Argument(help: "Its id.") var id: String
    @Option(help: "The file to write.", completion: .file()) var to: String
    @Option(name: .customLong("sealed-with"), help: "File with the passphrase of the copy.", completion: .file())
    var sealedWith: String
    @Option(name: .customLong("passphrase-file"), help: "File with the key's own passphrase.", completion: .file())
    var passphraseFile: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard let seal = try PassphraseReader.given(sealedWith) else { return }
            let store = KeyStore(dataFolder: try places.dataFolder())
            try TrustFailure.running {
                try store.backUp(
                    id, passphrase: try PassphraseReader.given(passphraseFile), to: to, sealedWith: seal)
            }
            print("\(id) is in \(to), behind its passphrase.")
        }
    }
}

struct RestoreKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Take a key back from its backup; one that is here is never replaced.")

    @Argument(help: "Its id.") var id: String
    @Option(help: "The file of the backup.", completion: .file()) var from: String
    @Option(name: .customLong("sealed-with"), help: "File with the passphrase of the copy.", completion: .file())
    var sealedWith: String
    @Option(name: .customLong("passphrase-file"), help: "File with a passphrase for it here.", completion: .file())
    var passphraseFile: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            guard let seal = try PassphraseReader.given(sealedWith) else { return }
            let store = KeyStore(dataFolder: try places.dataFolder())
            _ = try TrustFailure.running {
                try store.restore(
                    id: id, from: from, sealedWith: seal, newPassphrase: try PassphraseReader.given(passphraseFile))
            }
            print("\(id) is back.")
        }
    }
}

struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign treatment protocols that the clinic has read and takes responsibility for."
    )

    @Argument(help: "Their ids.", completion: .custom(Completions.protocolIDs)) var ids: [String]
    @Option(help: "Id of the clinic's key.") var key: String
    @Option(name: .customLong("passphrase-file"), help: "File with the key's passphrase.", completion: .file())
    var passphraseFile: String?
    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let folder = try places.dataFolder()
            let shelf = ProtocolShelf(folders: [try places.protocolFolder()])
            let chosen = try ids.map { try ProtocolChoice.find($0, in: shelf) }
            let passphrase = try PassphraseReader.given(passphraseFile)
            try TrustFailure.running {
                let signer = try KeyStore(dataFolder: folder).open(key, passphrase: passphrase)
                let today = CalendarDay(WallClock.now())
                for content in chosen {
                    let path = try ProtocolSigning.sign(
                        content, by: signer, keyID: key, on: today, dataFolder: folder)
                    print("\(content.content.id), version \(content.content.version): signed by \(key), \(path)")
                }
            }
        }
    }
}
