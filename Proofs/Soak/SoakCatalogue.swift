internal import RigSimulator

/// Every kind of trouble that a soak may meet, by the name under which it is counted.
public enum SoakCatalogue {
    public static let names: [String] =
        FaultKind.allCases.map(\.name) + NeedleFaultKind.allCases.map(\.name) + [
            "late", "suspend", "kill", "wall clock set", "disk full", "disk failing", "disk slow", "emergency stop",
            "patient button", "pins lost", "line: packet lost", "line: packet delayed",
        ]
        + [
            "session", "death while preparing", "death in the session", "death while counting",
            "death while recovering", "torn file", "terminal gone", "left", "package refused", "used package typed",
            "wrong number of needles typed", "wrong fate typed", "contaminated", "bent", "broken", "stuck",
            "overlooked", "rolled away", "count asked again", "count that agrees", "hidden by what was typed",
            "incident retained", "incident broken", "incident missing", "person refused", "incident closed",
        ].map { "needles: \($0)" }
}
