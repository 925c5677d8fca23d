// What the serial writer takes is made by a link and by nobody else.
import ScienceMode4
import StimulatorLinks

func forge(_ bytes: FrameBytes) -> OutboundFrame {
    OutboundFrame(bytes, flushes: false)
    // expected-error@-1 {{'OutboundFrame' initializer is inaccessible due to 'internal' protection level}}
}
