import SafetyKernel
import StimulusModel
import Testing

@Suite struct BenchTests {
    private static let attested = BenchAttestation(
        assetNumberIsRecorded: true, nobodyIsConnected: true, stopControlIsProven: true, deviceIsIdentified: true)

    private static func load(_ ohms: Int32 = 1_000, rated: Int32 = 5_000) -> AttestedTerminal {
        .load(AttestedLoad(ohms: ohms, tolerancePermille: 10, ratedMilliwatts: rated))
    }

    private static func order(
        _ levels: [Int32], millihertz: Int32 = 20_000, phase: Int32 = 200, channel: UInt8 = 1,
        device: DeviceCapabilities = .p24LowLevel
    ) throws -> BenchOrder {
        var list = BenchLevels()
        for level in levels {
            let taken = list.append(Current(microamperes: level))
            #expect(taken)
        }
        return BenchOrder(
            channel: try #require(Channel(number: channel)), levels: list,
            frequency: Frequency(millihertz: millihertz), phaseDuration: PhaseDuration(microseconds: phase),
            capabilities: device)
    }

    private static func plan(
        _ order: BenchOrder, _ terminal: AttestedTerminal = load()
    ) throws(Refusal) -> AuthorizedPlan {
        let clearance = try BenchClearance.attest(terminal, attested, for: order.capabilities.electrodeKind)
        return try Authorization.authorize(order, clearance: clearance).plan
    }

    private static func refusal(_ body: () throws(Refusal) -> Void) -> Refusal? {
        do throws(Refusal) { try body() } catch { return error }
        return nil
    }

    // Proves R-BCH-01.
    @Test func `without every confirmation there is no clearance`() {
        for missing in 0..<4 {
            let attestation = BenchAttestation(
                assetNumberIsRecorded: missing != 0, nobodyIsConnected: missing != 1, stopControlIsProven: missing != 2,
                deviceIsIdentified: missing != 3)
            let refusal = Self.refusal { () throws(Refusal) in
                _ = try BenchClearance.attest(Self.load(), attestation, for: .surface)
            }
            #expect(refusal == .dummyLoadNotAttested)
        }
    }

    // Proves R-BCH-01.
    @Test(arguments: [
        AttestedLoad(ohms: 99, tolerancePermille: 10, ratedMilliwatts: 5_000),
        AttestedLoad(ohms: 20_001, tolerancePermille: 10, ratedMilliwatts: 5_000),
        AttestedLoad(ohms: 1_000, tolerancePermille: 101, ratedMilliwatts: 5_000),
        AttestedLoad(ohms: 1_000, tolerancePermille: -1, ratedMilliwatts: 5_000),
        AttestedLoad(ohms: 1_000, tolerancePermille: 10, ratedMilliwatts: 49),
    ]) func `an implausible load is none`(_ load: AttestedLoad) {
        let refusal = Self.refusal { () throws(Refusal) in
            _ = try BenchClearance.attest(.load(load), Self.attested, for: .surface)
        }
        #expect(refusal == .dummyLoadNotAttested)
    }

    // Proves R-BCH-02.
    @Test func `the limits of a person hold on the bench, too`() throws {
        let tooStrong = try Self.order([80_500])
        #expect(
            Self.refusal { () throws(Refusal) in _ = try Self.plan(tooStrong) }
                == .limit(.amplitude, asked: 80_500, limit: 80_000, setBy: .absolute))
        let tooFast = try Self.order([5_000], millihertz: 100_001)
        #expect(Self.refusal { () throws(Refusal) in _ = try Self.plan(tooFast) } != nil)
        let tooLong = try Self.order([5_000], phase: 501)
        #expect(Self.refusal { () throws(Refusal) in _ = try Self.plan(tooLong) } != nil)
        let offGrid = try Self.order([5_200])
        #expect(
            Self.refusal { () throws(Refusal) in _ = try Self.plan(offGrid) } == .amplitudeOffGrid(microamperes: 5_200))
        let noOutput = try Self.order(
            [1_000], channel: 3,
            device: .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0))
        #expect(Self.refusal { () throws(Refusal) in _ = try Self.plan(noOutput) } == .noSuchChannel)
        let fine = try Self.order([5_000, 80_000])
        #expect(try Self.plan(fine).first.levels?.highest == Current(microamperes: 80_000))
    }

    // Proves R-BCH-02.
    @Test func `a load that would burn is refused, and one that just does not is taken`() throws {
        // 80 mA for 2 · 200 µs at 100 Hz are 16 mA r.m.s.: 256 mW in 1 kΩ.
        let order = try Self.order([80_000], millihertz: 100_000)
        let weak = Self.refusal { () throws(Refusal) in _ = try Self.plan(order, Self.load(rated: 250)) }
        guard case .dummyLoadTooWeak(let milliwatts)? = weak else {
            Issue.record("a load of 250 mW took it: \(String(describing: weak))")
            return
        }
        #expect(milliwatts > 250 && milliwatts < 262)
        let strong = Self.refusal { () throws(Refusal) in _ = try Self.plan(order, Self.load(rated: 262)) }
        #expect(strong == nil)
    }

    // Proves R-BCH-03.
    @Test func `a prescription for a person never stands on a dummy load`() throws {
        var prescription = try pairFreePrescription()
        prescription.first.contact = .bench(Self.load())
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        var refusal: Refusal?
        do throws(Refusal) {
            _ = try Authorization.authorize(prescription, clearance: clearance)
        } catch { refusal = error }
        #expect(refusal == .contactMismatch)
    }

    private func pairFreePrescription() throws -> Prescription {
        Prescription(
            search: DoseSketch.search.dose, treatment: nil, channel: .first,
            contact: .pad(PadArea(squareMillimetres: 2_500)), capabilities: .p24LowLevel,
            history: TreatmentHistory(earlierTreatments: 0, millisecondsSinceLast: 0), limits: .absoluteSurface)
    }

    // Proves R-BCH-04.
    @Test func `the gate goes from level to level and leaves none out`() throws {
        var gate = PulseGate(plan: try Self.plan(try Self.order([5_000, 40_000, 80_000])))
        let arming = try gate.arm(condition: .off, at: Instant(nanoseconds: 0))
        func request(_ amplitude: Int32) -> PulseRequest {
            PulseRequest(
                part: .search, run: 1, setAmplitude: Current(microamperes: amplitude),
                amplitude: Current(microamperes: amplitude), isOnPlateau: true, contraction: 0)
        }
        func ask(_ amplitude: Int32, atMilliseconds time: Int64) -> Refusal? {
            do throws(Refusal) {
                _ = try gate.authorize(
                    request(amplitude), under: arming, condition: .ready,
                    at: Instant(nanoseconds: time * 1_000_000))
            } catch { return error }
            return nil
        }
        #expect(ask(5_000, atMilliseconds: 200) == .notTheNextLevel)
        #expect(ask(40_000, atMilliseconds: 300) == .notTheNextLevel)
        #expect(ask(4_500, atMilliseconds: 300) == .notTheNextLevel)
        #expect(ask(5_000, atMilliseconds: 300) == nil)
        #expect(ask(40_000, atMilliseconds: 500) == .notTheNextLevel)
        #expect(ask(80_000, atMilliseconds: 600) == .notTheNextLevel)
        #expect(ask(40_000, atMilliseconds: 600) == nil)
        #expect(ask(40_000, atMilliseconds: 650) == nil)
    }
}
