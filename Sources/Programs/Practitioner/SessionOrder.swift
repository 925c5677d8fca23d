// What the command line orders, with every file that it names loaded and held against the absolute limits.
import CareModel
import Foundation
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulatorLinks
import StimulusModel

/// What one channel of a session is for.
struct OrderedChannel {
    /// The protocol that was named: a treatment, or a search.
    let main: LoadedProtocol
    /// The other one: the search before a treatment, or the treatment that a search is for.
    let companion: LoadedProtocol?
    let search: Dose?
    let treatment: Dose?
    let output: Channel

    /// The content that the channel is for.
    var treated: TreatmentProtocol { main.content }
}

struct SessionOrder {
    let first: OrderedChannel
    /// The second muscle, if one was named with `--with`.
    let second: OrderedChannel?
    let arrangement: ChannelArrangement
    let rig: LoadedRig
    /// Where the stimulator is; nothing in a dry run that names none.
    private let givenLine: String?
    let expected: ExpectedStimulator
    let person: PersonID
    let side: BodySide
    let practitioner: String
    /// Absolute limits, lowered by the rig file and the practitioner.
    let limits: LimitTable

    init(_ command: StartCommand) throws {
        person = try SessionOrder.person(command.patient)
        guard let side = BodySide(name: command.side.lowercased()) else {
            throw Failure(.usage, "--side is left or right, not \"\(command.side)\"")
        }
        self.side = side
        practitioner = try SessionOrder.practitioner(command.practitioner)
        let shelf = ProtocolShelf(folders: [try command.places.protocolFolder()])
        let kind = try ProtocolChoice.find(command.protocolID, in: shelf).content.electrodeKind
        rig = try SessionOrder.loadRig(command.rig, for: kind)
        first = try SessionOrder.channel(command.protocolID, command, shelf, output: rig.content.channel)
        (second, arrangement) = try SessionOrder.second(command, first, shelf, rig)
        givenLine = command.line ?? rig.content.serialLine
        expected = try SessionOrder.expected(rig)
        limits = try SessionOrder.limits(rig.content, command.limitMilliamperes)
        try SessionOrder.checkLimit(command.limitMilliamperes, [first] + (second.map { [$0] } ?? []))
        let rated = rig.content.electrodeKind
        for channel in [first] + (second.map { [$0] } ?? []) where channel.treated.electrodeKind != rated {
            throw Failure(
                .refused,
                rated == .surface
                    ? "the P24 is rated for its own surface electrodes, not for needles"
                    : "\(channel.treated.id) is for pads; \(rig.path) is a needle rig")
        }
    }

    /// What the stimulator of this rig can do, as it was calibrated; as it was built, where nobody knows that yet.
    func capabilities(_ calibration: ProvenCalibration?) -> DeviceCapabilities {
        if let calibration { return calibration.capabilities }
        return rig.content.needles == nil
            ? .p24LowLevel
            : .needleRig(residualOffsetNanoamperes: 0, imbalancePermille: 0, tolerancePermille: 0)
    }

    /// What the link of this rig is told: whom to expect, and what calibration found of its outputs. Without a
    /// calibration, as when a device is asked for its serial number, a link that may identify and nothing else.
    func linkPlan(expecting stimulator: ExpectedStimulator, calibration: ProvenCalibration?) -> LinkPlan {
        guard let needles = rig.content.needles else {
            func correction(_ channel: Channel?) -> OutputCorrection {
                channel.flatMap { calibration?.correction(of: $0) } ?? .none
            }
            func readBack(_ channel: Channel?) -> Int32 {
                channel.flatMap { calibration?.readBackPermille(of: $0) } ?? 0
            }
            return .p24(
                stimulator,
                outputs: P24Outputs(
                    first: correction(rig.content.channel), second: correction(rig.content.secondChannel),
                    firstReadBackPermille: readBack(rig.content.channel),
                    secondReadBackPermille: readBack(rig.content.secondChannel)))
        }
        func trigger(_ channel: Channel) -> TriggerChannel {
            TriggerChannel(channel: channel, calibration: calibration?.channelCalibration(of: channel) ?? .nominal)
        }
        let second = needles.second == nil ? nil : rig.content.secondChannel.map(trigger)
        return .needleRig(stimulator, first: trigger(rig.content.channel), second: second)
    }

