// What is asked for, before any limit was held against it.
public import StimulusModel

/// What the records know about earlier sessions of the same person.
public struct TreatmentHistory: Hashable, Sendable {
    /// Completed or broken-off treatments of this muscle and side; searches do not count (`decided.md`).
    public let earlierTreatments: Int32
    /// Those of them of which it is proven that treatment pulses went through this muscle and side: what lifts the
    /// rules of a first session. What is unknown counts for rest, and not for this.
    public let provenTreatments: Int32
    /// Since the end of the last one, in ms; negative when the clock was set back. Ignored with no earlier treatment.
    public let millisecondsSinceLast: Int64
    /// Treatments of this person in the last 24 h, all muscles and sides.
    public let treatmentsToday: Int32
    /// What went through this muscle and side in the last 24 h, searches included, one phase of each pulse: an upper
    /// bound.
    public let chargeToday: Charge

    @_noLocks public init(
        earlierTreatments: Int32, millisecondsSinceLast: Int64, treatmentsToday: Int32 = 0,
        chargeToday: Charge = Charge(picocoulombs: 0), provenTreatments: Int32? = nil
    ) {
        self.earlierTreatments = earlierTreatments
        self.provenTreatments = min(earlierTreatments, provenTreatments ?? earlierTreatments)
        self.millisecondsSinceLast = millisecondsSinceLast
        self.treatmentsToday = treatmentsToday
        self.chargeToday = chargeToday
    }

    @_noLocks public static func == (a: TreatmentHistory, b: TreatmentHistory) -> Bool {
        a.earlierTreatments == b.earlierTreatments && a.millisecondsSinceLast == b.millisecondsSinceLast
            && a.provenTreatments == b.provenTreatments && a.treatmentsToday == b.treatmentsToday
            && a.chargeToday == b.chargeToday
    }

    @_noLocks public static func != (a: TreatmentHistory, b: TreatmentHistory) -> Bool { !(a == b) }
}

/// What is asked of one channel: doses, which output, under which pads, and what went before.
public struct ChannelPrescription: Sendable {
    public var search: Dose?
    public var treatment: Dose?
    public var channel: Channel
    /// What touches the patient.
    public var contact: ElectrodeContact
    public var history: TreatmentHistory

    @_noLocks public init(
        search: Dose?, treatment: Dose?, channel: Channel, contact: ElectrodeContact, history: TreatmentHistory
    ) {
        self.search = search
        self.treatment = treatment
        self.channel = channel
        self.contact = contact
        self.history = history
    }
}

/// What a session asks for: one channel or two, on what device, under which limits.
public struct Prescription: Sendable {
    public var first: ChannelPrescription
    public var second: ChannelPrescription?
    public var arrangement: ChannelArrangement
    public var capabilities: DeviceCapabilities
    /// Absolute, then tightened by whoever has a say.
    public var limits: LimitTable

    @_noLocks public init(
        first: ChannelPrescription, second: ChannelPrescription?, arrangement: ChannelArrangement,
        capabilities: DeviceCapabilities, limits: LimitTable
    ) {
        self.first = first
        self.second = second
        self.arrangement = arrangement
        self.capabilities = capabilities
        self.limits = limits
    }

    /// One channel alone.
    @_noLocks public init(
        search: Dose?, treatment: Dose?, channel: Channel, contact: ElectrodeContact, capabilities: DeviceCapabilities,
        history: TreatmentHistory, limits: LimitTable
    ) {
        self.init(
            first: ChannelPrescription(
                search: search, treatment: treatment, channel: channel, contact: contact, history: history),
            second: nil, arrangement: .single, capabilities: capabilities, limits: limits)
    }
}
