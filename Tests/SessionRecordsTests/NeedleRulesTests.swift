import CareModel
import Foundation
import SessionRecords
import StimulusModel
import Testing

@Suite("Rules for needles")
struct NeedleRulesTests {
    // Proves R-NDL-01.
    @Test(
        "A month alone lasts to its last day, leap years and centuries included",
        arguments: [
            ("2027-02", "2027-02-28"), ("2028-02", "2028-02-29"), ("2000-02", "2000-02-29"), ("2100-02", "2100-02-28"),
            ("2027-01", "2027-01-31"), ("2027-04", "2027-04-30"), ("2027-12", "2027-12-31"),
            ("2027-03-15", "2027-03-15"), ("2028-02-29", "2028-02-29"),
        ])
    func months(typed: String, last: String) throws {
        let date = try ExpiryDate(typed)
        #expect(date.lastDay.text == last)
        #expect(date.text == typed)
    }

    // Proves R-NDL-01.
    @Test("The last good day is good, the next is not, over the ends of months and years")
    func lastDay() throws {
        func day(_ year: Int, _ month: Int, _ day: Int) throws -> CalendarDay {
            try #require(CalendarDay(year: year, month: month, day: day))
        }
        let month = try ExpiryDate("2028-02")
        #expect(try !month.isPassed(on: day(2028, 2, 29)))
        #expect(try month.isPassed(on: day(2028, 3, 1)))
        #expect(try !month.isPassed(on: day(2027, 12, 31)))
        let exact = try ExpiryDate("2026-12-31")
        #expect(try !exact.isPassed(on: day(2026, 12, 31)))
        #expect(try exact.isPassed(on: day(2027, 1, 1)))
        #expect(try ExpiryDate("9999-12").isPassed(on: .latest) == false)
    }

    // Proves R-NDL-01.
    @Test(
        "What is no date is refused",
        arguments: [
            ("", ExpiryProblem.notADate), ("03/2027", .notADate), ("2027", .notADate), ("27-03", .notADate),
            ("2027-3", .notADate), ("2027-03-1", .notADate), ("2027-03-15-1", .notADate), ("2027-ab", .notADate),
            ("+027-03", .notADate), ("2027-00", .noSuchDay), ("2027-13", .noSuchDay), ("2027-02-29", .noSuchDay),
            ("2100-02-29", .noSuchDay), ("2027-04-31", .noSuchDay), ("2027-01-00", .noSuchDay), ("0000-01", .noSuchDay),
        ])
    func noDate(typed: String, problem: ExpiryProblem) {
        #expect(throws: problem) { try ExpiryDate(typed) }
    }

    // Proves R-NDL-01, R-NDL-02, R-NDL-05.
    @Test("Each thing that can be wrong with a package is found, and a good one passes")
    func packages() throws {
        func problem(_ package: NeedlePackage, used: Set<NeedlePackageKey> = []) -> NeedleProblem? {
            package.problem(on: Needles.today, used: used)
        }
        #expect(problem(try Needles.package()) == nil)
        #expect(problem(try Needles.package(make: Needles.make(expiry: "2025-11"))) == nil)
        let old = try Needles.make(expiry: "2025-10")
        #expect(problem(try Needles.package(make: old)) == .expired(old.expiry, on: Needles.today))
        #expect(problem(try Needles.package(make: Needles.make(diameter: 249))) == .tooThin(249))
        #expect(problem(try Needles.package(make: Needles.make(diameter: 250))) == nil)
        #expect(problem(try Needles.package(make: Needles.make(length: 19))) == .tooShort(19))
        #expect(problem(try Needles.package(make: Needles.make(length: 20))) == nil)
        #expect(problem(try Needles.package(sterile: false)) == .notMarkedSterile)
        #expect(problem(try Needles.package(intact: false)) == .notIntact)
        #expect(problem(try Needles.package(shown: nil)) == .notShown)
        #expect(problem(try Needles.package(singleUse: false)) == .notSingleUse)
        #expect(problem(try Needles.package(shown: 20, opened: 19)) == .openedBeforeShown)
        #expect(problem(try Needles.package(shown: 20, opened: 20)) == nil)
        // A shift key or a blank makes no new needle of a used one.
        let used = NeedlePackageKey(maker: "acme ", lot: "l 2231", number: 1)
        #expect(problem(try Needles.package(), used: [used]) == .usedBefore(used))
        #expect(problem(try Needles.package(2), used: [used]) == nil)
    }