    /// - Throws: when neither the command line nor the rig file names a serial line.
    func linePath() throws -> String {
        guard let givenLine else {
            throw Failure(
                .usage, "\(rig.path) names no serial_line: name the stimulator's with --line (see `motorpoint devices`)"
            )
        }
        return givenLine
    }

    /// The content that the session is for; of two channels, the first's.
    var treated: TreatmentProtocol { first.treated }

    var channels: [OrderedChannel] { [first] + (second.map { [$0] } ?? []) }

    private static func channel(
        _ id: String, _ command: StartCommand, _ shelf: ProtocolShelf, output: Channel
    ) throws -> OrderedChannel {
        let main = try ProtocolChoice.find(id, in: shelf)
        let companion = try companion(of: main, command, shelf)
        let (search, treatment) = try doses(main, companion)
        return OrderedChannel(main: main, companion: companion, search: search, treatment: treatment, output: output)
    }

    private static func second(
        _ command: StartCommand, _ first: OrderedChannel, _ shelf: ProtocolShelf, _ rig: LoadedRig
    ) throws -> (OrderedChannel?, ChannelArrangement) {
        guard let id = command.with else {
            guard command.arrangement == nil else {
                throw Failure(.usage, "--arrangement goes with --with: it says how two muscles share time")
            }
            return (nil, .single)
        }
        guard let output = rig.content.secondChannel else {
            throw Failure(.badFile, "\(rig.path) names no second_channel: a second muscle needs an output of its own")
        }
        let name = command.arrangement ?? ChannelArrangement.alternating.name
        guard let arrangement = ChannelArrangement(name: name), arrangement != .single else {
            throw Failure(.usage, "--arrangement is together or alternating, not \"\(name)\"")
        }
        let channel = try channel(id, command, shelf, output: output)
        guard first.treatment != nil, channel.treatment != nil else {
            throw Failure(.usage, "--with names a second treatment beside a first; a search runs alone")
        }
        guard first.treated.muscle != channel.treated.muscle else {
            throw Failure(
                .refused,
                "\(first.treated.id) and \(channel.treated.id) are for the same muscle: a session of two is for two")
        }
        return (channel, arrangement)
    }

    private static func person(_ text: String) throws -> PersonID {
        do throws(PersonIDProblem) {
            return try PersonID(text)
        } catch {
            throw Failure(.usage, "--patient \"\(text)\": \(error.words). Write an id such as P-0042, never a name")
        }
    }

    private static func practitioner(_ given: String?) throws -> String {
        let name = given ?? ProcessInfo.processInfo.environment["LOGNAME"] ?? NSUserName()
        guard !name.isEmpty, name.count <= 40 else {
            throw Failure(.usage, "--practitioner needs 1 to 40 characters")
        }
        return name
    }

    private static func companion(
        of main: LoadedProtocol, _ command: StartCommand, _ shelf: ProtocolShelf
    ) throws -> LoadedProtocol? {
        if main.content.isSearch {
            guard let id = command.searchedFor else {
                throw Failure(
                    .usage,
                    "a search runs at the phase duration of the treatment it is for: name it with --for, such as "
                        + "--for \(main.content.muscle.name)-relieve-surface")
            }
            return try ProtocolChoice.find(id, in: shelf)
        }
        guard command.searchedFor == nil else {
            throw Failure(.usage, "--for goes with a search; \(main.content.id) is a treatment")
        }
        if command.withoutSearch { return nil }
        let id = "\(main.content.muscle.name)-search-\(main.content.electrodeKind.name)"
        return shelf.find(id) == nil && shelf.problems(about: id).isEmpty
            ? nil : try ProtocolChoice.find(id, in: shelf)
    }

