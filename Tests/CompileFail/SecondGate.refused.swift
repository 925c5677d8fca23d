// A copied gate would keep a second account, a copied link a second conversation.
import SafetyKernel
import StimulatorLinks

func doubled(_ gate: borrowing PulseGate, _ keep: (consuming PulseGate) -> Void) {
    // expected-error@-1 {{'gate' is borrowed and cannot be consumed}}
    keep(gate)  // expected-note {{consumed here}}
}

func doubled(_ link: borrowing P24Link, _ keep: (consuming P24Link) -> Void) {
    // expected-error@-1 {{'link' is borrowed and cannot be consumed}}
    keep(link)  // expected-note {{consumed here}}
}
