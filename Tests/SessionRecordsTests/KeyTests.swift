import CareModel
import Foundation
import SessionRecords
import Testing

@Suite("Keys and signatures")
struct KeyTests {
    private func passphrase(_ text: String) -> Passphrase {
        var bytes = Array(text.utf8)
        let made = Passphrase(taking: &bytes)
        #expect(bytes.allSatisfy { $0 == 0 }, "what was typed is wiped")
        return made
    }

    // Proves R-REC-07, R-CAL-03.
    @Test("A key is made for this user alone, is listed, and signs; another text, day, kind or key does not fit")
    func signs() throws {
        let world = try TrustWorld()
        #expect(mode(world.folder + "/keys") == 0o700)
        #expect(mode(world.folder + "/keys/clinic-2026.key") == 0o600)
        #expect(try world.keys.list().map(\.id) == ["clinic-2026", "technician-ab"])
        let key = try world.keys.open("clinic-2026")
        #expect(key.publicKey == world.clinic.publicKey && key.publicKey != world.technician.publicKey)
        let signature = DetachedSignature(
            kind: .treatmentProtocol, subject: "a-b", version: 3, keyID: "clinic-2026",
            signedOn: day("2026-11-20"), of: Array("content".utf8), by: key)
        #expect(signature.isProven(by: key.publicKey) && !signature.isProven(by: world.technician.publicKey))
        #expect(try DetachedSignature.parse(signature.text, file: "x.sig") == signature)
        for (from, to) in [
            ("kind: protocol", "kind: calibration"), ("version: 3", "version: 4"), ("'a-b'", "'a-c'"),
            ("2026-11-20", "2026-11-19"), ("key: clinic-2026", "key: clinic-2025"),
        ] {
            let text = signature.text.replacingOccurrences(of: from, with: to)
            #expect(text != signature.text)
            let changed = try DetachedSignature.parse(text, file: "x.sig")
            #expect(!changed.isProven(by: key.publicKey), "\(from)")
        }
    }

