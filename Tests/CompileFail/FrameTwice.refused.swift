// A frame is written once, whatever is in it.
import StimulatorLinks

func twice(_ frame: consuming OutboundFrame, _ write: (consuming OutboundFrame) -> Void) {
    // expected-error@-1 {{'frame' consumed more than once}}
    write(frame)  // expected-note {{consumed here}}
    write(frame)  // expected-note {{consumed again here}}
}
