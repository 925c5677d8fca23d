import ScienceMode4
import StimulusModel
import Testing

@Suite struct RequestTests {
    @Test func aStopIsTwelveBytes() {
        #expect(Request.lowLevelStop.encode(packetNumber: 13)?.count == 12)
    }
}
