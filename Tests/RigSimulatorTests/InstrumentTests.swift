import RigSimulator
import StimulusModel
import Testing

/// What the pretended bench instruments answer.
@Suite struct InstrumentTests {
    private static let seed: UInt64 = 5

    private static func instrument(
        _ family: InstrumentFamily, noise: Double = 0, gain: Double = 0, offset: Double = 0, seed: UInt64 = seed
    ) -> SimulatedInstrument {
        SimulatedInstrument(
            family: family,
            configuration: InstrumentConfiguration(
                gainThousandths: gain, offsetMillivolts: offset, noiseMillivolts: noise), seed: seed)
    }

    /// Ten pulses a second of 10 V and 300 µs from a rig, into 500 Ω.
    private static let trace: ProbeTrace = {
        var bench = DummyLoadTests.bench([1: .resistor(ohms: 500)])
        for _ in 0..<5 { _ = bench.ask(Bench.pulse(20, 300), milliseconds: 50) }
        return bench.rig.probe(output: 1)
    }()

    private static func number(_ text: String?) -> Double { text.flatMap(Double.init) ?? .nan }

    @Test(arguments: [
        (InstrumentFamily.rigolDS1000Z, "RIGOL TECHNOLOGIES,DS1104Z,DS1ZSIM00001,00.04.04"),
        (.keysightInfiniiVision, "KEYSIGHT TECHNOLOGIES,DSOX3024T,MYSIM00001,07.50"),
        (.keysight34461A, "Keysight Technologies,34461A,MYSIM00002,A.02.14-02.40-02.14-00.49-01-01"),
    ]) func eachFamilyNamesItselfAndKeepsItsErrors(family: InstrumentFamily, identity: String) {
        var instrument = Self.instrument(family)
        #expect(instrument.answer("*IDN?", trace: .nothing) == identity)
        #expect(instrument.answer("*opc?\r", trace: .nothing) == "1")
        #expect(instrument.answer(":MEASure:NONSENSE?", trace: .nothing) == nil)
        #expect(instrument.answer(":SYSTem:ERRor?", trace: .nothing)?.hasPrefix("-113,") == true)
        #expect(instrument.answer("SYST:ERR?", trace: .nothing)?.contains("No error") == true)
        _ = instrument.answer("WHAT", trace: .nothing)
        #expect(instrument.answer("*CLS", trace: .nothing) == nil)
        #expect(instrument.answer(":syst:err?", trace: .nothing)?.contains("No error") == true)
        #expect(instrument.answer("", trace: .nothing) == nil)
        #expect(instrument.answer("*IDN?;*OPC?", trace: .nothing) == identity + ";1")
    }

    @Test func aRigolMeasuresByItems() {
        var instrument = Self.instrument(.rigolDS1000Z)
        #expect(instrument.answer(":CHANnel1:SCALe 4;:TIMebase:MAIN:SCALe 0.0002", trace: Self.trace) == nil)
        #expect(instrument.answer(":CHAN1:SCAL?;:TIM:MAIN:SCAL?", trace: Self.trace) == "4.00000000e+00;2.00000000e-04")
        for (item, value, tolerance) in [
            ("VMAX", 10.0, 0.0626), ("VMIN", -10, 0.0626), ("PWIDth", 300e-6, 1.1e-6), ("NWID", 300e-6, 1.1e-6),
            ("MARea", 0, 1e-9), ("VAVG", 0, 1e-9),
        ] {
            let answer = instrument.answer(":MEASure:ITEM? \(item),CHANnel1", trace: Self.trace)
            #expect(abs(Self.number(answer) - value) <= tolerance, "\(item): \(answer ?? "nothing")")
        }
        _ = instrument.answer(":TIM:MAIN:SCAL 0.01", trace: Self.trace)
        #expect(abs(Self.number(instrument.answer("meas:item? per,chan1", trace: Self.trace)) - 0.05) < 0.0015)
        #expect(instrument.answer(":MEAS:ITEM? VMAX,CHAN2", trace: Self.trace) == "9.9E37")
        #expect(instrument.answer(":MEAS:ITEM? RISE,CHAN1", trace: Self.trace) == nil)
        #expect(instrument.answer(":SYST:ERR?", trace: Self.trace)?.hasPrefix("-224") == true)
    }

