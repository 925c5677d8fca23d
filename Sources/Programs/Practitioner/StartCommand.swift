import ArgumentParser
import ByteStreams
import CareModel
import DeviceDrivers
import Foundation
import SafetyKernel
import SessionRecords
import SessionScreen
import StimulusModel

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Run a session: checklist, stop control, search, treatment, record.",
        discussion: """
            The session is run from this terminal, one hand on the patient. SPACE, any ESC, Ctrl-C, Ctrl-Z and \
            Ctrl-\\ stop at once; `motorpoint stop` does so from a second terminal. Every amplitude is raised by hand \
            from 0 mA.
            """)

    @Argument(
        help: "The protocol's id; see `motorpoint protocols list`.", completion: .custom(Completions.protocolIDs))
    var protocolID: String

    @Option(name: .customLong("patient"), help: "The person's id in the clinic's files, such as P-0042. Never a name.")
    var patient: String

    @Option(help: "left or right: the person's own.", completion: .list(["left", "right"]))
    var side: String

    @Option(
        help: "Rig file. Default: p24-clinic or needle-clinic of this installation.",
        completion: .custom(Completions.rigFiles))
    var rig: String?

    @Option(
        help: "The stimulator's serial line, instead of the rig file's.", completion: .custom(Completions.serialLines))
    var line: String?

    @Option(
        name: .customLong("for"), help: "For a search: the treatment whose phase duration it uses.",
        completion: .custom(Completions.treatmentIDs))
    var searchedFor: String?

    @Option(help: "A second treatment in the same session, for the other muscle of the same side.")
    var with: String?

    @Option(help: "With --with: together (half a period apart) or alternating (one in the other's rest; the default).")
    var arrangement: String?

    @Option(help: "Initials of the practitioner. Default: the login name.")
    var practitioner: String?

    @Option(name: .customLong("limit-ma"), help: "Lower the amplitude limit for this session, in mA.")
    var limitMilliamperes: String?

    @Flag(help: "Leave out the search before the treatment.")
    var withoutSearch = false

    @Flag(
        name: .customLong("dry-run"),
        help:
            "Show every limit with its owner, the course, charge and what the stimulator cannot detect; touch nothing.")
    var dryRun = false

    @Option(
        name: .customLong("pad-area-cm2"),
        help: "With --dry-run: the smaller pad's area in cm², which the checklist asks for otherwise.")
    var padArea: String?

    @Flag(help: "Lines instead of a status line: for logs and screen readers.")
    var plain = false

    @Flag(help: "One JSON object a line on standard output. Keys are still typed on the terminal.")
    var json = false

    @OptionGroup var places: PlaceOptions

    func run() throws {
        try reporting {
            let status = try runSession()
            if status != .done { throw ExitCode(status.rawValue) }
        }
    }

    private var style: OutputStyle {
        if json { return .json }
        // A terminal that cannot move its cursor gets lines.
        return plain || ScreenCapabilities.isDumb(environment: ProcessInfo.processInfo.environment) ? .plain : .screen
    }

    private func runSession() throws -> ExitStatus {
        let prompter = Prompter(style: style)
        let order = try SessionOrder(self)
        let store = SessionStore(folder: try places.dataFolder())
        if dryRun {
            let past = try SessionPast(store: store, order: order)
            let trust = try TrustDesk(dataFolder: store.folder)
            return try DryRun(
                order: order, past: past, padArea: padArea, calibration: trust.foreseenCalibration(order)
            ).show(prompter)
        }
        guard padArea == nil else {
            throw Failure(.usage, "--pad-area-cm2 goes with --dry-run: before a session the checklist asks for it")
        }
        try checkTerminal()
        do { try StopSignals.installEarly() } catch { throw Failure(.internalError, "\(error)") }
        prompter.say(SessionBriefing.notice(order.rig.content))
        // First of all: a killed host may have left something running, whatever then speaks against a session.
        let bedside = try Bedside(order: order, prompter: prompter)
        try SessionPast.recover(store, prompter)
        try NeedleDesk.tellIncidents(store, prompter)
        try StopDoor.tryOut(places)
        try bedside.tell()
        let trust = try TrustDesk(dataFolder: store.folder)
        let foreseen = try trust.prove(order, of: try bedside.device())
        TrustDesk.tell(foreseen, prompter)
        let desk = needleDesk(order, store, trust.policy, prompter)
        try desk?.checkIncidents()
        let past = try SessionPast(store: store, order: order)
        let realTime = try RealtimeProbe.check(order.rig.content)
        prompter.say("This computer: \(realTime).")
        prompter.say(SessionBriefing.text(order, past))

        let checklist = try loadChecklist(order)
        let conversation = ChecklistConversation(
            checklist: checklist.content, kind: order.treated.electrodeKind, side: order.side, prompter: prompter)
        let answers = try conversation.run()
        let outcome = checklist.content.outcome(
            of: answers, electrodeKind: order.treated.electrodeKind, side: order.side)
        let device = try bedside.tryStopControl(foreseen.calibration)

        // The checklist took its time, and another terminal may have held a session meanwhile.
        try SessionPast.recover(store, prompter)
        let trustNow = try TrustDesk(dataFolder: store.folder)
        let trusted = try trustNow.prove(order, of: device.recorded)
        var prepared = try desk?.prepare()
        do {
            let cleared = try ClearedSession(
                order: order, history: try SessionPast(store: store, order: order), outcome: outcome, answers: answers,
                checklist: checklist, device: device, trusted: trusted, needles: prepared, realTime: "\(realTime)")
            try trustNow.remember(trusted)
            var run = SessionRun(cleared: cleared, store: store, prompter: prompter, places: places)
            if let desk, let needles = prepared {
                let entered = try desk.enter(needles, sessionID: cleared.sessionID)
                prepared = entered
                run.needles = (desk, entered)
            }
            return try run.run()
        } catch {
            // Whatever kept the session from beginning: the needles are in, and are counted.
            if let desk, let prepared { _ = desk.close(prepared) }
            throw error
        }
    }

    private func checkTerminal() throws {
        guard json || plain || TerminalMode.isTerminal(1) else {
            throw Failure(
                .usage,
                "standard output is no terminal, so nobody would see the session: say --plain or --json if that is "
                    + "meant. Nothing was armed")
        }
        guard TerminalMode.isTerminal(0) else {
            throw Failure(
                .usage, "a session needs a keyboard that can stop it: run it from a terminal. Nothing was armed")
        }
    }

    /// Nothing with pads.
    private func needleDesk(
        _ order: SessionOrder, _ store: SessionStore, _ policy: ClinicPolicy, _ prompter: Prompter
    ) -> NeedleDesk? {
        guard order.treated.electrodeKind == .needle else { return nil }
        return NeedleDesk(
            store: store, person: order.person, practitioner: order.practitioner,
            sites: order.channels.map { NeedleSite(muscle: $0.treated.muscle, side: order.side) },
            policy: policy, prompter: prompter)
    }

    private func loadChecklist(_ order: SessionOrder) throws -> LoadedChecklist {
        let path = try places.checklistFolder() + "/\(order.treated.electrodeKind.name).yaml"
        do throws(FileProblems) {
            return try ChecklistLoader.load(path: path)
        } catch {
            throw Failure.file(error, at: path)
        }
    }
}

/// What this computer grants to a real-time thread, asked before anybody is disturbed.
enum RealtimeProbe {
    struct Nothing: ~Copyable {}

    static func request(_ rig: Rig) -> RealtimeRequest {
        RealtimeRequest(rig.realTime == .required ? .required : .bestEffort)
    }

    static func check(_ rig: Rig) throws -> RealtimeReport {
        do {
            let thread = try RealtimeThread(
                named: "probe", asking: request(rig), owner: Nothing(), body: { _, _ in })
            let report = thread.report
            _ = thread.join()
            return report
        } catch {
            throw Failure(.noPermission, "\(error)")
        }
    }
}
