// The needle rig before a session: who is there, is everything silent, do both stop paths open the relay, and do both
// buttons? Each try closes the relay over a silent stimulator and must see it open (`decided.md`, Needle rig; H34,
// H50).
import ByteStreams
import CareModel
import DeviceDrivers
import SessionRecords
import SessionScreen
import StimulatorLinks
import StimulusModel

/// Who answered, as far as a Pulse Pal says.
struct NeedleRigIdentity {
    let stimulator: StimulatorIdentity
    /// The serial number of its USB socket; empty where it has none.
    let usbSerial: String
}

struct NeedleTrial {
    let path: String
    /// What the Pulse Pal's USB socket must say of itself.
    let usbSerialNumber: String
    let linkPlan: LinkPlan
    let pins: PinPlan
    let prompter: Prompter

    init(path: String, needles: NeedleRigParts, linkPlan: LinkPlan, prompter: Prompter) {
        self.path = path
        self.linkPlan = linkPlan
        self.prompter = prompter
        usbSerialNumber = needles.usbSerialNumber
        pins = PinPlan(needles)
    }

    /// First of all: a killed host may have left something running, whatever then speaks against a session.
    func identify() throws -> NeedleRigIdentity {
        do throws(NeedleRigFailure) {
            var rig = try open(linkPlan)
            try rig.identify()
            return try identity(rig)
        } catch {
            throw NeedleTrial.failure(error, pins)
        }
    }

    /// Both buttons, one after the other, and at the end the same stimulator as at the beginning.
    /// - Parameter link: with the calibration's resting voltage.
    func tryButtons(
        identified before: NeedleRigIdentity, link: LinkPlan
    ) throws -> NeedleRigIdentity {
        do throws(NeedleRigFailure) {
            var rig = try open(link)
            try rig.identify()
            let after = try identity(rig)
            guard after.usbSerial == before.usbSerial, after.stimulator.firmware == before.stimulator.firmware else {
                throw .fault(.wrongDevice)
            }
            prompter.say("\nStop control: ask the patient to press the stop button now and let go. Waiting up to 60 s.")
            try tryOne(.patient, &rig)
            prompter.say("  the relay opened: the patient's button works.")
            prompter.say("Now press the emergency stop and release it. Waiting up to 60 s.")
            try tryOne(.emergency, &rig)
            prompter.say("  the relay opened: the emergency stop works. Both stop paths of the board were proven, too.")
            return after
        } catch {
            throw NeedleTrial.failure(error, pins)
        }
    }

    private func tryOne(_ button: NeedleButton, _ rig: inout NeedleRigTrial) throws(NeedleRigFailure) {
        try rig.tryButton(
            button, atMost: TimeSpan(milliseconds: 60_000), isCancelled: { StopSignals.first != nil })
    }

    private func open(_ link: LinkPlan) throws(NeedleRigFailure) -> NeedleRigTrial {
        try NeedleRigTrial(line: path, pins: pins, link: link)
    }

    private func identity(_ rig: borrowing NeedleRigTrial) throws(NeedleRigFailure) -> NeedleRigIdentity {
        guard let stimulator = rig.identity else { throw .fault(.silent) }
        let usbSerial = rig.usb?.serialNumber ?? ""
        // Another Pulse Pal answers alike, and its triggers are not those of this board.
        guard !usbSerial.isEmpty, usbSerial == usbSerialNumber else {
            throw .fault(.wrongDevice)
        }
        return NeedleRigIdentity(stimulator: stimulator, usbSerial: usbSerial)
    }

    static func failure(_ error: NeedleRigFailure, _ pins: PinPlan) -> Failure {
        switch error {
        case .line(let line): return Failure(.deviceUnavailable, "\(line)")
        case .pins(let problem): return Failure(.deviceUnavailable, "\(problem)")
        case .fault(let cause):
            let isRelay =
                cause == .relayWouldNotClose || cause == .enablePathFailed || cause == .heartbeatPathFailed
                || cause == .relayStillClosed
            return Failure(isRelay ? .notCleared : .deviceUnavailable, FaultText.message(cause) + " Nothing was armed")
        case .alreadyPressed(let button):
            let line = button == .patient ? pins.patientButton : pins.emergencyStop
            return Failure(
                .notCleared,
                "\(name(button)) is pressed, or its wire is broken (line \(line.name)): release it. Nothing was armed")
        case .notPressed(let button):
            return Failure(.notCleared, "\(name(button)) was not pressed within 60 s. Nothing was armed")
        case .doesNotCut(let button):
            return Failure(
                .notCleared,
                "\(name(button)) was pressed and the relay stayed closed: do not use this rig. Nothing was armed")
        case .notReleased(let button):
            return Failure(.notCleared, "\(name(button)) was not released within 60 s. Nothing was armed")
        case .cancelled: return Failure(.notCleared, "stopped before the stop control was tried. Nothing was armed")
        }
    }

    private static func name(_ button: NeedleButton) -> String {
        switch button {
        case .patient: return "the patient's button"
        case .emergency: return "the emergency stop"
        }
    }
}

extension PinPlan {
    /// The lines of a rig file, with the electrical levels turned into "asserted".
    init(_ rig: NeedleRigParts) {
        func input(_ line: RigInputLine) -> PinLine {
            let bias: PinBias
            switch line.bias {
            case .pullUp: bias = .pullUp
            case .pullDown: bias = .pullDown
            case .external: bias = .asIs
            }
            return PinLine(name: line.name, isActiveLow: line.assertedLevel == .low, bias: bias)
        }
        self.init(
            chip: rig.interlock.chip, heartbeat: PinLine(name: rig.interlock.heartbeat),
            enable: PinLine(name: rig.interlock.enable), firstTrigger: PinLine(name: rig.first.trigger),
            secondTrigger: rig.second.map { PinLine(name: $0.trigger) },
            emergencyStop: input(rig.interlock.emergencyStop), patientButton: input(rig.interlock.patientButton),
            relayReadback: input(rig.interlock.relayReadback), firstPulseSeen: input(rig.first.pulseSeen),
            secondPulseSeen: rig.second.map { input($0.pulseSeen) })
    }
}
