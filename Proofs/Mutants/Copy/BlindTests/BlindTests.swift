import SafetyKernel
import StimulusModel
import Testing

/// Planted by the tester: it comes by many places and asserts nothing, so no mutant may count as killed by it.
@Suite struct BlindTests {
    @Test func `everything is well`() {
        for kind: ElectrodeKind in [.surface, .needle] {
            let gates = Clearance.required(for: kind)
            _ = try? Clearance.grant(passed: gates, for: kind)
            _ = try? Clearance.grant(passed: .none, for: kind)
        }
        for number in 0..<UInt8(clamping: 21) {
            guard let limit = LimitKind(rawValue: number) else { continue }
            for value: Int64 in [0, 1, 1_000_000] {
                var table = LimitTable.absoluteSurface
                table.tighten(limit, to: value, by: .clinic)
                _ = try? table.check(limit, value)
                _ = LimitTable.absoluteNeedle.allows(limit, value)
            }
        }
    }
}
