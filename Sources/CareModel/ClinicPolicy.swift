/// What a clinic asks for beyond what the program always asks for. It can only add.
public struct ClinicPolicy: Equatable, Sendable {
    /// Whether a second person confirms packages and count of every session with needles.
    public let needsSecondPersonForNeedles: Bool

    public init(needsSecondPersonForNeedles: Bool) {
        self.needsSecondPersonForNeedles = needsSecondPersonForNeedles
    }
}
