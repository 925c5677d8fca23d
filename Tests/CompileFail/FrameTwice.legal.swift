// Written, and gone.
import StimulatorLinks

func once(_ frame: consuming OutboundFrame, _ write: (consuming OutboundFrame) -> Void) { write(frame) }
