import Calibration
import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

/// Every reason for which a stimulator is locked, by name.
@Suite("The lock")
struct TrustTests {
    // Proves R-CAL-01.
    @Test("A good calibration opens its gate, and gives its correction and tolerance")
    func proven() throws {
        let world = try TrustWorld()
        try world.calibrate()
        let proven = try world.prove(world.use(outputs: [.first, try #require(Channel(number: 2))]))
        #expect(proven.document.id == "P24-0001-1" && proven.keyID == "technician-ab" && proven.daysLeft == 364)
        #expect(proven.gate == .calibrationValid && proven.notice == nil)
        #expect(
            proven.correction(of: .first)
                == OutputCorrection(gainPartsPerMillion: 1_020_000, offsetNanoamperes: -3_000))
        #expect(proven.capabilities == .p24LowLevel(tolerancePermille: 25))
    }

    // Proves R-CAL-01, R-CAL-06.
    @Test("A needle rig's calibration is rounded to less current, and is the worse of its outputs")
    func needleRig() throws {
        let world = try TrustWorld()
        try world.calibrate { draft in
            draft.stimulator = .pulsePal
            draft.firmware = "21"
            draft.isolator = "DS5"
            draft.gainPartsPerMillion = 1_020_001
        }
        let use = world.use(kind: .pulsePal, firmware: "21", isolator: "DS5")
        let proven = try world.prove(use)
        #expect(proven.channelCalibration(of: .first).gainMicroamperesPerVolt == 1_021)
        #expect(proven.channelCalibration(of: .first).offsetNanoamperes == -3_000)
        #expect(proven.capabilities.residualOffsetNanoamperes == 120)
        #expect(proven.capabilities.imbalancePermille == 4 && proven.capabilities.tolerancePermille == 25)
        #expect(world.refusal(world.use(kind: .pulsePal, firmware: "21", isolator: "DS7")) == .foreign)
        // Within the ±20 % of any output, and beyond the ±10 % of an isolator.
        try world.calibrate { draft in
            draft.stimulator = .pulsePal
            draft.firmware = "21"
            draft.isolator = "DS5"
            draft.gainPartsPerMillion = 1_150_000
        }
        #expect(world.refusal(use) == .failed)
    }

    // Proves R-CAL-01.
    @Test("Missing, failed, foreign, not covered, too wide")
    func content() throws {
        let world = try TrustWorld()
        #expect(world.refusal() == .missing)
        try world.calibrate()
        #expect(world.refusal() == nil)
        #expect(world.refusal(world.use(serial: "P24-0002")) == .missing)
        #expect(world.refusal(world.use(kind: .pulsePal)) == .foreign)
        #expect(world.refusal(world.use(firmware: "2.0.0")) == .foreign)
        #expect(world.refusal(world.use(firmware: "1.9.0")) == nil)
        #expect(world.refusal(world.use(outputs: [.first, try #require(Channel(number: 3))])) == .notCovered)
        world.tolerancePermille = 100
        #expect(world.refusal() == .tooWide)
        try world.calibrate { $0.tolerancePermille = 100 }
        #expect(world.refusal() == nil)
        try world.calibrate { draft in
            draft.tolerancePermille = 100
            draft.truePermille = 101
        }
        #expect(world.refusal() == .tooWide)
        try world.calibrate { $0.verdict = .guardBand }
        #expect(world.refusal() == .failed)
        try world.calibrate { $0.findings = ["a missing phase"] }
        let lock = #expect(throws: TrustLock.self) { try world.prove() }
        #expect(lock?.reason == .failed && lock?.finding.contains("output 1: a missing phase") == true)
        #expect(lock?.mender.contains("motorpoint-bench calibrate") == true)
        #expect(lock?.description.contains("(failed)") == true)
    }

    // Proves R-CAL-02.
    @Test("It holds for 365 days, says so for the last 30, and never begins in the future")
    func days() throws {
        let world = try TrustWorld()
        try world.calibrate { $0.validDays = 900 }
        world.now = TrustWorld.noon("2027-10-20")
        #expect(try world.prove().daysLeft == 30 && world.prove().notice == nil)
        world.now = TrustWorld.noon("2027-10-21")
        #expect(try world.prove().notice?.contains("29 days") == true)
        world.now = TrustWorld.noon("2027-11-19")
        #expect(try world.prove().daysLeft == 0 && world.prove().notice?.contains("today") == true)
        world.now = TrustWorld.noon("2027-11-20")
        #expect(world.refusal() == .expired)
        // A shorter one ends sooner.
        let short = try TrustWorld()
        try short.calibrate { $0.validDays = 10 }
        short.now = TrustWorld.noon("2026-11-29")
        #expect(short.refusal() == nil)
        short.now = TrustWorld.noon("2026-11-30")
        #expect(short.refusal() == .expired)
        let future = try TrustWorld()
        try future.calibrate { $0.measuredOn = day("2026-11-21") }
        #expect(future.refusal() == .clockSetBack)
    }

    // Proves R-CAL-02.
    @Test("A clock set back does not unlock, not by a second beyond the slack")
    func clock() throws {
        let world = try TrustWorld()
        try world.calibrate()
        world.now = TrustWorld.noon("2027-11-20")
        #expect(world.refusal() == .expired)
        // Expired, and a session of that day was run before: yesterday is not believed.
        let used = try TrustWorld()
        try used.calibrate()
        used.now = TrustWorld.noon("2027-11-19")
        try used.remember()
        let end = used.now
        used.now = TrustWorld.noon("2027-11-18")
        #expect(used.refusal() == .clockSetBack)
        used.now = WallTime(nanoseconds: end.nanoseconds - 2_000_000_000, utcOffsetSeconds: 0)
        #expect(used.refusal() == nil)
        used.now = WallTime(nanoseconds: end.nanoseconds - 2_000_000_001, utcOffsetSeconds: 0)
        #expect(used.refusal() == .clockSetBack)
    }

    // Proves R-CAL-03.
    @Test("One bit flipped, anywhere in document or signature, is refused")
    func altered() throws {
        let world = try TrustWorld()
        let path = try world.calibrate()
        var reasons: [LockReason: Int] = [:]
        for file in [path, path + ".sig"] {
            let good = try Data(contentsOf: URL(fileURLWithPath: file))
            for index in good.indices {
                var bad = good
                bad[index] ^= 1
                try bad.write(to: URL(fileURLWithPath: file))
                let reason = world.refusal()
                #expect(reason != nil, "byte \(index) of \(file)")
                if let reason { reasons[reason, default: 0] += 1 }
            }
            try good.write(to: URL(fileURLWithPath: file))
        }
        #expect(world.refusal() == nil)
        // A changed key id names no key of the policy; whatever else is changed is altered.
        #expect(Set(reasons.keys) == [.altered, .untrustedKey], "\(reasons)")
        #expect(reasons[.untrustedKey] == "technician-ab".count, "\(reasons)")
    }

    // Proves R-CAL-03.
    @Test("Each bit of the policy's key counts")
    func policyKey() throws {
        let world = try TrustWorld()
        try world.calibrate()
        for bit in 0..<256 {
            var bytes = world.technician.publicKey.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let key = TrustedKey(
                id: "technician-ab", holder: "AB", role: .technician, publicKey: bytes,
                validFrom: world.validFrom, validUntil: world.validUntil)
            #expect(world.refusal(nil, ClinicPolicy(needsSecondPersonForNeedles: false, keys: [key])) == .altered)
        }
    }

    // Proves R-CAL-04.
    @Test("No signature, a key that nobody names, a revoked one, one of another time")
    func keys() throws {
        let world = try TrustWorld()
        let path = try world.calibrate()
        world.believes = false
        #expect(world.refusal() == .untrustedKey)
        world.believes = true
        world.validFrom = day("2026-11-21")
        #expect(world.refusal() == .keyNotYetValid)
        world.validFrom = day("2026-11-20")
        #expect(world.refusal() == nil)
        world.validUntil = day("2026-11-20")
        world.now = TrustWorld.noon("2026-12-20")
        #expect(world.refusal() == nil, "what was signed in time stays signed")
        try world.calibrate()
        #expect(world.refusal() == .keyNoMoreValid)
        world.validUntil = day("2028-12-31")
        world.revokedOn = day("2026-12-20")
        #expect(world.refusal() == .revokedKey)
        world.revokedOn = day("2026-12-21")
        #expect(world.refusal() == nil)
        try FileManager.default.removeItem(atPath: path.replacingOccurrences(of: "1.yaml", with: "2.yaml.sig"))
        #expect(world.refusal() == .unsigned)
    }

    // Proves R-CAL-05.
    @Test("A calibration that was begun locks until it came to its end")
    func unfinished() throws {
        let world = try TrustWorld()
        try world.calibrate()
        #expect(world.refusal() == nil)
        try world.store.begin(2, of: TrustWorld.serial)
        #expect(world.refusal() == .unfinished)
        try world.store.begin(1, of: TrustWorld.serial)
        #expect(world.refusal() == .unfinished, "a lower number takes nothing back")
        try world.store.begin(5, of: "another device")
        try world.calibrate()
        #expect(world.refusal() == nil)
    }

    // Proves R-CAL-04.
    @Test("A revocation that is gone is missed")
    func revocationGone() throws {
        let world = try TrustWorld()
        try world.calibrate()
        try world.keys.revoke(
            "clinic-2026", on: day("2026-11-20"), reason: .compromised, by: "AB", note: "lost on a train")
        #expect(world.refusal() == nil, "the technician's key is another")
        try FileManager.default.removeItem(atPath: world.folder + "/keys/revoked/clinic-2026")
        #expect(world.refusal() == .unreadable)
        try FileManager.default.removeItem(atPath: world.folder + "/keys/revoked")
        #expect(world.refusal() == .unreadable)
    }

    // Proves R-CAL-03.
    @Test("What was signed before it was measured is refused")
    func signedBeforeMeasured() throws {
        let world = try TrustWorld()
        try world.calibrate { $0.measuredOn = day("2026-11-21") }
        world.now = TrustWorld.noon("2026-11-22")
        #expect(world.refusal() == .altered)
        try world.calibrate { $0.measuredOn = day("2026-11-21") }
        #expect(world.refusal() == nil)
    }

    // Proves R-CAL-04.
    @Test("A retired key's earlier signatures stay; a compromised key's do not; a revocation nobody understands locks")
    func revoked() throws {
        for (reason, on, expected) in [
            (RevocationReason.retired, "2026-11-21", LockReason?.none), (.retired, "2026-11-20", .revokedKey),
            (.compromised, "2026-11-21", .revokedKey),
        ] {
            let world = try TrustWorld()
            try world.calibrate()
            try world.keys.revoke("technician-ab", on: day(on), reason: reason, by: "CD", note: "a note")
            #expect(world.refusal() == expected, "\(reason) on \(on)")
        }
        let world = try TrustWorld()
        try world.calibrate()
        try world.keys.revoke("clinic-2026", on: day("2026-11-20"), reason: .retired, by: "CD", note: "a note")
        #expect(world.refusal() == nil)
        try write("nonsense", to: world.folder + "/keys/revoked/technician-ab")
        #expect(world.refusal() == .unreadable)
    }

    // Proves R-CAL-05.
    @Test("A calibration of another serial number in this one's place is replayed")
    func replayed() throws {
        let world = try TrustWorld()
        try world.calibrate()
        let from = TrustFolder(dataFolder: world.folder).calibrations(of: TrustWorld.serial)
        let to = TrustFolder(dataFolder: world.folder).calibrations(of: "P24-0002")
        try FileManager.default.copyItem(atPath: from, toPath: to)
        #expect(world.refusal(world.use(serial: "P24-0002")) == .replayed)
        #expect(world.refusal() == nil)
    }

    // Proves R-CAL-05.
    @Test("The newest deleted, an older one copied over it or in front of it, the folder emptied: rolled back")
    func rolledBack() throws {
        let world = try TrustWorld()
        let first = try world.calibrate()
        let old = (
            try Data(contentsOf: URL(fileURLWithPath: first)),
            try Data(contentsOf: URL(fileURLWithPath: first + ".sig"))
        )
        let second = try world.calibrate { $0.findings = ["drifted"] }
        #expect(world.refusal() == .failed)
        func place(_ pair: (Data, Data), at path: String) throws {
            try pair.0.write(to: URL(fileURLWithPath: path))
            try pair.1.write(to: URL(fileURLWithPath: path + ".sig"))
        }
        let new = (
            try Data(contentsOf: URL(fileURLWithPath: second)),
            try Data(contentsOf: URL(fileURLWithPath: second + ".sig"))
        )
        try FileManager.default.removeItem(atPath: second)
        #expect(world.refusal() == .rolledBack)
        try place(old, at: second)
        #expect(world.refusal() == .rolledBack)
        let third = second.replacingOccurrences(of: "2.yaml", with: "3.yaml")
        try place(new, at: second)
        try place(old, at: third)
        #expect(world.refusal() == .rolledBack)
        try FileManager.default.removeItem(atPath: third)
        #expect(world.refusal() == .failed)
        try FileManager.default.removeItem(
            atPath: TrustFolder(dataFolder: world.folder).calibrations(of: TrustWorld.serial))
        #expect(world.refusal() == .rolledBack)
        #expect(try world.store.nextSequence(of: TrustWorld.serial) == 3)
    }

    // Proves R-CAL-05.
    @Test("A second file of the same number and another content is noticed")
    func sameNumber() throws {
        let world = try TrustWorld()
        let path = try world.calibrate()
        // Signed by the technician's own key, in a folder without this one's memory.
        let other = CalibrationStore(dataFolder: world.folder + "/elsewhere")
        var draft = DocumentDraft(measuredOn: CalendarDay(world.now))
        draft.gainPartsPerMillion = 990_000
        let twin = try other.save(
            draft.document, signedBy: try world.keys.open("technician-ab"), keyID: "technician-ab", at: world.now)
        for suffix in ["", ".sig"] {
            try Data(contentsOf: URL(fileURLWithPath: twin + suffix)).write(to: URL(fileURLWithPath: path + suffix))
        }
        #expect(world.refusal() == .altered)
    }

    // Proves R-CAL-03.
    @Test("An anchor with a changed byte is not believed")
    func anchor() throws {
        let world = try TrustWorld()
        try world.calibrate()
        let path = world.folder + "/calibrations/anchor"
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in good.indices {
            var bad = good
            bad[index] ^= 1
            try bad.write(to: URL(fileURLWithPath: path))
            #expect(world.refusal() == .unreadable, "byte \(index)")
        }
    }

    // Proves R-CAL-04.
    @Test("A demo's papers are worth nothing in another folder")
    func elsewhere() throws {
        let demo = try TrustWorld()
        try demo.calibrate()
        let clinic = try TrustWorld()
        try FileManager.default.copyItem(
            atPath: demo.folder + "/calibrations", toPath: clinic.folder + "/calibrations")
        #expect(demo.refusal() == nil)
        // The clinic's policy names a key of the same id, which is another one.
        #expect(clinic.refusal() == .altered)
        #expect(clinic.refusal(nil, ClinicPolicy(needsSecondPersonForNeedles: false)) == .untrustedKey)
    }

    @Test(
        "Serial numbers of whatever characters have folders of their own", arguments: ["..", "a/b", "a_2fb", "", "ä"])
    func serials(serial: String) throws {
        let folder = TrustFolder(dataFolder: "/d").calibrations(of: serial)
        let name = folder.dropFirst("/d/calibrations/".count)
        #expect(!name.isEmpty && !name.contains("/") && name != ".." && name != ".", "\(folder)")
        #expect(
            TrustFolder(dataFolder: "/d").calibrations(of: "a/b")
                != TrustFolder(dataFolder: "/d").calibrations(of: "a_2fb"))
    }

    // Proves R-REC-08.
    @Test("A record names the calibration, and those of before are read as they were")
    func recorded() throws {
        let world = try TrustWorld()
        try world.calibrate()
        var opening = anOpening()
        #expect(opening.calibration == nil)
        opening.calibration = RecordedCalibration(try world.prove())
        let back = try #require(SessionOpening.decode(try opening.encode()))
        #expect(back == opening && back.calibration?.id == "P24-0001-1")
        #expect(back.calibration?.keyID == "technician-ab" && back.calibration?.sha256.count == 64)
        #expect(back.calibration?.outputs.first?.gainPartsPerMillion == 1_020_000)
        #expect(back.calibration?.tolerancePermille == 25)
    }

    // Proves R-CAL-05.
    @Test("Numbers go on, and a document that is not the next is not kept")
    func sequence() throws {
        let world = try TrustWorld()
        try world.calibrate()
        let draft = DocumentDraft(measuredOn: CalendarDay(world.now))
        #expect(throws: TrustFileProblem.self) {
            try world.store.save(
                draft.document, signedBy: try world.keys.open("technician-ab"), keyID: "technician-ab", at: world.now)
        }
        try world.calibrate { $0.findings = ["drifted"] }
        #expect(try world.store.history(of: TrustWorld.serial).map(\.sequence) == [1, 2])
        #expect(try world.store.devices() == [TrustWorld.serial])
        #expect(try world.store.lastGood(of: TrustWorld.serial) == day("2026-11-20"))
        #expect(try world.store.lastGood(of: TrustWorld.serial, before: 1) == nil)
        let due = try #require(try world.store.dueDates(on: day("2027-10-21")).first)
        #expect(due.id == "P24-0001-2" && due.daysLeft == 29 && due.isDueSoon && !due.isPassed && due.isNewest)
        try world.store.begin(3, of: TrustWorld.serial)
        #expect(try #require(try world.store.dueDates(on: day("2027-10-21")).first).isNewest == false)
    }