    @Test func aKeysightScopeMeasuresByNames() {
        var instrument = Self.instrument(.keysightInfiniiVision)
        _ = instrument.answer(":CHAN1:SCAL 4", trace: Self.trace)
        _ = instrument.answer(":TIMebase:SCALe 1E-4", trace: Self.trace)
        for (query, value, tolerance) in [
            (":MEASure:VMAX? CHANnel1", 10.0, 0.0626), ("MEAS:VMIN? CHAN1", -10, 0.0626),
            (":MEASure:PWIDth? CHANnel1", 300e-6, 1e-7), (":MEASure:NWIDth? CHANnel1", 300e-6, 1e-7),
            (":MEASure:AREa? DISPlay,CHANnel1", 0, 1e-9), (":MEASure:VAVerage? DISPlay,CHANnel1", 0, 1e-9),
        ] {
            let answer = instrument.answer(query, trace: Self.trace)
            #expect(abs(Self.number(answer) - value) <= tolerance, "\(query): \(answer ?? "nothing")")
            #expect(answer?.first == "+" || answer?.first == "-")
        }
        _ = instrument.answer(":TIM:SCAL 0.01", trace: Self.trace)
        let joined = instrument.answer(":MEAS:PER? CHAN1;VMAX? CHAN1", trace: Self.trace)?.split(separator: ";")
        #expect(joined?.count == 2)
        #expect(abs(Self.number(joined.map { String($0[0]) }) - 0.05) < 0.0015)
    }

    @Test func aMultimeterMeasuresResistanceAndDirectVoltage() {
        var instrument = Self.instrument(.keysight34461A)
        let quiet = ProbeTrace(output: 1, atNanoseconds: 0, loadOhms: 499.5, restVolts: 0.012, pulses: [])
        #expect(instrument.answer("MEASure:RESistance?", trace: quiet) == "+4.99500000E+02")
        #expect(instrument.answer("MEAS:VOLT:DC?", trace: quiet) == "+1.20000000E-02")
        #expect(instrument.answer("meas:res?", trace: .nothing) == "+9.9E+37")
        // Pulses through the load spoil its measurement.
        #expect(instrument.answer("MEAS:RES?", trace: Self.trace) == "+9.9E+37")
        #expect(abs(Self.number(instrument.answer("MEAS:VOLT:DC?", trace: Self.trace))) < 1e-9)
        #expect(instrument.answer(":MEAS:VMAX? CHAN1", trace: quiet) == nil)
    }

    @Test(arguments: [InstrumentFamily.rigolDS1000Z, .keysightInfiniiVision])
    func beyondTheScreenOrWithoutASignalThereIsNoValue(family: InstrumentFamily) {
        var instrument = Self.instrument(family)
        let isRigol = family == .rigolDS1000Z
        func ask(_ name: String, _ trace: ProbeTrace) -> String? {
            instrument.answer(isRigol ? ":MEAS:ITEM? \(name),CHAN1" : ":MEAS:\(name)? CHAN1", trace: trace)
        }
        _ = instrument.answer(isRigol ? ":TIM:MAIN:SCAL 2E-4" : ":TIM:SCAL 2E-4", trace: Self.trace)
        for (scale, isThere) in [(2.4, false), (2.5, true)] {
            _ = instrument.answer(":CHAN1:SCAL \(scale)", trace: Self.trace)
            for name in ["VMAX", "VMIN", "PWID"] {
                #expect((ask(name, Self.trace) != family.invalid) == isThere, "\(name) at \(scale) V")
            }
        }
        #expect(ask("PER", Self.trace) == family.invalid, "50 ms at 0.2 ms for a division")
        // Not triggered, the screen shows the noise of what is at rest.
        #expect(ask("VMAX", .nothing) != family.invalid)
        #expect(ask("PWID", .nothing) == family.invalid)
        // The pulse of 0.7 ms is longer than what is left of the screen.
        _ = instrument.answer(isRigol ? ":TIM:MAIN:SCAL 5E-5" : ":TIM:SCAL 5E-5", trace: Self.trace)
        #expect(ask("VMAX", Self.trace) == family.invalid)
        #expect(instrument.answer(":CHAN1:SCAL 1000", trace: Self.trace) == nil)
        #expect(instrument.answer(":CHAN1:SCAL wide", trace: Self.trace) == nil)
        #expect(instrument.answer(":SYST:ERR?", trace: Self.trace)?.hasPrefix("-222") == true)
        #expect(instrument.answer(":SYST:ERR?", trace: Self.trace)?.hasPrefix("-104") == true)
        #expect(instrument.voltsPerDivision == 2.5)
    }

