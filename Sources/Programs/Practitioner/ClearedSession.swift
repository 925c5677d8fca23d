// Checklist, stop control and device have been passed: from here on there is a plan that may be armed, and everything
// that its record must say.
import CareModel
import SafetyKernel
import SessionRecords
import StimulusModel

struct ClearedSession {
    let order: SessionOrder
    let plan: AuthorizedPlan
    let linePath: String
    /// The very device on which the patient's button was tried: another one of its kind is refused.
    let expected: ExpectedStimulator
    let calibration: ProvenCalibration
    private let opening: SessionOpening

    init(
        order: SessionOrder, history: SessionPast, outcome: ChecklistOutcome, answers: [ChecklistAnswer],
        checklist: LoadedChecklist, device: ClearedDevice, trusted: TrustedPapers,
        needles: PreparedNeedles? = nil, realTime: String
    ) throws {
        self.order = order
        calibration = trusted.calibration
        guard device.recorded.id == calibration.use.serialNumber else {
            throw Failure(.deviceUnavailable, FaultText.message(.wrongDevice) + " Nothing was armed")
        }
        linePath = try order.linePath()
        var expected = order.expected
        expected.serial = device.serial
        self.expected = expected
        try ClearedSession.check(outcome, answers)
        let contacts = try ClearedSession.contacts(order, outcome, needles, checklist)
        var limits = order.limits
        if let cap = outcome.contractionCap { limits.tighten(.contractions, to: Int64(cap), by: .checklist) }
        // The last gates are no answers: the program itself saw the device vanish, come back and name itself, and its
        // calibration proven.
        let gates = outcome.gates.union(.stopControlProven).union(.deviceIdentified).union(needles?.gates ?? .none)
            .union(calibration.gate)
        let second = order.second.map { channel in
            ClearedSession.prescribe(channel, contacts.last ?? contacts[0], history.secondHistory ?? history.history)
        }
        let prescription = Prescription(
            first: ClearedSession.prescribe(order.first, contacts[0], history.history), second: second,
            arrangement: order.arrangement, capabilities: order.capabilities(calibration), limits: limits)
        do throws(Refusal) {
            let clearance = try Clearance.grant(passed: gates, for: order.treated.electrodeKind)
            plan = try Authorization.authorize(prescription, clearance: clearance)
        } catch {
            if case .gatesMissing = error { throw Failure(.notCleared, RefusalText.message(error)) }
            throw Failure(.refused, RefusalText.message(error))
        }
        guard let dose = order.first.treatment ?? order.first.search else {
            throw Failure(.internalError, "nothing to deliver")
        }
        let now = WallClock.now()
        var opening = SessionOpening(
            sessionID: SessionStore.makeSessionID(at: now), programVersion: Program.version,
            wallNanoseconds: now.nanoseconds, utcOffsetSeconds: now.utcOffsetSeconds, personID: order.person.text,
            muscle: order.treated.muscle.name, side: order.side.name, stage: order.treated.stage.name,
            practitioner: order.practitioner, treatmentProtocol: order.first.main.recorded,
            companionProtocol: order.first.companion?.recorded, checklist: checklist.recorded,
            answers: answers.map { ClearedSession.recorded($0, checklist.content) }, rig: order.rig.recorded,
            device: device.recorded,
            realTimeReport: realTime, limits: RecordedLimit.all(plan), dose: RecordedDose(dose),
            searchDose: order.first.treatment == nil ? nil : order.first.search.map { RecordedDose($0) },
            channel: order.first.output.number, padAreaSquareMillimetres: contacts[0].padSquareMillimetres,
            gates: gates.names)
        opening.history = history.history
        opening.calibration = RecordedCalibration(calibration)
        opening.protocolSignatures = trusted.protocols.map { RecordedSignature($0) }
        opening.arrangement = order.arrangement == .single ? nil : order.arrangement.name
        opening.second = order.second.flatMap {
            ClearedSession.recorded($0, history.secondHistory ?? history.history, contacts.last ?? contacts[0])
        }
        if let needles {
            opening.needles = needles.recorded
            opening.trayID = needles.trayID
            opening.needle = contacts[0].recordedNeedle
            opening.needleRig = RecordedNeedleRig(order.capabilities(calibration))
        }
        self.opening = opening
    }

    private static func check(_ outcome: ChecklistOutcome, _ answers: [ChecklistAnswer]) throws {
        guard outcome.isClear else {
            let open = outcome.unanswered + outcome.blocks.map(\.code) + outcome.reasonsMissing.map(\.code)
            throw Failure(
                .notCleared, "the checklist is not passed: \(open.joined(separator: ", ")). Nothing was armed")
        }
        guard answers.areOfThisHour(at: WallClock.now().nanoseconds) else {
            throw Failure(
                .notCleared,
                "the first answer of the checklist is more than an hour old, or the clock was set back: ask again. "
                    + "Nothing was armed")
        }
    }

