// What may come from outside is asked for, not authorized.
import SafetyKernel
import StimulusModel

func decoded<Value: Decodable>(_ type: Value.Type) {}

func ask() {
    decoded(Int64.self)
    var limits = LimitTable.absoluteSurface
    limits.tighten(.amplitude, to: 20_000, by: .clinic)
}
