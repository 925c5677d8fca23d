// What a finding says to the technician: its name, what was found and where, and what to do.

extension InstrumentFault {
    var text: String {
        switch self {
        case .notInForce(let serialNumber, let until):
            "the calibration of instrument \(serialNumber) is not in force on this day (it holds until \(until))"
        case .commonFactor(let partsPerMillion):
            "every output reads \(BenchText.deviation(partsPerMillion: partsPerMillion)) of what was set, while the "
                + "stimulator's own samples agree with it"
        case .loadsDisagree(let permille):
            "the instrument reads every load \(BenchText.percent(permille: permille)) away from its attested value"
        case .sourcesDisagree(let output, let permille):
            "on output \(output) two instruments differ by \(BenchText.percent(permille: permille))"
        case .noIndependentSource: "no instrument but the stimulator itself measured anything"
        }
    }
}

extension BenchFinding {
    /// One or two words in small letters, the same for every such finding.
    public var name: String {
        switch self {
        case .gainError: "gain error"
        case .offset: "offset"
        case .nonLinearity: "non-linearity"
        case .missingPhase(_, let isSecond): isSecond ? "missing second phase" : "missing first phase"
        case .deadOutput: "dead output"
        case .outputsSwapped: "outputs swapped"
        case .stickyStep: "sticky step"
        case .stepsNotResolved: "steps not resolved"
        case .drift: "drift"
        case .lyingReadBack: "lying read-back"
        case .instrumentOrReadBack: "instrument or read-back wrong"
        case .aboveSpecificationAtOnePoint: "above specification at one point"
        case .instrumentWrong: "instrument wrong"
        case .loadDisagrees: "load disagrees"
        case .crossTalk: "cross-talk"
        case .phaseDuration: "phase duration"
        case .frequency: "frequency"
        case .netCharge: "net charge"
        case .restingCurrent: "resting current"
        case .outputNotZero: "output not zero"
        case .shortNotAsExpected: "short circuit not as expected"
        case .openNotAsExpected: "open circuit not as expected"
        case .beyondComplianceNotAsExpected: "beyond compliance not as expected"
        case .deviceRefused: "device refused"
        case .notMeasured, .figureMissing: "not measured"
        case .leftOutOfTolerance: "left out of tolerance"
        }
    }

    /// What was found and where; `text` puts the name before it and the remedy behind it.
    public var details: String { outputDetails ?? otherDetails }

    /// One line for a certificate.
    public var text: String {
        let place = output.map { "output \($0): " } ?? ""
        return "\(place)\(name): \(details). \(remedy)"
    }

    private var outputDetails: String? {
        switch self {
        case .gainError(_, let gain, let isCorrectable):
            "gain \(BenchText.deviation(partsPerMillion: gain))"
                + (isCorrectable ? ", corrected" : ", more than a correction may mend")
        case .offset(_, let nanoamperes, let isCorrectable):
            "\(BenchText.microamperes(nanoamperes)) beside the set current"
                + (isCorrectable ? ", corrected" : ", more than a correction may mend")
        case .nonLinearity(_, let level, let permille):
            "\(BenchText.percent(permille: permille)) of full scale away from the line at "
                + BenchText.milliamperes(Int64(level) * 1_000)
        case .missingPhase(_, let isSecond):
            "the \(isSecond ? "first" : "second") phase flows, the other does not: direct current"
        case .deadOutput: "nothing at the probe while it was driven"
        case .outputsSwapped(let output, let other): "driving output \(other) shows at output \(output), or the reverse"
        case .stickyStep(_, let level): "the step to \(BenchText.milliamperes(Int64(level) * 1_000)) did not raise it"
        case .stepsNotResolved: "the readings scatter by more than the device's step"
        case .drift(_, let from, let to, let since):
            "gain \(BenchText.deviation(partsPerMillion: from)) in \(since), now "
                + BenchText.deviation(partsPerMillion: to)
        case .lyingReadBack(_, let permille):
            "the stimulator's own samples are \(BenchText.percent(permille: permille)) of what the instrument reads"
        case .instrumentOrReadBack(_, let permille):
            "the stimulator's own samples are \(BenchText.percent(permille: permille)) of what the instrument reads, "
                + "and nothing else tells which is right"
        case .aboveSpecificationAtOnePoint(_, let level, let permille):
            "\(BenchText.percent(permille: permille)) above at \(BenchText.milliamperes(Int64(level) * 1_000)), "
                + "while all other points hold"
        default: nil
        }
    }