    private static func prescribe(
        _ channel: OrderedChannel, _ contact: ElectrodeContact, _ history: TreatmentHistory
    ) -> ChannelPrescription {
        ChannelPrescription(
            search: channel.search, treatment: channel.treatment, channel: channel.output, contact: contact,
            history: history)
    }

    private static func recorded(
        _ channel: OrderedChannel, _ history: TreatmentHistory, _ contact: ElectrodeContact
    ) -> RecordedChannel? {
        guard let dose = channel.treatment else { return nil }
        var recorded = RecordedChannel(
            muscle: channel.treated.muscle.name, stage: channel.treated.stage.name, channel: channel.output.number,
            treatmentProtocol: channel.main.recorded, companionProtocol: channel.companion?.recorded,
            dose: RecordedDose(dose), searchDose: channel.search.map { RecordedDose($0) }, history: history,
            padAreaSquareMillimetres: contact.padSquareMillimetres)
        recorded.needle = contact.recordedNeedle
        return recorded
    }

    /// What touches the patient at each channel: one pad area for both, or each pair's smaller needle.
    private static func contacts(
        _ order: SessionOrder, _ outcome: ChecklistOutcome, _ needles: PreparedNeedles?, _ checklist: LoadedChecklist
    ) throws -> [ElectrodeContact] {
        guard order.treated.electrodeKind == .needle else {
            guard let padArea = outcome.padArea else {
                throw Failure(.badFile, "\(checklist.path) asks for no pad area: the density limit cannot be held")
            }
            return order.channels.map { _ in .pad(padArea) }
        }
        return try order.channels.map { channel in
            let site = NeedleSite(muscle: channel.treated.muscle, side: order.side)
            guard let geometry = needles?.geometry(at: site) else {
                throw Failure(.notCleared, "no needle is in at \(site.title): nothing to connect. Nothing was armed")
            }
            return .needle(geometry)
        }
    }

    var sessionID: String { opening.sessionID }

    /// Makes the record; it is durable when this returns, before anything is armed.
    func createRecord(in store: SessionStore, at time: RecordTime) throws -> SafetyRecordWriter {
        do throws(RecordFailure) {
            return try store.create(opening, at: time)
        } catch {
            throw SessionPast.failure(error)
        }
    }

    private static func recorded(_ answer: ChecklistAnswer, _ checklist: Checklist) -> RecordedAnswer {
        let item = checklist.item(code: answer.code)
        let text: String
        switch answer.value {
        case .confirmed(let yes): text = yes ? "confirmed" : "not confirmed"
        case .option(let word): text = word
        case .number(let stored): text = item?.unit?.text(stored) ?? "\(stored)"
        case .text(let words): text = words
        }
        return RecordedAnswer(
            code: answer.code, question: item?.text ?? "", answer: text, reason: answer.reason,
            wallNanoseconds: answer.wallNanoseconds)
    }
}

/// What was proven before anybody was asked.
struct TrustedPapers {
    let calibration: ProvenCalibration
    let protocols: [ProvenProtocol]
}

/// The stimulator on which the stop control was tried.
struct ClearedDevice {
    /// Nothing where the device cannot tell who it is.
    let serial: DeviceSerial?
    let recorded: RecordedDevice

    /// A P24 says its own id.
    init(p24 identity: StimulatorIdentity) {
        serial = identity.serial
        recorded = RecordedDevice(
            kind: "P24", id: DeviceText.serial(identity.serial), firmware: DeviceText.version(identity.firmware),
            wireVersion: DeviceText.version(identity.language))
    }

    /// Of a Pulse Pal only its USB socket does, and that is every Arduino's (`pulsepal.md` 1).
    init(_ rig: NeedleRigIdentity) {
        serial = nil
        recorded = RecordedDevice(
            kind: "Pulse Pal 2", id: rig.usbSerial.isEmpty ? "-" : rig.usbSerial,
            firmware: "\(rig.stimulator.firmware.major)", wireVersion: "2")
    }
}

extension ElectrodeContact {
    /// 0 on needles.
    fileprivate var padSquareMillimetres: Int32 {
        guard case .pad(let area) = self else { return 0 }
        return area.squareMillimetres
    }

    fileprivate var recordedNeedle: RecordedNeedleGeometry? {
        guard case .needle(let geometry) = self else { return nil }
        return RecordedNeedleGeometry(geometry)
    }
}
