// The stimulator on the technician's bench: who it is, whether its stop works, and what its link is told.
import ByteStreams
import Calibration
import CareModel
import DeviceDrivers
import SessionRecords
import StimulatorLinks
import StimulusModel

struct BenchRig {
    let rig: LoadedRig
    let path: String
    private(set) var device: CalibratedDevice
    /// The very device whose stop was tried.
    private(set) var expected: ExpectedStimulator
    private(set) var stopIsProven = false
    private let identity: Identity
    private let prompter: Prompter

    private enum Identity {
        case p24(StimulatorIdentity)
        case needles(NeedleTrial, NeedleRigIdentity)
    }

    /// Stops whatever a killed host left behind, and asks who is there.
    init(rig: LoadedRig, line: String?, prompter: Prompter) throws {
        self.rig = rig
        self.prompter = prompter
        guard let path = line ?? rig.content.serialLine else {
            throw Failure(.usage, "\(rig.path) names no serial_line: name the stimulator's with --line")
        }
        self.path = path
        expected = try SessionOrder.expected(rig)
        if let needles = rig.content.needles {
            let plan = BenchRig.linkPlan(needle: expected, .first, .nominal)
            let trial = NeedleTrial(path: path, needles: needles, linkPlan: plan, prompter: prompter)
            let found = try trial.identify()
            identity = .needles(trial, found)
            device = CalibratedDevice(
                stimulator: .pulsePal, serialNumber: found.usbSerial, firmware: "\(found.stimulator.firmware.major)",
                isolator: needles.isolator)
        } else {
            let found = try PatientStopTrial.identify(path, expected)
            identity = .p24(found)
            expected.serial = found.serial
            device = CalibratedDevice(
                stimulator: .p24, serialNumber: DeviceText.serial(found.serial),
                firmware: DeviceText.version(found.firmware), isolator: nil)
        }
    }

    /// Has the technician press what stops: the same trial as before a treatment.
    mutating func tryStop() throws {
        prompter.say("The stop control is tried as before a treatment; here it is you who presses.")
        switch identity {
        case .p24(let found):
            _ = try PatientStopTrial(path: path, expected: expected, prompter: prompter).run(identified: found)
        case .needles(let trial, let found):
            _ = try trial.tryButtons(
                identified: found, link: BenchRig.linkPlan(needle: expected, .first, .nominal))
        }
        stopIsProven = true
    }

    var capabilities: DeviceCapabilities {
        rig.content.needles == nil
            ? .p24LowLevel
            : .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0)
    }

    /// The board's bleeder lies across each output (`Hardware/interlock`: 100 kΩ, decided and proposal).
    var bleederOhms: Int32? { rig.content.needles == nil ? nil : 100_000 }

    var outputCount: UInt8 {
        guard let needles = rig.content.needles else { return 8 }
        return needles.second == nil ? 1 : 2
    }

    func linkPlan(_ trial: BenchTrial) -> LinkPlan {
        guard rig.content.needles != nil else {
            return .p24(
                expected, outputs: P24Outputs(first: trial.correction, second: .none, measuresCurrent: true))
        }
        return BenchRig.linkPlan(
            needle: expected, Channel(number: trial.drivenOutput) ?? .first, trial.channelCalibration)
    }

    private static func linkPlan(
        needle expected: ExpectedStimulator, _ channel: Channel, _ calibration: ChannelCalibration
    ) -> LinkPlan {
        .needleRig(expected, first: TriggerChannel(channel: channel, calibration: calibration), second: nil)
    }

    /// The first trigger starts whatever output is driven; its own comparator is looked at.
    func pins(_ trial: BenchTrial) -> PinPlan? {
        guard let needles = rig.content.needles else { return nil }
        var plan = PinPlan(needles)
        if trial.drivenOutput == 2, let second = plan.secondPulseSeen { plan.firstPulseSeen = second }
        plan.secondTrigger = nil
        plan.secondPulseSeen = nil
        return plan
    }
}