    // Proves R-CAL-03, R-CAL-05.
    @Test("an anchor that was deleted is not made anew, neither by the bench nor for a session")
    func deletedAnchor() throws {
        let world = try TrustWorld()
        try world.calibrate()
        #expect(world.refusal() == nil)
        try FileManager.default.removeItem(atPath: world.store.folder.anchor)
        #expect(world.refusal() == .unreadable)
        #expect(throws: TrustFileProblem.self) { try world.store.begin(2, of: TrustWorld.serial) }
        #expect(throws: TrustFileProblem.self) { try world.calibrate() }
        #expect(!FileManager.default.fileExists(atPath: world.store.folder.anchor))
    }
}

@Suite("Signed protocols")
struct SignedProtocolTests {
    private func load(_ world: TrustWorld, version: Int = 1, adding more: String = "") throws -> LoadedProtocol {
        let text = try shipped("Protocols/demo-relieve-surface.yaml")
        let folder = world.folder + "/protocols"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let numbered = text.replacing(/\nversion: \d+/, with: "\nversion: \(version)")
        try write(numbered + more, to: folder + "/demo-relieve-surface.yaml")
        return try ProtocolLoader.load(path: folder + "/demo-relieve-surface.yaml")
    }

    private func refusal(_ world: TrustWorld, _ content: LoadedProtocol) -> LockReason? {
        do throws(TrustLock) {
            _ = try world.verifier().prove(content)
            return nil
        } catch {
            return error.reason
        }
    }

