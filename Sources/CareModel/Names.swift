public import StimulusModel

// The words by which files, command lines and records name the choices of the model. Written once, so that a file, a
// message and a record can never call one thing by two names.

extension TargetMuscle {
    public static let all: [TargetMuscle] = [.vmo, .gluteusMedius]

    /// As in files and ids: `vmo`, `gmed`.
    public var name: String {
        switch self {
        case .vmo: return "vmo"
        case .gluteusMedius: return "gmed"
        }
    }

    /// As spoken.
    public var title: String {
        switch self {
        case .vmo: return "vastus medialis obliquus (VMO)"
        case .gluteusMedius: return "gluteus medius"
        }
    }

    public init?(name: String) {
        guard let found = TargetMuscle.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension CareStage {
    public static let all: [CareStage] = [.search, .relieve, .restore, .elevate]

    /// As in files and ids: `search`, `relieve`, `restore`, `elevate`.
    public var name: String {
        switch self {
        case .search: return "search"
        case .relieve: return "relieve"
        case .restore: return "restore"
        case .elevate: return "elevate"
        }
    }

    public init?(name: String) {
        guard let found = CareStage.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension ElectrodeKind {
    public static let all: [ElectrodeKind] = [.surface, .needle]

    /// As in files and ids: `surface`, `needle`.
    public var name: String {
        switch self {
        case .surface: return "surface"
        case .needle: return "needle"
        }
    }

    public init?(name: String) {
        guard let found = ElectrodeKind.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension BodySide {
    public static let all: [BodySide] = [.left, .right]

    /// `left` or `right`: the person's own.
    public var name: String {
        switch self {
        case .left: return "left"
        case .right: return "right"
        }
    }

    public init?(name: String) {
        guard let found = BodySide.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

extension GateSet {
    /// Every gate with the word that checklists and messages use for it, in the order in which they are asked.
    public static let named: [(name: String, gate: GateSet)] = [
        ("identity", .identity), ("side", .side), ("contraindications", .contraindications), ("consent", .consent),
        ("questions", .questions), ("skin", .skin), ("stop_control_in_hand", .stopControlInHand),
        ("stop_control_proven", .stopControlProven), ("device_identified", .deviceIdentified),
        ("needle_package", .needlePackage), ("needle_shown", .needleShown),
        ("needle_single_use", .needleSingleUse), ("isolator_attested", .isolatorAttested),
        ("no_open_incident", .noOpenIncident), ("calibration_valid", .calibrationValid),
    ]

    /// The gates that answers may open before a session with these electrodes; the others are proven by the program
    /// itself. What is known of needles comes from their ledger, never from an answer.
    public static func answerable(for kind: ElectrodeKind) -> GateSet {
        let common = GateSet.identity.union(.side).union(.contraindications).union(.consent).union(.questions)
            .union(.skin).union(.stopControlInHand)
        switch kind {
        case .surface: return common
        case .needle: return common.union(.isolatorAttested)
        }
    }

    /// The gates that answers may open before some session.
    public static let answerable: GateSet = ElectrodeKind.all.reduce(.none) { $0.union(.answerable(for: $1)) }

    /// The names of the gates in this set.
    public var names: [String] { GateSet.named.filter { contains($0.gate) }.map(\.name) }

    public init?(name: String) {
        guard let found = GateSet.named.first(where: { $0.name == name }) else { return nil }
        self = found.gate
    }
}

extension ChannelArrangement {
    public static let all: [ChannelArrangement] = [.single, .together, .alternating]

    /// As in records and on the command line.
    public var name: String {
        switch self {
        case .single: return "single"
        case .together: return "together"
        case .alternating: return "alternating"
        }
    }

    public init?(name: String) {
        guard let found = ChannelArrangement.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}
