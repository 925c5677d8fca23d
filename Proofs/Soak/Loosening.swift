// What a broken part of the world may break by itself, so that no host could keep the rule: each row with its reason.
// A rule that a row loosens is loosened from the moment at which that fault fired in that world, and in no other.

/// One row.
public struct Loosening: Sendable {
    /// The fault's name, as coverage counts it.
    public let fault: String
    public let rules: Set<String>
    public let reason: String

    static func isExplained(_ finding: Finding, fired: [String: Int64], on rig: RigKind) -> Bool {
        table(rig).contains { row in
            guard let first = fired[row.fault], row.rules.contains(finding.rule) else { return false }
            // A finding has the moment at which its pulse or phase began; the fault may have come in the middle of it.
            return finding.milliseconds + 5 >= first
        }
    }

    /// Over with the process that they befell, once nothing more of them can be on its way: three seconds at the most
    /// are held back.
    static let endWithProcess: Set<String> = [
        "packet repeated", "packets reordered", "line blocked", "device stuck", "acknowledged without effect",
    ]
    /// Over when somebody repairs the board.
    static let endWithRepair: Set<String> = ["relay welded", "enable stuck", "relay driver shorted", "heartbeat stuck"]

    public static func table(_ rig: RigKind) -> [Loosening] { rig == .p24 ? pads : needles }

    private static let pads: [Loosening] = [
        Loosening(
            fault: "packet repeated",
            rules: ["interval", "rate", "overlap", "record", "rhythm", "after stop", "programme"],
            reason: "the line itself doubles a command: a second pulse that nobody sent and no answer tells apart"),
        Loosening(
            fault: "packets reordered", rules: ["interval", "rate", "overlap"],
            reason: "of two commands under way the later overtakes the earlier: one comes late, the next in time"),
        Loosening(
            fault: "packet delayed", rules: ["interval", "rate"],
            reason: "one pulse comes later than the line's own wait, the next in time: half a millisecond, seed 17767"
        ),
        Loosening(
            fault: "line blocked", rules: ["interval", "rate", "overlap", "press"],
            reason: "the line gives out at once what it held back for seconds"),
        Loosening(
            fault: "device stuck", rules: ["interval", "rate", "overlap", "press"],
            reason: "the device carries out at once what it was told while it stood still"),
        Loosening(
            fault: "acknowledged without effect", rules: ["step"],
            reason: "the device says that it gave a pulse and gave none: the host believes that it was felt"),
        noWayToStop("line dead"),
        noWayToStop("line blocked"),
        noWayToStop("device stuck"),
        noWayToStop("packet lost"),
        noWayToStop("byte lost"),
        noWayToStop("byte repeated"),
        noWayToStop("bit flipped"),
        noWayToStop("packet truncated"),
        noWayToStop("packet delayed"),
        noWayToStop("command ignored"),
        noWayToStop("acknowledged without effect"),
        noWayToStop("stop ignored"),
        noWayToStop("wrong result"),
        noWayToStop("line babbling"),
    ]

    /// Stops that do not reach the device, or that it does not follow, leave its voltage on, at 0 mA.
    private static func noWayToStop(_ fault: String) -> Loosening {
        Loosening(
            fault: fault, rules: ["live"], reason: "three stops may be lost; no pulse follows without a new command")
    }

    private static let byHand: Set<String> = [
        "peak", "rise", "interval", "rate", "monophasic", "netCharge", "directCurrentDriven", "directCurrentFlowed",
        "shannon", "phaseTooLong", "phaseTooShort", "phaseCharge", "cap", "press", "after stop", "record", "rhythm",
        "programme", "channel", "step",
    ]

    /// Below what the comparator sees an edge counts as delivered.
    private static func unfelt(_ fault: String) -> Loosening {
        Loosening(
            fault: fault, rules: ["step"], reason: "below 0.25 mA nobody sees that a pulse did not reach the person")
    }

    private static let needles: [Loosening] = [
        Loosening(
            fault: "isolator wrong range",
            rules: [
                "peak", "rise", "shannon", "phaseCharge", "directCurrentDriven", "directCurrentFlowed", "cap", "press",
                "step", "record",
            ], reason: "behind an isolator turned to another range everything is two and a half times as strong"),
        Loosening(
            fault: "isolator offset",
            rules: byHand.union(["relayShouldBeOpen", "live"]),
            reason: "60 µA at rest are what the meter takes for a pulse; it ends only with the relay"),
        Loosening(
            fault: "isolator imbalance", rules: byHand,
            reason: "5 % too much of the second phase, and nothing on this rig measures it"),
        Loosening(
            fault: "stray train", rules: byHand,
            reason: "a train that a person starts at the Pulse Pal's menu runs until the host sees its sign"),
        Loosening(
            fault: "parameters changed", rules: byHand,
            reason: "what a person sets at the menu holds until the host tells the device anew"),
        Loosening(
            fault: "relay welded", rules: ["relayShouldBeOpen", "live"],
            reason: "contacts that do not open: what is in flight ends by itself, and no edge follows"),
        Loosening(
            fault: "enable stuck", rules: ["relayShouldBeOpen", "live"],
            reason: "half of the interlock is gone: the heartbeat opens it later"),
        Loosening(
            fault: "relay driver shorted", rules: ["relayShouldBeOpen", "live"],
            reason: "half of the interlock is gone: the heartbeat opens it later"),
        Loosening(
            fault: "heartbeat stuck", rules: ["relayShouldBeOpen", "live"],
            reason: "half of the interlock is gone: a host that is killed leaves enable high"),
        Loosening(
            fault: "slow drop out", rules: ["relayShouldBeOpen", "live"],
            reason: "the charge pump holds the relay longer than it should"),
        unfelt("needles out"), unfelt("isolator tripped"), unfelt("needles touching"),
        Loosening(
            fault: "read back stuck open", rules: ["live", "closed"],
            reason: "the host is told that the relay is open"),
        Loosening(
            fault: "pins lost", rules: ["live", "enable"],
            reason: "a host that cannot write its pins cannot lower them: its heartbeat stands still with them"),
    ]
}
