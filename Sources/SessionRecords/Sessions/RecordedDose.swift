internal import CareModel
public import StimulusModel

/// A dose in the whole numbers that the session ran with.
public struct RecordedDose: Codable, Equatable, Sendable {
    public var electrode: String
    public var muscle: String
    public var stage: String
    public var frequencyMillihertz: Int32
    public var phaseDurationMicroseconds: Int32
    public var interphaseGapMicroseconds: Int32
    public var maximumAmplitudeMicroamperes: Int32
    public var amplitudeStepMicroamperes: Int32
    /// For a train, of whatever pattern.
    public var durationMilliseconds: Int32?
    /// For bursts.
    public var burstMilliseconds: Int32?
    public var burstIntervalMilliseconds: Int32?
    /// For dense-disperse.
    public var denseMilliseconds: Int32?
    public var sparseFrequencyMillihertz: Int32?
    public var sparseMilliseconds: Int32?
    /// For contractions.
    public var rampUpMilliseconds: Int32?
    public var plateauMilliseconds: Int32?
    public var rampDownMilliseconds: Int32?
    public var restMilliseconds: Int32?
    public var contractions: Int32?

    public init(_ dose: Dose) {
        electrode = dose.electrodeKind.name
        muscle = dose.muscle.name
        stage = dose.stage.name
        frequencyMillihertz = dose.frequency.millihertz
        phaseDurationMicroseconds = dose.phaseDuration.microseconds
        interphaseGapMicroseconds = dose.interphaseGap.microseconds
        maximumAmplitudeMicroamperes = dose.maximumAmplitude.microamperes
        amplitudeStepMicroamperes = dose.amplitudeStep.microamperes
        switch dose.pattern {
        case .continuous(let milliseconds):
            durationMilliseconds = milliseconds
        case .contractions(let cycle, let count):
            rampUpMilliseconds = cycle.rampUpMilliseconds
            plateauMilliseconds = cycle.plateauMilliseconds
            rampDownMilliseconds = cycle.rampDownMilliseconds
            restMilliseconds = cycle.restMilliseconds
            contractions = count
        case .burst(let milliseconds, let burst, let interval):
            durationMilliseconds = milliseconds
            burstMilliseconds = burst
            burstIntervalMilliseconds = interval
        case .denseDisperse(let milliseconds, let dense, let sparseFrequency, let sparse):
            durationMilliseconds = milliseconds
            denseMilliseconds = dense
            sparseFrequencyMillihertz = sparseFrequency.millihertz
            sparseMilliseconds = sparse
        }
    }

    /// The dose again, for a replay; nothing if the record holds no dose of this version.
    public var dose: Dose? {
        guard let kind = ElectrodeKind(name: electrode), let target = TargetMuscle(name: muscle),
            let stage = CareStage(name: stage), let pattern
        else { return nil }
        return Dose(
            electrodeKind: kind, muscle: target, stage: stage, pattern: pattern,
            frequency: Frequency(millihertz: frequencyMillihertz),
            phaseDuration: PhaseDuration(microseconds: phaseDurationMicroseconds),
            interphaseGap: PhaseDuration(microseconds: interphaseGapMicroseconds),
            maximumAmplitude: Current(microamperes: maximumAmplitudeMicroamperes),
            amplitudeStep: Current(microamperes: amplitudeStepMicroamperes))
    }

    private var pattern: Pattern? {
        if let durationMilliseconds {
            if let burstMilliseconds, let burstIntervalMilliseconds {
                return .burst(
                    milliseconds: durationMilliseconds, burstMilliseconds: burstMilliseconds,
                    intervalMilliseconds: burstIntervalMilliseconds)
            }
            if let denseMilliseconds, let sparseFrequencyMillihertz, let sparseMilliseconds {
                return .denseDisperse(
                    milliseconds: durationMilliseconds, denseMilliseconds: denseMilliseconds,
                    sparseFrequency: Frequency(millihertz: sparseFrequencyMillihertz),
                    sparseMilliseconds: sparseMilliseconds)
            }
            return .continuous(milliseconds: durationMilliseconds)
        }
        guard let rampUpMilliseconds, let plateauMilliseconds, let rampDownMilliseconds, let restMilliseconds,
            let contractions
        else { return nil }
        let cycle = ContractionCycle(
            rampUpMilliseconds: rampUpMilliseconds, plateauMilliseconds: plateauMilliseconds,
            rampDownMilliseconds: rampDownMilliseconds, restMilliseconds: restMilliseconds)
        return .contractions(cycle, count: contractions)
    }
}
