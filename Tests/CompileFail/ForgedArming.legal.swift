// The gate arms a stimulator that is verified off.
import SafetyKernel
import StimulusModel

func arm(_ gate: inout PulseGate, _ condition: StimulatorCondition, at now: Instant) throws(Refusal) -> Arming {
    try gate.arm(condition: condition, at: now)
}
