internal import RigSimulator

/// Every kind of trouble that a soak may meet, by the name under which it is counted.
public enum SoakCatalogue {
    public static let names: [String] =
        FaultKind.allCases.map(\.name) + NeedleFaultKind.allCases.map(\.name) + [
            "late", "suspend", "kill", "wall clock set", "disk full", "disk failing", "disk slow", "emergency stop",
            "patient button", "pins lost", "line: packet lost", "line: packet delayed",
        ]
}
