public import StimulusModel

/// Proof that every gate was passed. Only this file can make one, and an authorization consumes it: a second session
/// needs a second checklist (H44).
public struct Clearance: ~Copyable, Sendable {
    public let gates: GateSet
    public let electrodeKind: ElectrodeKind

    @_noLocks fileprivate init(gates: GateSet, electrodeKind: ElectrodeKind) {
        self.gates = gates
        self.electrodeKind = electrodeKind
    }

    /// The gates without which nothing is armed, whatever a checklist file says. `clinical.md` 3.1, 3.3, 3.5 and
    /// hazards H16 to H18, H31, H34, H43; the patient's stop is exercised each session (`decided.md`, P24).
    @_noLocks public static func required(for kind: ElectrodeKind) -> GateSet {
        var gates = GateSet.identity.union(.side).union(.contraindications).union(.consent).union(.questions)
        gates = gates.union(.stopControlInHand).union(.stopControlProven).union(.deviceIdentified)
        gates = gates.union(.skin).union(.calibrationValid)
        guard kind == .needle else { return gates }
        // clinical.md 3.2, N1 to N5; the isolator's range and calibration (decided.md, Needle rig; H45).
        gates = gates.union(.needlePackage).union(.needleShown).union(.needleSingleUse)
        return gates.union(.isolatorAttested).union(.noOpenIncident)
    }

    /// - Throws: `Refusal.gatesMissing` with the gates that are not passed.
    @_noLocks public static func grant(
        passed: GateSet, for kind: ElectrodeKind
    ) throws(Refusal) -> Clearance {
        let missing = required(for: kind).subtracting(passed)
        guard missing == .none else { throw Refusal.gatesMissing(missing) }
        return Clearance(gates: passed, electrodeKind: kind)
    }
}
