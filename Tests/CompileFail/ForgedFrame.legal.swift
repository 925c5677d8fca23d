// A link gives what is to be written, each frame once.
import ScienceMode4
import StimulatorLinks

func write(_ link: inout P24Link, _ put: (consuming OutboundFrame) -> Void) {
    while let frame = link.takeFrame() { put(frame) }
}
