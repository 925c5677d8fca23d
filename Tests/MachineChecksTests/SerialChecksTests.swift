import MachineChecks
import Testing

@Suite struct SerialChecksTests {
    static let anna = UserFacts(name: "anna", isRoot: false, groups: ["anna"], groupsAtNextLogin: [])

    private func line(_ state: SerialFacts.State, group: String = "dialout") -> SerialFacts {
        SerialFacts(
            path: "/dev/serial/by-id/usb-P24", device: "/dev/ttyACM0", usb: "0483:5740 P24 123", group: group,
            state: state)
    }

    private func findings(_ state: SerialFacts.State, _ user: UserFacts, group: String = "dialout") -> [Finding] {
        SerialChecks.findings([line(state, group: group)], user: user, runningMeddlers: [])
    }

    @Test func aFreeLineOfAMemberIsInOrder() {
        var bert = Self.anna
        bert.groups.append("dialout")
        let found = findings(.free, bert)
        #expect(found.map(\.verdict) == [.ok])
        #expect(found[0].text.contains("/dev/serial/by-id/usb-P24 → /dev/ttyACM0, USB 0483:5740 P24 123, free"))
        #expect(found[0].remedy == nil)
    }

    @Test func aMissingGroupSaysWhatToType() {
        let found = findings(.notPermitted, Self.anna, group: "plugdev")
        #expect(found.map(\.verdict) == [.failure])
        #expect(found[0].text.contains("not in the group plugdev"))
        #expect(found[0].remedy == "sudo usermod --append --groups plugdev anna, then log out and in again")
    }

    @Test func aGroupGivenAfterTheLoginOnlyNeedsALogin() {
        var user = Self.anna
        user.groupsAtNextLogin = ["dialout"]
        let found = findings(.notPermitted, user)
        #expect(found[0].verdict == .failure)
        #expect(found[0].text.contains("was given after this login"))
        #expect(found[0].remedy == "log out and in again")
    }

    @Test func anybodyOutsideTheGroupIsWarnedBeforeThereIsADevice() {
        let found = SerialChecks.findings([], user: Self.anna, runningMeddlers: [])
        #expect(found.map(\.verdict) == [.warning, .warning])
        #expect(found[0].text.contains("no serial device"))
        #expect(found[1].remedy?.contains("--groups dialout anna") == true)
        let root = UserFacts(name: "root", isRoot: true, groups: ["root"], groupsAtNextLogin: [])
        #expect(SerialChecks.findings([], user: root, runningMeddlers: []).count == 1)
    }

    @Test func aLineThatIsHeldAbsentOrNoneIsNamed() {
        let root = UserFacts(name: "root", isRoot: true, groups: [], groupsAtNextLogin: [])
        let held = findings(.held(by: "motorpoint (process 42)"), root)
        #expect(held[0].verdict == .warning && held[0].text.contains("held by motorpoint (process 42)"))
        #expect(findings(.absent, root)[0].verdict == .failure)
        #expect(findings(.notALine, root)[0].text.contains("no serial line"))
    }

    @Test func aProgramThatTalksToEveryNewLineIsNamed() {
        let found = SerialChecks.findings([], user: Self.anna, runningMeddlers: ["ModemManager"])
        #expect(found.last?.verdict == .warning)
        #expect(found.last?.remedy?.hasPrefix("sudo systemctl disable --now ModemManager") == true)
    }

    @Test func theKernelsListOfGroupsIsReadByNumberAndTheGroupFileByName() {
        let groupFile = "root:x:0:\ndialout:x:20:anna,bert\nanna:x:1000:\naudio:x:29:bert\nbroken line\n"
        let status = "Name:\tmotorpoint\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t20 44 \n"
        #expect(GroupTable.names(inStatus: status, groupFile: groupFile) == ["dialout", "anna"])
        #expect(GroupTable.names(listing: "bert", groupFile: groupFile) == ["dialout", "audio"])
        #expect(GroupTable.names(listing: "ann", groupFile: groupFile).isEmpty)
        #expect(GroupTable.names(inStatus: "", groupFile: groupFile).isEmpty)
    }
}
