// What was authorized once is sent once.
import SafetyKernel
import StimulatorLinks
import StimulusModel

func twice(_ link: inout P24Link, _ pulse: consuming AuthorizedPulse, at now: Instant) {
    // expected-error@-1 {{'pulse' consumed more than once}}
    _ = link.deliver(pulse, at: now)  // expected-note {{consumed here}}
    _ = link.deliver(pulse, at: now)  // expected-note {{consumed again here}}
}

func copied(_ pulse: borrowing AuthorizedPulse, _ send: (consuming AuthorizedPulse) -> Void) {
    // expected-error@-1 {{'pulse' is borrowed and cannot be consumed}}
    send(pulse)  // expected-note {{consumed here}}
}