    @Test("A passphrase opens, another does not, and none is asked for by name")
    func passphrases() throws {
        let world = try TrustWorld()
        let made = try world.keys.create(id: "sealed", passphrase: passphrase("open sesame"))
        #expect(made.needsPassphrase)
        #expect(try world.keys.open("sealed", passphrase: passphrase("open sesame")).publicKey == made.publicKey)
        let wrong = #expect(throws: TrustFileProblem.self) {
            try world.keys.open("sealed", passphrase: passphrase("open sesam"))
        }
        #expect(wrong == .wrongPassphrase(world.folder + "/keys/sealed.key"))
        let none = #expect(throws: TrustFileProblem.self) { try world.keys.open("sealed") }
        #expect(none == .passphraseNeeded(world.folder + "/keys/sealed.key"))
    }

    @Test("A backup restores the same key, and nothing is ever replaced")
    func backup() throws {
        let world = try TrustWorld()
        let safe = world.folder + "/safe.backup"
        try world.keys.backUp("clinic-2026", passphrase: nil, to: safe, sealedWith: passphrase("far away"))
        #expect(mode(safe) == 0o600)
        #expect(throws: TrustFileProblem.exists(world.folder + "/keys/clinic-2026.key")) {
            try world.keys.restore(id: "clinic-2026", from: safe, sealedWith: passphrase("far away"))
        }
        let other = KeyStore(dataFolder: world.folder + "/other")
        #expect(throws: TrustFileProblem.wrongPassphrase(safe)) {
            try other.restore(id: "clinic-2026", from: safe, sealedWith: passphrase("nearby"))
        }
        let restored = try other.restore(id: "clinic-2026", from: safe, sealedWith: passphrase("far away"))
        #expect(restored.publicKey == world.clinic.publicKey)
        #expect(try other.open("clinic-2026").publicKey == world.clinic.publicKey)
        #expect(throws: TrustFileProblem.exists(world.folder + "/keys/clinic-2026.key")) {
            try world.keys.create(id: "clinic-2026")
        }
    }

    // Proves R-CAL-03.
    @Test("A key file with one bit flipped is damaged, wherever it is")
    func damaged() throws {
        let world = try TrustWorld()
        let path = world.folder + "/keys/clinic-2026.key"
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in good.indices {
            var bad = good
            bad[index] ^= 1
            try bad.write(to: URL(fileURLWithPath: path))
            #expect(throws: TrustFileProblem.damaged(path), "byte \(index)") { try world.keys.open("clinic-2026") }
        }
    }

    @Test("Names that are none, and names that lead elsewhere, are refused", arguments: ["", "../x", "A", "a/b", "1a"])
    func names(id: String) throws {
        let world = try TrustWorld()
        #expect(throws: TrustFileProblem.badName(id)) { try world.keys.create(id: id) }
        #expect(throws: TrustFileProblem.badName(id)) {
            try world.keys.revoke(id, on: day("2026-11-20"), reason: .retired, by: "AB", note: "x")
        }
    }

    // Proves R-CAL-04, R-FILE-01.
    @Test("What a key prints for the policy is read as that key")
    func policyLines() throws {
        let world = try TrustWorld()
        let lines = world.keys.policyLines(
            world.clinic, holder: "Head's office", role: .clinic, from: day("2026-01-01"), until: day("2027-12-31"))
        let text = """
            format: motorpoint-policy-1
            second_person:
              needle_sessions: "off"
            calibration:
              tolerance_percent: 10
            keys:

            """
        let policy = try PolicyLoader.parse(text + lines + "\n", file: "policy.yaml")
        #expect(policy.calibrationTolerancePermille == 100)
        #expect(
            policy.keys == [
                TrustedKey(
                    id: "clinic-2026", holder: "Head's office", role: .clinic,
                    publicKey: world.clinic.publicKey.bytes, validFrom: day("2026-01-01"),
                    validUntil: day("2027-12-31"))
            ])
        for (from, to, says) in [
            (world.clinic.publicKey.hex, String(world.clinic.publicKey.hex.dropLast()), "no Ed25519 key"),
            ("2027-12-31", "2025-12-31", "before `valid_from`"), ("2026-01-01", "2026-02-30", "no day of the calendar"),
            ("role: clinic", "role: patient", "not one of the known words"), ("id: clinic-2026", "id: X", "no key id"),
            ("tolerance_percent: 10", "tolerance_percent: 20.1", "too large"),
        ] {
            let bad = (text + lines + "\n").replacingOccurrences(of: from, with: to)
            let problems = #expect(throws: FileProblems.self) { try PolicyLoader.parse(bad, file: "policy.yaml") }
            #expect(problems?.description.contains(says) == true, "\(says): \(String(describing: problems))")
        }
        let twice = #expect(throws: FileProblems.self) {
            try PolicyLoader.parse(text + lines + "\n" + lines + "\n", file: "policy.yaml")
        }
        #expect(twice?.description.contains("in another key as well") == true)
    }

    // Proves R-CAL-04.
    @Test("A revocation is for ever; a retired key may yet turn out to be compromised")
    func revocation() throws {
        let world = try TrustWorld()
        let on = day("2026-11-20")
        try world.keys.revoke("clinic-2026", on: on, reason: .retired, by: "AB", note: "new head")
        #expect(throws: TrustFileProblem.self) {
            try world.keys.revoke("clinic-2026", on: on, reason: .retired, by: "AB", note: "again")
        }
        try world.keys.revoke("clinic-2026", on: on, reason: .compromised, by: "AB", note: "it's gone")
        #expect(throws: TrustFileProblem.self) {
            try world.keys.revoke("clinic-2026", on: on, reason: .retired, by: "AB", note: "found")
        }
        let all = try world.keys.revocations()
        #expect(all.map(\.reason) == [.compromised] && all.first?.note == "it's gone")
    }

    // Proves R-CAL-04.
    @Test("The half of a paper that a death left behind hides nothing and blocks nothing")
    func halves() throws {
        let world = try TrustWorld()
        let folder = world.folder + "/calibrations"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/anchor.part-1f"))
        try world.keys.revoke(
            "clinic-2026", on: day("2026-11-20"), reason: .compromised, by: "AB", note: "it's gone")
        let all = try FileManager.default.subpathsOfDirectory(atPath: world.folder)
        let revoked = try #require(all.first { $0.hasSuffix("revoked/clinic-2026") })
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(world.folder)/\(revoked).part-00ab12"))
        #expect(try world.keys.revocations().map(\.keyID) == ["clinic-2026"])
        // A name that this program never gives is a paper that is not understood.
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(world.folder)/\(revoked).part-of"))
        #expect(throws: TrustFileProblem.self) { try world.keys.revocations() }
    }
}
