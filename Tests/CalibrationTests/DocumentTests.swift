import Calibration
import CareModel
import StimulusModel
import Testing

// Proves R-CAL-06.
@Suite("What a calibration says of itself")
struct DocumentTests {
    @Test("A correction never sets more than is meant to flow")
    func correctionRoundsDown() throws {
        let correction = try #require(OutputCorrection(gainPartsPerMillion: 1_020_000, offsetNanoamperes: -50_000))
        let step = Current(microamperes: 500)
        let ceiling = Current(microamperes: 80_000)
        for meant in stride(from: Int32(500), through: 80_000, by: 500) {
            let set = correction.setting(for: Current(microamperes: meant), inStepsOf: step, ceiling: ceiling)
            #expect(correction.flowingNanoamperes(at: set) <= Int64(meant) * 1_000)
            #expect(set.microamperes % 500 == 0)
        }
    }

    @Test("A correction never raises what is set above what is meant, however little the output gives")
    func correctionOnlyLowers() throws {
        let correction = try #require(OutputCorrection(gainPartsPerMillion: 830_000, offsetNanoamperes: -100_000))
        for meant in stride(from: Int32(500), through: 80_000, by: 500) {
            let set = correction.setting(
                for: Current(microamperes: meant), inStepsOf: Current(microamperes: 500),
                ceiling: Current(microamperes: 80_000))
            #expect(set.microamperes <= meant)
        }
    }

    @Test("A correction ends at the absolute limit")
    func correctionIsBounded() throws {
        let correction = try #require(OutputCorrection(gainPartsPerMillion: 800_000, offsetNanoamperes: 0))
        let ceiling = Current(microamperes: 80_000)
        let set = correction.setting(for: ceiling, inStepsOf: Current(microamperes: 500), ceiling: ceiling)
        #expect(set == ceiling)
        #expect(OutputCorrection(gainPartsPerMillion: 1_200_001, offsetNanoamperes: 0) == nil)
    }
}
