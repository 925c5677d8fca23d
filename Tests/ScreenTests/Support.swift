// Sessions as the screen sees them, without a machine: a plan that passed every check, and snapshots made by hand.
import Foundation
import SafetyKernel
import SessionEngine
import SessionScreen
import StimulusModel
import Testing

enum Make {
    static func cycle(
        up: Int32 = 2_000, plateau: Int32 = 3_000, down: Int32 = 1_000, rest: Int32 = 18_000
    ) -> ContractionCycle {
        ContractionCycle(
            rampUpMilliseconds: up, plateauMilliseconds: plateau, rampDownMilliseconds: down, restMilliseconds: rest)
    }

    static func treatment(
        _ muscle: TargetMuscle = .vmo, _ pattern: Pattern = .contractions(cycle(), count: 10), maximum: Int32 = 40_000
    ) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: muscle, stage: .relieve, pattern: pattern,
            frequency: Frequency(millihertz: 35_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: maximum),
            amplitudeStep: Current(microamperes: 1_000))
    }

    static func search(_ muscle: TargetMuscle = .vmo) -> Dose {
        Dose(
            electrodeKind: .surface, muscle: muscle, stage: .search, pattern: .continuous(milliseconds: 120_000),
            frequency: Frequency(millihertz: 2_000), phaseDuration: PhaseDuration(microseconds: 300),
            interphaseGap: PhaseDuration(microseconds: 100), maximumAmplitude: Current(microamperes: 15_000),
            amplitudeStep: Current(microamperes: 500))
    }

    static func prescription(_ number: UInt8, search: Dose?, treatment: Dose?) throws -> ChannelPrescription {
        ChannelPrescription(
            search: search, treatment: treatment, channel: try #require(Channel(number: number)),
            contact: .pad(PadArea(squareMillimetres: 2_500)),
            history: TreatmentHistory(
                earlierTreatments: 2, millisecondsSinceLast: 30 * 24 * 3_600_000,
                chargeToday: Charge(picocoulombs: 4_500_000_000)))
    }

    static func plan(_ first: ChannelPrescription, _ second: ChannelPrescription? = nil) throws -> AuthorizedPlan {
        let prescription = Prescription(
            first: first, second: second, arrangement: second == nil ? .single : .alternating,
            capabilities: .p24LowLevel, limits: .absoluteSurface)
        let clearance = try Clearance.grant(passed: Clearance.required(for: .surface), for: .surface)
        return try Authorization.authorize(prescription, clearance: clearance)
    }

    /// One channel: VMO, right.
    static func single() throws -> ScreenModel {
        ScreenModel(
            plan: try plan(prescription(1, search: search(), treatment: treatment())),
            header: SessionHeader(
                personID: "P-0042", practitioner: "AB", sides: [.right], protocols: ["vmo-relieve-surface"]),
            latenessToleranceMilliseconds: 50)
    }

    /// Two channels in turn: VMO and gluteus medius, right.
    static func double() throws -> ScreenModel {
        let first = try prescription(1, search: search(), treatment: treatment())
        let second = try prescription(2, search: search(.gluteusMedius), treatment: treatment(.gluteusMedius))
        return ScreenModel(
            plan: try plan(first, second),
            header: SessionHeader(
                personID: "P-0042", practitioner: "AB", sides: [.right, .right],
                protocols: ["vmo-relieve-surface", "gmed-relieve-surface"]),
            latenessToleranceMilliseconds: 50)
    }
}

extension ScreenModel {
    /// Shows a snapshot of one channel as the loop would make it.
    mutating func show(
        _ state: SessionState, _ channelState: ChannelState = .off, at place: ChannelPlace = .first,
        _ change: (inout StatusSnapshot) -> Void = { _ in }
    ) {
        var status = StatusSnapshot(SessionMachine(plan: plan), at: place)
        status.state = state
        status.channelState = channelState
        status.condition = state == .cleared || state == .paused || state == .closed ? .off : .ready
        status.worstLatenessMicroseconds = 310
        change(&status)
        show(status)
    }
}

enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// Compares a whole screen with the file of that name. With `MOTORPOINT_WRITE_FIXTURES` in the environment the file
    /// is written instead, and the test fails, so that nobody takes a new screen for a proven one.
    static func compare(
        _ model: ScreenModel, _ name: String, columns: Int, rows: Int, hasUnicode: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let capabilities = ScreenCapabilities(columns: columns, rows: rows, hasUnicode: hasUnicode)
        let canvas = ScreenLayout.canvas(model, capabilities)
        #expect(canvas.columns == columns && canvas.rows == rows, sourceLocation: sourceLocation)
        let text = canvas.text + "\n"
        let file = folder.appendingPathComponent("\(name)-\(columns)x\(rows)\(hasUnicode ? "" : "-ascii").txt")
        if ProcessInfo.processInfo.environment["MOTORPOINT_WRITE_FIXTURES"] != nil {
            try Data(text.utf8).write(to: file)
            Issue.record("\(file.lastPathComponent) was written anew: read it", sourceLocation: sourceLocation)
        }
        let wanted = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == wanted, "\(file.lastPathComponent): the screen is\n\(text)", sourceLocation: sourceLocation)
    }
}