    // Proves R-NDL-05.
    @Test("At least 15 mm go in and a quarter of the shaft stays out")
    func depth() {
        #expect(NeedleRules.problem(insertedMillimetres: 14, lengthMillimetres: 40) == .insertedTooLittle(14))
        #expect(NeedleRules.problem(insertedMillimetres: 15, lengthMillimetres: 40) == nil)
        #expect(NeedleRules.problem(insertedMillimetres: 30, lengthMillimetres: 40) == nil)
        #expect(
            NeedleRules.problem(insertedMillimetres: 31, lengthMillimetres: 40) == .insertedTooDeep(31, length: 40))
        for length in Int32(5)...150 {
            let deepest = NeedleRules.deepest(length)
            #expect(deepest * 4 <= length * 3 && (deepest + 1) * 4 > length * 3, "\(length)")
        }
        #expect(NeedleProblem.insertedTooLittle(14).words.contains("minimum of 15 mm"))
        #expect(NeedleProblem.tooThin(200).words.contains("0.2 mm is below the minimum of 0.25 mm"))
    }

    // Proves R-NDL-03.
    @Test("Every count is held against the rule: all small counts, and only those that agree pass")
    func counts() {
        var agreeing = 0
        let range = Int32(0)...3
        for opened in range {
            for inserted in range {
                for contaminated in range {
                    for unused in range {
                        for removed in range {
                            for disposed in range {
                                let count = NeedleCount(
                                    opened: opened, inserted: inserted, contaminated: contaminated, unusedOpen: unused,
                                    removed: removed, disposed: disposed)
                                let agrees =
                                    opened == inserted + contaminated + unused && removed == inserted
                                    && disposed == opened
                                #expect(count.mismatches.isEmpty == agrees)
                                if agrees { agreeing += 1 }
                            }
                        }
                    }
                }
            }
        }
        // Sums of three numbers: 1 + 3 + 6 + 10.
        #expect(agreeing == 20)
        let retained = NeedleCount(
            opened: 3, inserted: 2, contaminated: 1, unusedOpen: 0, removed: 1, disposed: 2)
        #expect(retained.mismatches == [.removed(1, inserted: 2), .disposed(2, opened: 3)])
        let negative = NeedleCount(
            opened: -1, inserted: -1, contaminated: 0, unusedOpen: 0, removed: -1, disposed: -1)
        #expect(negative.mismatches == [.negative])
    }

    // Proves R-NDL-01, R-NDL-02, R-NDL-05.
    @Test("The needle gates open for a sound pair, and each defect keeps its own shut")
    func gates() throws {
        let all = GateSet.needlePackage.union(.needleShown).union(.needleSingleUse)
        func gates(
            _ change: (inout NeedleTray) throws -> Void = { _ in }, used: Set<NeedlePackageKey> = [],
            sites: [NeedleSite] = [Needles.site]
        ) throws -> GateSet {
            var tray = try Needles.pair()
            try change(&tray)
            return tray.gates(for: sites, on: Needles.today, usedBefore: used)
        }
        #expect(try gates() == all)
        func replaced(_ package: NeedlePackage) -> (inout NeedleTray) -> Void {
            { tray in
                tray.packages[1] = package
                tray.items[1] = Needles.item(package)
            }
        }
        #expect(
            try gates(replaced(Needles.package(2, make: Needles.make(expiry: "2025-10"))))
                == all.subtracting(.needlePackage))
        #expect(try gates(replaced(Needles.package(2, intact: false))) == all.subtracting(.needlePackage))
        #expect(try gates(replaced(Needles.package(2, shown: nil))) == all.subtracting(.needleShown))
        #expect(try gates(replaced(Needles.package(2, shown: 21, opened: 20))) == all.subtracting(.needleShown))
        #expect(try gates(replaced(Needles.package(2, singleUse: false))) == all.subtracting(.needleSingleUse))
        #expect(try gates(replaced(Needles.package(1))) == all.subtracting(.needleSingleUse))
        #expect(
            try gates(used: [NeedlePackageKey(maker: "ACME", lot: "L2231", number: 2)])
                == all.subtracting(.needleSingleUse))
        let shallow = Needles.item(try Needles.package(2), inserted: 14)
        #expect(try gates { $0.items[1] = shallow } == all.subtracting(.needlePackage))
        // No pair, or an opened needle of which nothing is known: nothing is proven.
        #expect(try gates { $0.items.removeLast() } == .none)
        #expect(try gates { $0.packages.append(try Needles.package(3)) } == .none)
        #expect(try gates(sites: [Needles.site, NeedleSite(muscle: .gluteusMedius, side: .right)]) == .none)
        #expect(try gates(sites: []) == .none)
        #expect(NeedleTray().gates(for: [Needles.site], on: Needles.today, usedBefore: []) == .none)
    }

    // Proves R-LIM-09.
    @Test("The smallest surface in tissue counts, of each place and of all")
    func geometry() throws {
        let hip = NeedleSite(muscle: .gluteusMedius, side: .right)
        let thick = try Needles.package(3, make: Needles.make(diameter: 350, length: 75))
        var tray = try Needles.pair()
        tray.items[1] = Needles.item(tray.packages[1], inserted: 18)
        tray.packages.append(thick)
        tray.items.append(Needles.item(thick, inserted: 50, site: hip))
        #expect(
            tray.items.smallestGeometry() == NeedleGeometry(diameterMicrometres: 300, insertedMillimetres: 18))
        #expect(
            tray.items.smallestGeometry(at: hip) == NeedleGeometry(diameterMicrometres: 350, insertedMillimetres: 50))
        #expect(NeedleTray().items.smallestGeometry() == nil)
    }
}