    @Test func aMissingPhaseHasNoWidth() throws {
        let error = try #require(OutputError(text: "second-phase=missing"))
        var bench = DummyLoadTests.bench([1: .resistor(ohms: 500)], [1: error])
        _ = bench.ask(Bench.pulse(20, 300))
        let trace = bench.rig.probe(output: 1)
        var instrument = Self.instrument(.rigolDS1000Z)
        _ = instrument.answer(":CHAN1:SCAL 4;:TIM:MAIN:SCAL 2E-4", trace: trace)
        #expect(instrument.answer(":MEAS:ITEM? NWID,CHAN1", trace: trace) == "9.9E37")
        #expect(instrument.answer(":MEAS:ITEM? VMIN,CHAN1", trace: trace) == "0.00000000e+00")
        #expect(abs(Self.number(instrument.answer(":MEAS:ITEM? MAR,CHAN1", trace: trace)) - 3e-3) < 1e-9)
    }

    @Test func noiseIsFreshSeededAndOfItsSize() {
        let count = 4_000
        func draw(_ seed: UInt64) -> [Double] {
            var instrument = Self.instrument(.keysight34461A, noise: 3, seed: seed)
            let level = ProbeTrace(output: 1, atNanoseconds: 0, loadOhms: 500, restVolts: 1, pulses: [])
            return (0..<count).map { _ in Self.number(instrument.answer("MEAS:VOLT:DC?", trace: level)) }
        }
        let drawn = draw(Self.seed)
        #expect(drawn == draw(Self.seed) && drawn != draw(Self.seed + 1), "seed \(Self.seed)")
        let mean = drawn.reduce(0, +) / Double(count)
        let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        // Four standard errors: 3 mV / √4000, and 3 mV / √8000.
        #expect(abs(mean - 1) < 0.00019, "seed \(Self.seed): mean \(mean)")
        #expect(abs(variance.squareRoot() - 0.003) < 0.000_14, "seed \(Self.seed): \(variance.squareRoot())")
        #expect(Set(drawn).count > count * 9 / 10)
        print("noise of 3 mV, seed \(Self.seed): mean \(mean) V, deviation \(variance.squareRoot()) V")
    }

    @Test func gainAndOffsetOfTheInstrumentItself() throws {
        let level = ProbeTrace(output: 1, atNanoseconds: 0, loadOhms: 1_000, restVolts: 2, pulses: [])
        var instrument = Self.instrument(.keysight34461A, gain: 10, offset: 5)
        #expect(abs(Self.number(instrument.answer("MEAS:VOLT:DC?", trace: level)) - 2.025) < 1e-9)
        #expect(abs(Self.number(instrument.answer("MEAS:RES?", trace: level)) - 1_015) < 1e-6)
        let read = try #require(InstrumentConfiguration(text: "gain=10,noise=0,offset=5"))
        #expect(read == instrument.configuration)
        for text in ["", "gain", "gain=x", "noise=-1", "colour=1"] {
            #expect(InstrumentConfiguration(text: text) == nil, "\(text)")
        }
    }

    @Test func aProbeOnTheNeedleRigServesAsWell() {
        var bench = NeedleBenchTests.bench()
        bench.prepare(milliamperes: 4)
        bench.train(5, every: 20)
        let trace = bench.rig.probe(output: 1)
        var instrument = Self.instrument(.keysightInfiniiVision)
        _ = instrument.answer(":CHAN1:SCAL 1;:TIM:SCAL 1E-4", trace: trace)
        #expect(abs(Self.number(instrument.answer(":MEAS:VMAX? CHAN1", trace: trace)) - 4 / 1.01) < 0.017)
        #expect(abs(Self.number(instrument.answer(":MEAS:PWID? CHAN1", trace: trace)) - 250e-6) < 1e-7)
        _ = instrument.answer(":TIM:SCAL 0.005", trace: trace)
        #expect(abs(Self.number(instrument.answer(":MEAS:PER? CHAN1", trace: trace)) - 0.02) < 0.0003)
    }
}
