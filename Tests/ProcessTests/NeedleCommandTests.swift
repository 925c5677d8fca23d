import Foundation
import Testing

extension ProcessTests {
    /// `incidents`, `lots` and what a start says of needles, on files as the ledger writes them.
    @Suite(.serialized) struct NeedleCommands {
        private static let incident = "i-20261122-093512-4f3a91"

        private func incident(_ sandbox: Sandbox, person: String = "P-0042") throws {
            _ = try sandbox.makeFolder("data/needles/incidents")
            try sandbox.write(
                "data/needles/incidents/\(Self.incident).json",
                """
                {"format":"motorpoint-incident-1","id":"\(Self.incident)","kind":"missing","lots":["L2231"],\
                "needleID":"ACME/L2231/2","openedBy":"AB","openedWallNanoseconds":1764000000000000000,\
                "personID":"\(person)","places":["vmo right"],"text":"not on the couch","trayID":"tray-1"}
                """)
        }

        /// - Parameter settled: whether its needles were counted.
        private func tray(_ sandbox: Sandbox, settled: Bool) throws {
            _ = try sandbox.makeFolder("data/needles/trays")
            let package =
                """
                {"maker":"ACME","productCode":"AC","diameterMicrometres":300,"lengthMillimetres":40,"lot":"L2231",\
                "expiry":"2099-03","number":1,"needles":1,"isMarkedSterile":true,"isIntact":true,\
                "shownSealedWallNanoseconds":1,"shownBy":"AB","openedWallNanoseconds":2,"isSingleUse":true}
                """
            let end = settled ? ",\"settledWallNanoseconds\":5" : ""
            try sandbox.write(
                "data/needles/trays/tray-1.json",
                """
                {"format":"motorpoint-tray-1","id":"tray-1","personID":"P-0042","practitioner":"AB",\
                "wallNanoseconds":1764000000000000000,"utcOffsetSeconds":3600,"packages":[\(package)],\
                "needles":[{"id":"ACME/L2231/1","package":\(package),"fate":"inserted","isStraightBefore":true,\
                "muscle":"vmo","side":"right","insertedMillimetres":20,"inWallNanoseconds":3}],"incidentIDs":[]\(end)}
                """)
        }

        private func run(_ sandbox: Sandbox, _ words: String...) throws -> Ended {
            try sandbox.run([House.host] + words + ["--data", sandbox.file("data")])
        }

        // Proves R-NDL-04.
        @Test func anIncidentIsListedShownAndClosedOnce() throws {
            let sandbox = try Sandbox()
            _ = try sandbox.makeFolder("data")
            #expect(try run(sandbox, "incidents", "list").output.hasPrefix("no incidents in "))
            try incident(sandbox)
            let list = try run(sandbox, "incidents", "list")
            #expect(list.status == 0 && list.output.contains("\(Self.incident): missing, P-0042"), "\(list.everything)")
            let shown = try run(sandbox, "incidents", "show", "i-2026")
            #expect(shown.output.contains("not on the couch") && shown.output.contains("refer for imaging"))
            #expect(try run(sandbox, "incidents", "close", "i-2026", "--by", "CD").status == 64)
            #expect(try run(sandbox, "incidents", "close", "i-2026", "--by", "", "--note", "x").status == 64)
            #expect(try run(sandbox, "incidents", "close", "i-2026", "--by", "CD", "--note", "  ").status == 64)
            #expect(try run(sandbox, "incidents", "close", "i-9", "--by", "CD", "--note", "x").status == 66)
            let closed = try run(sandbox, "incidents", "close", "i-2026", "--by", "CD", "--note", "found in the bin")
            #expect(closed.status == 0 && closed.output.contains("closed by CD"), "\(closed.everything)")
            #expect(try run(sandbox, "incidents", "close", "i-2026", "--by", "EF", "--note", "again").status == 66)
            #expect(try run(sandbox, "incidents", "list").output.hasPrefix("no open incidents in "))
            let all = try run(sandbox, "incidents", "list", "--all", "--json")
            let object = try JSONSerialization.jsonObject(with: Data(all.output.utf8)) as? [String: Any]
            #expect(object?["open"] as? Bool == false && object?["note"] as? String == "found in the bin")
            #expect(object?["text"] as? String == "not on the couch" && object?["lots"] as? [String] == ["L2231"])
        }

        // Proves R-NDL-06.
        @Test func aRecallFindsWhatWasOpenedWithoutASession() throws {
            let sandbox = try Sandbox()
            #expect(try run(sandbox, "lots", "L2231").status == 66)
            try tray(sandbox, settled: true)
            let found = try run(sandbox, "lots", "l2231", "--json")
            #expect(found.status == 0, "\(found.everything)")
            let object = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
            #expect(object?["person"] as? String == "P-0042" && object?["places"] as? [String] == ["vmo right"])
            #expect(object?["started_local"] as? String == "2025-11-24 17:00")
            #expect(try run(sandbox, "lots", "L2231").output.contains("P-0042  vmo right  1 in of 1 opened  ACME"))
            let none = try run(sandbox, "lots", "L9")
            #expect(none.status == 0 && none.output.contains("no needle of lot L9"))
            #expect(try run(sandbox, "lots", " ").status == 64)
            // What cannot be read may be somebody.
            _ = try sandbox.makeFolder("data/sessions")
            try sandbox.write("data/sessions/20261122-093512-4f3a91.mpr", "not a record")
            let unsure = try run(sandbox, "lots", "L2231")
            #expect(unsure.status == 40 && unsure.errors.contains("20261122-093512-4f3a91"), "\(unsure.everything)")
        }

        // Proves R-NDL-08.
        @Test func aDamagedFileOfTheLedgerIsNamedAndNotPassedOver() throws {
            let sandbox = try Sandbox()
            try incident(sandbox)
            try sandbox.write("data/needles/incidents/i-1.json", "{")
            for words in [["incidents", "list"], ["incidents", "show", "i-2026"]] {
                let ended = try sandbox.run([House.host] + words + ["--data", sandbox.file("data")])
                #expect(ended.status == 40 && ended.errors.contains("i-1.json"), "\(ended.everything)")
            }
        }

        // Proves R-NDL-04.
        /// Nothing answers on this line, and a start says so last: what it knows of needles comes first.
        @Test func everyStartShowsOpenIncidentsAndMakesOneOfNeedlesThatWereLeft() throws {
            let sandbox = try Sandbox()
            try incident(sandbox, person: "P-0099")
            try tray(sandbox, settled: false)
            var command = SessionCommand(line: sandbox.file("nothing"), data: sandbox.file("data"))
            command.patient = "P-0001"
            let script = """
                expect "Needles of P-0042 were never counted" within 30s
                expect "OPEN INCIDENT \(Self.incident): missing, P-0099" within 10s
                expect "uncounted, P-0042" within 10s
                expect-exit 69 within 20s
                """
            try Seat(in: sandbox, command, script: script).end()
            // The next one tells of both and opens no third.
            let again = "expect \"uncounted, P-0042\" within 30s\nexpect-exit 69 within 20s"
            let screen = try Seat(in: sandbox, command, script: again).end()
            #expect(!screen.contains("were never counted"))
            let list = try run(sandbox, "incidents", "list", "--json")
            #expect(list.output.split(separator: "\n").count == 2, "\(list.everything)")
        }
    }
}
