/// How sure the sources are of something (`clinical.md` 0, certainty scale for presets).
public enum Certainty: String, Sendable, CaseIterable {
    /// Several controlled studies agree on the parameter, not necessarily on benefit.
    case moderate
    /// One controlled study, or indirect: another population.
    case low
    /// Expert opinion, manual, mechanism, analogy, or an engineering proposal.
    case veryLow = "very_low"
    /// There is nothing to be sure of: a search treats nothing.
    case notApplicable = "not_applicable"

    public var title: String {
        switch self {
        case .moderate: return "moderate"
        case .low: return "low"
        case .veryLow: return "very low"
        case .notApplicable: return "not applicable"
        }
    }
}

/// What stands behind one number of a protocol.
public struct NumberEvidence: Equatable, Sendable {
    public let key: ProtocolKey
    /// The number itself, in the stored whole unit of `unit`.
    public let stored: Int64
    public let unit: QuantityUnit
    /// Certainty of this parameter; says nothing of benefit.
    public let certainty: Certainty
    /// Source keys, or `(proposal)` with its reason.
    public let source: String
    /// The range that the sources use, in the stored unit, where they state one.
    public let recommendedLowest: Int64?
    public let recommendedHighest: Int64?

    public init(
        key: ProtocolKey, stored: Int64, unit: QuantityUnit, certainty: Certainty, source: String,
        recommendedLowest: Int64?, recommendedHighest: Int64?
    ) {
        self.key = key
        self.stored = stored
        self.unit = unit
        self.certainty = certainty
        self.source = source
        self.recommendedLowest = recommendedLowest
        self.recommendedHighest = recommendedHighest
    }
}

/// What the evidence says about a protocol as a whole. Parameter evidence and benefit stand apart, so that no screen
/// can blur them (`clinical.md` 2.5), and the statement is printed wherever the protocol is (H52).
public struct ProtocolEvidence: Equatable, Sendable {
    /// How sure the sources are of the parameters.
    public let parameters: Certainty
    public let parametersSource: String
    /// How sure the sources are of a benefit in patellofemoral pain.
    public let patellofemoralBenefit: Certainty
    public let patellofemoralBenefitSource: String
    /// What the evidence says, in plain words, without a claim.
    public let statement: String

    public init(
        parameters: Certainty, parametersSource: String, patellofemoralBenefit: Certainty,
        patellofemoralBenefitSource: String, statement: String
    ) {
        self.parameters = parameters
        self.parametersSource = parametersSource
        self.patellofemoralBenefit = patellofemoralBenefit
        self.patellofemoralBenefitSource = patellofemoralBenefitSource
        self.statement = statement
    }
}
