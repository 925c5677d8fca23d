// The stimulator at the bedside before a session: who is there, and does the patient's stop control work?
import CareModel
import DeviceDrivers
import SessionRecords
import StimulusModel

/// One of the two rigs, tried in its own way.
struct Bedside {
    private enum Found {
        case p24(PatientStopTrial, Result<StimulatorIdentity, any Error>)
        case needles(NeedleTrial, Result<NeedleRigIdentity, any Error>)
    }

    private let found: Found
    private let prompter: Prompter
    private let order: SessionOrder

    /// Stops whatever a killed host left behind and asks who is there; a failure is kept until it is this one's turn to
    /// be told.
    init(order: SessionOrder, prompter: Prompter) throws {
        self.prompter = prompter
        self.order = order
        if let needles = order.rig.content.needles {
            let trial = NeedleTrial(
                path: try order.linePath(), needles: needles,
                linkPlan: order.linkPlan(expecting: order.expected, calibration: nil),
                prompter: prompter)
            found = .needles(trial, Result { try trial.identify() })
        } else {
            let path = try order.linePath()
            let trial = PatientStopTrial(path: path, expected: order.expected, prompter: prompter)
            found = .p24(trial, Result { try PatientStopTrial.identify(path, order.expected) })
        }
    }

    /// Says who answered.
    /// - Throws: why nobody did.
    func tell() throws {
        switch found {
        case .p24(let trial, let result):
            prompter.say("\nStimulator at \(trial.path): \(DeviceText.identity(try result.get())), high voltage off.")
        case .needles(let trial, let result):
            let rig = try result.get()
            let serial = rig.usbSerial.isEmpty ? "no serial number" : "USB serial number \(rig.usbSerial)"
            prompter.say(
                "\nStimulator at \(trial.path): Pulse Pal, firmware \(rig.stimulator.firmware.major), \(serial); "
                    + "silent, relay open.")
        }
    }

    /// Who answered, for whom a calibration has to be there.
    /// - Throws: why nobody did.
    func device() throws -> RecordedDevice {
        switch found {
        case .p24(_, let result): return ClearedDevice(p24: try result.get()).recorded
        case .needles(_, let result): return ClearedDevice(try result.get()).recorded
        }
    }

    /// Has the stop control tried.
    /// - Returns: the device on which it was.
    func tryStopControl(_ calibration: ProvenCalibration) throws -> ClearedDevice {
        switch found {
        case .p24(let trial, let result): return ClearedDevice(p24: try trial.run(identified: try result.get()))
        case .needles(let trial, let result):
            return ClearedDevice(
                try trial.tryButtons(
                    identified: try result.get(),
                    link: order.linkPlan(expecting: order.expected, calibration: calibration)))
        }
    }
}
