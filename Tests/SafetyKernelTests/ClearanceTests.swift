import SafetyKernel
import StimulusModel
import Testing

// Proves R-GATE-01, R-STOP-16.
@Suite struct ClearanceTests {
    static let gates: [GateSet] = [
        .identity, .side, .contraindications, .consent, .questions, .skin, .stopControlInHand, .stopControlProven,
        .deviceIdentified, .calibrationValid,
    ]

    @Test(arguments: [ElectrodeKind.surface, .needle]) func `every gate is required`(kind: ElectrodeKind) {
        for gate in Self.gates { #expect(Clearance.required(for: kind).contains(gate)) }
    }

    @Test(arguments: [ElectrodeKind.surface, .needle])
    func `one missing gate alone refuses, and is named`(kind: ElectrodeKind) {
        for gate in Self.gates {
            let passed = Clearance.required(for: kind).subtracting(gate)
            let why = refusal { () throws(Refusal) in _ = try Clearance.grant(passed: passed, for: kind) }
            #expect(why == .gatesMissing(gate))
        }
    }

    @Test func `no gate at all names every one of them`() {
        let why = refusal { () throws(Refusal) in _ = try Clearance.grant(passed: .none, for: .surface) }
        #expect(why == .gatesMissing(Clearance.required(for: .surface)))
    }

    @Test func `a gate that is not required cannot stand in for one that is`() {
        let passed = Clearance.required(for: .surface).subtracting(.consent).union(GateSet(rawValue: 0xFFFF_FE00))
        let why = refusal { () throws(Refusal) in _ = try Clearance.grant(passed: passed, for: .surface) }
        #expect(why == .gatesMissing(.consent))
    }

    @Test func `all gates passed is remembered with the kind of electrode`() throws {
        let clearance = try Clearance.grant(passed: Clearance.required(for: .needle), for: .needle)
        let gates = clearance.gates
        let kind = clearance.electrodeKind
        #expect(gates == Clearance.required(for: .needle))
        #expect(kind == .needle)
    }
}
