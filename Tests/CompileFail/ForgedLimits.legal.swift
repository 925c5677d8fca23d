// Anyone with a say may lower a limit.
import SafetyKernel

func lower() -> LimitTable {
    var limits = LimitTable.absoluteSurface
    limits.tighten(.amplitude, to: 20_000, by: .practitioner)
    return limits
}