    static func loadRig(_ given: String?, for kind: ElectrodeKind) throws -> LoadedRig {
        let name = kind == .needle ? "needle-clinic" : "p24-clinic"
        let path = try given ?? Places.installed("Hardware", option: "--rig") + "/rigs/\(name).yaml"
        do throws(FileProblems) {
            return try RigLoader.load(path: path)
        } catch {
            throw Failure.file(error, at: path)
        }
    }

    static func expected(_ rig: LoadedRig) throws -> ExpectedStimulator {
        var serial: DeviceSerial?
        if let id = rig.content.deviceID {
            var known = DeviceSerial()
            for (index, byte) in id.utf8.prefix(10).enumerated() { known.characters[index] = byte }
            serial = known
        }
        var expected = ExpectedStimulator(serial: serial, languageMajor: rig.content.wireMajor)
        for version in rig.content.allowedFirmware {
            let accepted = expected.accept(
                FirmwareVersion(major: version.major, minor: version.minor, revision: version.revision))
            guard accepted else { throw Failure(.badFile, "\(rig.path): allowed_firmware: at most eight versions") }
        }
        return expected
    }

    private static func limits(_ rig: Rig, _ practitioner: String?) throws -> LimitTable {
        var limits = rig.electrodeKind == .needle ? LimitTable.absoluteNeedle : LimitTable.absoluteSurface
        if let cap = rig.limits.maximumAmplitude {
            limits.tighten(.amplitude, to: Int64(cap.microamperes), by: .clinic)
        }
        if let phase = rig.limits.longestPhase {
            limits.tighten(.longestPhase, to: Int64(phase.microseconds), by: .clinic)
        }
        if let rate = rig.limits.highestFrequency {
            limits.tighten(.frequency, to: Int64(rate.millihertz), by: .clinic)
        }
        if let practitioner {
            do throws(DecimalProblem) {
                let stored = try DecimalText.parse(practitioner, decimals: 3, highest: 80_000)
                limits.tighten(.amplitude, to: stored, by: .practitioner)
            } catch {
                throw Failure(.usage, "--limit-ma \"\(practitioner)\" is no number of mA from 0 to 80")
            }
        }
        return limits
    }

    /// A limit of this session lowers what the protocols allow, and leaves something.
    private static func checkLimit(_ given: String?, _ channels: [OrderedChannel]) throws {
        guard let given, let asked = try? DecimalText.parse(given, decimals: 3, highest: 80_000) else { return }
        let doses = channels.flatMap { [$0.treatment, $0.search].compactMap { $0 } }
        let highest = doses.map { Int64($0.maximumAmplitude.microamperes) }.max() ?? 0
        guard asked > 0 else { throw Failure(.usage, "--limit-ma \(given) leaves nothing to deliver") }
        guard asked <= highest else {
            let most = SessionText.milliamperes(Current(microamperes: Int32(clamping: highest)))
            throw Failure(.usage, "--limit-ma \(given) lowers nothing: the protocol allows \(most) at the most")
        }
    }

    private static func doses(_ main: LoadedProtocol, _ companion: LoadedProtocol?) throws -> (Dose?, Dose?) {
        if main.content.isSearch {
            guard let companion else { return (nil, nil) }
            return (try searchDose(main.content, for: companion.content), nil)
        }
        guard let companion else { return (nil, main.content.dose) }
        return (try searchDose(companion.content, for: main.content), main.content.dose)
    }

    private static func searchDose(_ search: TreatmentProtocol, for treatment: TreatmentProtocol) throws -> Dose {
        do throws(SearchMismatch) {
            return try search.searchDose(for: treatment)
        } catch {
            throw Failure(
                .refused,
                "\(search.id) cannot serve \(treatment.id): a search and its treatment share muscle and electrode "
                    + "kind, and --for names a treatment")
        }
    }
}