@Suite("The clinic's policy")
struct PolicyTests {
    private let good = "format: motorpoint-policy-1\nsecond_person:\n  needle_sessions: \"off\"\n"

    // Proves R-NDL-10.
    @Test("The shipped policy asks for no second person; required asks for one")
    func shippedPolicy() throws {
        #expect(
            try PolicyLoader.load(path: packageFolder + "/Hardware/policy.yaml")
                == ClinicPolicy(needsSecondPersonForNeedles: false))
        let strict = good.replacingOccurrences(of: "\"off\"", with: "required")
        #expect(try PolicyLoader.parse(strict, file: "policy.yaml").needsSecondPersonForNeedles)
    }

    // Proves R-NDL-10.
    @Test(
        "A slip is named with its line, and never passes for off",
        arguments: [
            ("\"off\"", "requird", 3, "not one of the known words"),
            ("\"off\"", "false", 3, "not one of the known words"),
            ("needle_sessions", "needle_session", 3, "unknown key"),
            ("-policy-1", "-policy-2", 1, "not one of the known words"),
            ("second_person:\n  needle_sessions: \"off\"", "", 1, "this key is missing"),
        ])
    func slips(old: String, new: String, line: Int, message: String) throws {
        let text = good.replacingOccurrences(of: old, with: new)
        let problems = #expect(throws: FileProblems.self) { try PolicyLoader.parse(text, file: "policy.yaml") }
        let found = try #require(problems?.problems.first)
        #expect(found.line == line && found.message.contains(message), "\(found)")
    }
}