    private func sign(_ world: TrustWorld, _ content: LoadedProtocol, by id: String = "clinic-2026") throws {
        try ProtocolSigning.sign(
            content, by: try world.keys.open(id), keyID: id, on: CalendarDay(world.now), dataFolder: world.folder)
    }

    // Proves R-CAL-10.
    @Test("Unsigned, altered by a comment, by the wrong role, of another id")
    func reasons() throws {
        let world = try TrustWorld()
        let content = try load(world)
        #expect(refusal(world, content) == .unsigned)
        try sign(world, content)
        #expect(refusal(world, content) == nil)
        #expect(refusal(world, try load(world, adding: "# a comment\n")) == .altered)
        try sign(world, content, by: "technician-ab")
        #expect(refusal(world, content) == .wrongRole)
        try sign(world, content)
        let other = world.folder + "/signatures/demo-relieve-needle.sig"
        try FileManager.default.copyItem(atPath: world.folder + "/signatures/demo-relieve-surface.sig", toPath: other)
        let needle = try ProtocolLoader.load(path: packageFolder + "/Protocols/demo-relieve-needle.yaml")
        #expect(refusal(world, needle) == .altered)
        let lock = #expect(throws: TrustLock.self) { try world.verifier().prove(needle) }
        #expect(lock?.mender.contains("motorpoint-bench sign") == true)
    }

    // Proves R-CAL-10.
    @Test("An older version with its good signature is rolled back once a newer one was used")
    func rolledBack() throws {
        let world = try TrustWorld()
        try world.calibrate()
        let newer = try load(world, version: 7)
        try sign(world, newer)
        let verifier = try world.verifier()
        try verifier.remember(try verifier.prove(world.use()), [try verifier.prove(newer)], at: world.now)
        let older = try load(world, version: 6)
        try sign(world, older)
        #expect(refusal(world, older) == .rolledBack)
        let newest = try load(world, version: 8)
        try sign(world, newest)
        #expect(refusal(world, newest) == nil)
    }
}
