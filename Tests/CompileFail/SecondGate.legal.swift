// Handed on whole.
import SafetyKernel
import StimulatorLinks

func handedOn(_ gate: consuming PulseGate, _ keep: (consuming PulseGate) -> Void) { keep(gate) }

func handedOn(_ link: consuming P24Link, _ keep: (consuming P24Link) -> Void) { keep(link) }
