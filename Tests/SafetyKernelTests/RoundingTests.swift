// Figures are rounded up and never down: each where one millionth more or less decides.
import SafetyKernel
import StimulusModel
import Testing

@Suite struct RoundingTests {
    private func pulse(_ amplitude: Int32, _ phase: Int32) -> Pulse {
        Pulse(
            symmetric: Current(microamperes: amplitude), phaseDuration: PhaseDuration(microseconds: phase),
            interphaseGap: PhaseDuration(microseconds: 0))
    }

    private func device(tolerance: Int32 = 0, imbalance: Int32 = 0, residual: Int32 = 0) -> DeviceCapabilities {
        .needleRig(
            residualOffsetNanoamperes: residual, imbalancePermille: imbalance, tolerancePermille: tolerance)
    }

    /// Whether a figure is exactly `figure`: it passes a limit of so much and is refused one below.
    private func expect(
        _ kind: LimitKind, is figure: Int64, of pulse: Pulse, millihertz: Int32 = 1_000, area: Int32 = 2_500,
        on device: DeviceCapabilities? = nil
    ) {
        // The table without densities of its own: no other limit comes first.
        func refused(_ limit: Int64) -> Refusal? {
            var limits = LimitTable.absoluteNeedle
            limits.tighten(kind, to: limit, by: .clinic)
            return refusal { () throws(Refusal) in
                try PulseLimits.check(
                    pulse, at: Frequency(millihertz: millihertz),
                    contact: .pad(PadArea(squareMillimetres: area)), device ?? self.device(), limits)
            }
        }
        #expect(refused(figure) == nil)
        #expect(
            RefusedLimit(refused(figure - 1)) == RefusedLimit(kind, asked: figure, limit: figure - 1, setBy: .clinic))
    }

    private func up(_ a: Int64, _ b: Int64) -> Int64 { a / b + (a % b == 0 ? 0 : 1) }

    // Proves R-LIM-08.
    @Test func `charge with what calibration allows above it`() {
        // 13 µA · 77 µs = 1,001 pC; one permille more is 1,002.001.
        expect(.chargePerPhase, is: 1_001, of: pulse(13, 77))
        expect(.chargePerPhase, is: 1_003, of: pulse(13, 77), on: device(tolerance: 1))
        expect(.chargePerPhase, is: 1_102, of: pulse(13, 77), on: device(tolerance: 100))
        // Less than nothing is no room.
        expect(.chargePerPhase, is: 1_001, of: pulse(13, 77), on: device(tolerance: -500))
    }

    // Proves R-LIM-11.
    @Test func `direct current`() {
        func nanoamperes(_ pulse: Pulse, _ millihertz: Int32, _ imbalance: Int32, _ residual: Int32 = 0) -> Int64 {
            PulseLimits.directCurrentNanoamperes(
                pulse, at: Frequency(millihertz: millihertz), device(imbalance: imbalance, residual: residual))
        }
        // 1 pC · 1 ‰ · 1 mHz is a billionth of a nanoampere.
        #expect(nanoamperes(pulse(1, 1), 1, 1) == 1)
        #expect(nanoamperes(pulse(1, 1), 1, 1, 7) == 8)
        #expect(nanoamperes(pulse(1, 1), 1, 0, 7) == 7)
        // 1 µC · 1 ‰ · 1 Hz is 1 nA to the last digit.
        #expect(nanoamperes(pulse(10_000, 100), 1_000, 1) == 1)
        #expect(nanoamperes(pulse(10_000, 100), 1_001, 1) == 2)
        expect(.directCurrent, is: 8, of: pulse(1_000, 100), on: device(imbalance: 10, residual: 7))
    }

    // Proves R-LIM-14.
    @Test func `current density, at areas where the remainder decides`() {
        var seen: Set<Int64> = []
        for area: Int32 in [1, 2, 3, 7, 64, 99, 100, 101, 2_500] {
            for amplitude: Int32 in stride(from: 5, to: 400, by: 7) {
                let pulse = pulse(amplitude, 100)
                let times = pulse.rootMeanSquareMicroamperes(at: Frequency(millihertz: 10_000)) * 100
                let figure = up(times, Int64(area))
                seen.insert(times % Int64(area))
                expect(.currentDensity, is: figure, of: pulse, millihertz: 10_000, area: area)
            }
        }
        #expect(seen.contains(0) && seen.contains(1))
    }

    // Proves R-LIM-15.
    @Test func `power density, at areas where the remainder decides`() {
        // nJ · mHz · 100 / (1,000,000 · mm²).
        var seen: Set<Int64> = []
        for area: Int32 in [1, 2, 3] {
            for amplitude in Int32(1)...2_000 {
                let pulse = pulse(amplitude, 100)
                let power = pulse.energyNanojoules(intoOhms: 500) * 1_000
                let each = Int64(area) * 10_000
                let remainder = power % each
                // Each pulse has a rate at which the remainder is a multiple of it; those next to a whole count.
                guard remainder == 0 || remainder <= 1_000, seen.insert(Int64(area) * 10_000 + remainder).inserted
                else { continue }
                expect(.powerDensity, is: up(power, each), of: pulse, area: area)
            }
        }
        #expect(seen.count >= 5)
        // 100 nJ at 10.201 Hz on 1 mm²: 102 µW/cm² and a hundredth.
        #expect(pulse(1_000, 100).energyNanojoules(intoOhms: 500) == 100)
        expect(.powerDensity, is: 103, of: pulse(1_000, 100), millihertz: 10_201, area: 1)
        // One nanojoule at 1 mHz on 1 mm² is next to nothing, and told as 1.
        let least = pulse(1, 50)
        expect(.powerDensity, is: up(least.energyNanojoules(intoOhms: 500), 10_000), of: least, millihertz: 1, area: 1)
    }

    // Proves R-BCH-02.
    @Test func `heat in a load`() {
        func refused(_ load: AttestedLoad, _ pulse: Pulse) -> Refusal? {
            refusal { () throws(Refusal) in
                try PulseLimits.check(
                    pulse, at: Frequency(millihertz: 100_000), contact: .bench(.load(load)), device(), .absoluteSurface)
            }
        }
        // 1 µA effective into 1 Ω: one picowatt.
        let least = pulse(1, 50)
        #expect(least.rootMeanSquareMicroamperes(at: Frequency(millihertz: 100_000)) == 1)
        func load(_ ohms: Int32, _ rated: Int32) -> AttestedLoad {
            AttestedLoad(ohms: ohms, tolerancePermille: 10, ratedMilliwatts: rated)
        }
        #expect(refused(load(1, 1), least) == nil)
        #expect(refused(load(1, 0), least) == .dummyLoadTooWeak(milliwatts: 1))
        // 1 mW to the last digit, and one more.
        #expect(refused(load(1_000_000_000, 1), least) == nil)
        #expect(refused(load(1_000_000_000, 0), least) == .dummyLoadTooWeak(milliwatts: 1))
        #expect(refused(load(1_000_000_001, 1), least) == .dummyLoadTooWeak(milliwatts: 2))
    }

    // Proves R-LIM-14.
    @Test func `a pad of no area is refused, and one of a square millimetre is looked at`() {
        func refused(_ area: Int32) -> Refusal? {
            refusal { () throws(Refusal) in
                try PulseLimits.check(
                    pulse(50, 100), at: Frequency(millihertz: 1_000),
                    contact: .pad(PadArea(squareMillimetres: area)), device(), .absoluteSurface)
            }
        }
        for area: Int32 in [0, -1, Int32.min] {
            #expect(refused(area) == .padAreaImplausible(squareMillimetres: area))
        }
        #expect(refused(1) == nil)
    }

    // Proves R-REC-05.
    /// As they stand in the journal: case, kind and figure, which no later version may change.
    @Test func `the words of a refusal are those that were always written`() {
        let written: [(refusal: Refusal, code: UInt8, kind: UInt8, asked: Int64)] = [
            (.limit(.frequency, asked: 7, limit: 5, setBy: .clinic), 1, 4, 7), (.gatesMissing(.consent), 2, 0, 8),
            (.electrodeKind(asked: .needle, rated: .surface), 3, 0, Int64(ElectrodeKind.needle.code)),
            (.noSuchChannel, 4, 0, 0), (.phaseNotSupported(microseconds: 5), 5, 0, 5),
            (.padAreaImplausible(squareMillimetres: -5), 6, 0, -5), (.searchMismatch, 7, 0, 0),
            (.firstSessionStage, 8, 0, 0), (.malformedPattern, 9, 0, 0), (.nothingToDo, 10, 0, 0),
            (.clockSetBack, 11, 0, 0), (.stimulatorNotReady, 12, 0, 0), (.amplitudeOffGrid(microamperes: 5), 13, 0, 5),
            (.rampBeforePlateau, 14, 0, 0), (.raiseOutsidePlateau, 15, 0, 0), (.partNotAuthorized, 16, 0, 0),
            (.channelsMismatch, 17, 0, 0), (.patternOverrun, 18, 0, 0),
            (.needleTooSmall(diameterMicrometres: 2, insertedMillimetres: -1), 19, 0, 2 * 4_294_967_296 + 0xFFFF_FFFF),
            (.needleTooSmall(diameterMicrometres: 249, insertedMillimetres: 15), 19, 0, 249 * 4_294_967_296 + 15),
            (.contactMismatch, 20, 0, 0), (.patternNotForNeedles, 21, 0, 0), (.motorThresholdMissing, 22, 0, 0),
            (.dummyLoadNotAttested, 23, 0, 0), (.dummyLoadTooWeak(milliwatts: 9), 24, 0, 9),
            (.notTheNextLevel, 25, 0, 0),
        ]
        for (refusal, code, kind, asked) in written {
            let words = refusal.words
            #expect(words.code == code && words.kind == kind && words.asked == asked, "\(refusal): \(words)")
        }
    }
}
