/// A technician's workbench, as a file in `Hardware/benches` states it.
public struct Workbench: Equatable, Sendable {
    public let id: String
    public let title: String
    /// Id of an `InstrumentProfile`; nothing where readings are typed.
    public let profile: String?
    public let instrument: CalibrationInstrument
    public let loads: [CalibrationLoad]

    public init(
        id: String, title: String, profile: String?, instrument: CalibrationInstrument, loads: [CalibrationLoad]
    ) {
        self.id = id
        self.title = title
        self.profile = profile
        self.instrument = instrument
        self.loads = loads
    }
}