    private var otherDetails: String {
        switch self {
        case .instrumentWrong(let fault): fault.text
        case .loadDisagrees(let asset, let ohms, let permille):
            "load \(asset) (\(ohms) ohm) is \(BenchText.percent(permille: permille)) away from what the others say"
        case .crossTalk(_, let from, let permille):
            "\(BenchText.percent(permille: permille)) of output \(from) shows here"
        case .phaseDuration(_, let isSecond, let nanoseconds):
            "\(isSecond ? "second" : "first") phase lasts \(BenchText.decimal(nanoseconds, places: 3)) µs"
        case .frequency(_, let millihertz): "\(BenchText.decimal(millihertz, places: 3)) Hz"
        case .netCharge(_, let permille): "\(BenchText.percent(permille: permille)) of a phase stays behind"
        case .restingCurrent(_, let nanoamperes): "\(BenchText.microamperes(nanoamperes)) flow at rest"
        case .outputNotZero(_, let microvolts): "\(BenchText.decimal(microvolts, places: 6)) V at 0 mA"
        case .shortNotAsExpected(_, let microvolts):
            microvolts.map { "\(BenchText.decimal($0, places: 6)) V across the short circuit" }
                ?? "the device did not drive a short circuit"
        case .openNotAsExpected(_, let microvolts):
            microvolts.map { "\(BenchText.decimal($0, places: 6)) V at the open output" }
                ?? "the device did not notice that nothing is connected"
        case .beyondComplianceNotAsExpected(_, let ohms, let permille):
            "\(BenchText.percent(permille: permille)) of the set current into \(ohms) ohm, where the voltage cannot "
                + "suffice and no error was told"
        case .deviceRefused(_, let purpose, let failure): "\(failure.text) during \(purpose.text)"
        case .notMeasured(_, let purpose): "no valid reading of \(purpose.text)"
        case .figureMissing(_, let kind): "no valid reading of \(kind.rawValue)"
        case .leftOutOfTolerance(_, let points):
            "\(points) points are out of tolerance, or nearer to its edge than the uncertainty, after the correction"
        default: ""
        }
    }

    /// What to do.
    public var remedy: String {
        switch self {
        case .gainError(_, _, true), .offset(_, _, true):
            "Nothing: the new correction mends it. See which sessions ran before."
        case .gainError, .offset, .nonLinearity, .missingPhase, .stickyStep, .aboveSpecificationAtOnePoint,
            .netCharge, .restingCurrent, .outputNotZero, .phaseDuration, .frequency, .leftOutOfTolerance:
            "Do not use it on a person: send the device to its maker, then calibrate again."
        case .deadOutput, .deviceRefused, .shortNotAsExpected, .openNotAsExpected:
            "Check lead, load and probe; if it stays, send the device to its maker."
        case .outputsSwapped: "Check the leads and their labels; if they are right, send the device to its maker."
        case .stepsNotResolved: "Let the instrument average, or take a finer range."
        case .drift: "Calibrate it more often, and watch it."
        case .lyingReadBack: "Do not trust the stimulator's own samples: send the device to its maker."
        case .instrumentOrReadBack: "Measure one point with a second instrument, and type its values."
        case .instrumentWrong(.notInForce): "Have the instrument calibrated, or take another one."
        case .instrumentWrong: "Take another instrument, and begin again."
        case .loadDisagrees: "Measure the load, attest its true value or take another one, and begin again."
        case .crossTalk: "Separate the leads; if it stays, send the device to its maker."
        case .beyondComplianceNotAsExpected: "Check the load and the isolator's compliance as attested."
        case .notMeasured, .figureMissing:
            "Check trigger and range of the instrument, go one step back and drive it again."
        }
    }
}
