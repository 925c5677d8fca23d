import PulsePal
import Testing

@Suite struct PulsePalTimeTests {
    @Test func aCycleIsFiftyMicroseconds() { #expect(PulsePalTime.cycleMicroseconds == 50) }
}
