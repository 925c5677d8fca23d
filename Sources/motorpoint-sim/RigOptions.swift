import ArgumentParser
import ByteStreams
import RigSimulator
import StimulusModel

/// What every pretended P24 can be told, wherever it appears.
struct RigOptions: ParsableArguments {
    static let discussion = """
        Keys on its terminal: \(ControlRequest.keys).

        Over --control, one line each: \(ControlRequest.help).

        \(WorkbenchOptions.discussion)

        Faults: a chance in parts per million, such as bit-flipped=50 or packet-lost=200:to-host or \
        command-ignored=100; a moment in seconds, such as unplugged@30 or line-dead@30:to-host; or swarm, drawn \
        from --seed.

        Columns of --trace: \(TraceLog.columns)
        """

    @Option(help: "Unix socket on which scripts may speak to the rig.") var control: String?
    @Option(help: "Same seed, same line, person and faults.") var seed: UInt64 = 0
    @Option(help: "Ten characters.") var deviceId = "SIMULATED1"
    @Option(help: "Firmware version that the device reports.") var firmware = "1.2.3"
    @Option(help: "ScienceMode version that the device reports.") var scienceMode = "4.0.0"
    @Option(help: "Level that another program left running: none, low or mid.") var leftRunning = "none"
    @Option(help: "Who lies on the couch: \(RigOptions.people), each also as NAME:SEED, or seed.")
    var person = "typical"
    @Option(
        parsing: .singleValue,
        help: "CHANNEL:MUSCLE, pads on that channel over vmo or gluteus-medius; may be given several times.")
    var pad: [String] = ["1:vmo", "2:gluteus-medius"]
    @Option(help: "Cap of the meter for this run, in mA; 80 at most.") var capMilliamperes: Double = 80
    @Option(help: "Rate of this run for the meter, in Hz; 100 at most.") var capHertz: Double = 100
    @Option(help: "Area of one pad in cm²; without it density is not judged.") var padSquareCentimetres: Double?
    @Option(help: "How long the patient holds the button, in milliseconds.") var buttonMilliseconds: Int64 = 1_000
    @Option(help: "CSV file with a line for each pulse that arrived.") var meterLog: String?
    @Option(help: "CSV file of current, voltage and force over time, to be drawn; see above.") var trace: String?
    @Flag(help: "Show the last pulse and the force of each channel as they happen, in 80 columns.") var view = false
    @Option(parsing: .singleValue, help: "What goes wrong; may be given several times.") var fault: [String] = []
    @Flag(help: "Say nothing but the verdict.") var quiet = false
    @OptionGroup(title: "Technician's bench") var workbench: WorkbenchOptions

    func validate() throws {
        try workbench.check(outputs: 8)
        guard deviceId.utf8.count == 10 else { throw ValidationError("--device-id takes exactly ten characters") }
        guard RigOptions.version(firmware) != nil else {
            throw ValidationError("--firmware takes MAJOR.MINOR.REVISION")
        }
        guard RigOptions.version(scienceMode) != nil else {
            throw ValidationError("--science-mode takes MAJOR.MINOR.REVISION")
        }
        guard ["none", "low", "mid"].contains(leftRunning) else {
            throw ValidationError("--left-running is none, low or mid, not \(leftRunning)")
        }
        guard RigOptions.person(named: person, seed: seed) != nil else {
            throw ValidationError("nobody is called \(person): \(RigOptions.people), NAME:SEED or seed")
        }
        let channels = pad.compactMap(RigOptions.padPair).map(\.channel)
        guard channels.count == pad.count, Set(channels).count == pad.count else {
            throw ValidationError("--pad is CHANNEL:MUSCLE, 1 to 8 and vmo or gluteus-medius, each channel once")
        }
        guard (0...80).contains(capMilliamperes) else { throw ValidationError("--cap-milliamperes is 0 to 80") }
        guard (1...100).contains(capHertz) else { throw ValidationError("--cap-hertz is 1 to 100") }
        if let area = padSquareCentimetres, !(1...1_000).contains(area) {
            throw ValidationError("--pad-square-centimetres is 1 to 1000")
        }
        guard (0...3_600_000).contains(buttonMilliseconds) else {
            throw ValidationError("--button-milliseconds is 0 to 3600000")
        }
        for text in fault where FaultOption(text) == nil {
            let names = FaultKind.allCases.map(FaultOption.name).joined(separator: ", ")
            throw ValidationError(
                "unknown fault \(text): NAME=PER_MILLION[:to-device|:to-host], NAME@SECONDS or swarm, "
                    + "where NAME is one of \(names), and not every one has a chance or a moment")
        }
    }

    /// Hosts the rig until it is ended. Exits with the meter's verdict.
    func run(at place: RigPlace, jitterMicroseconds: Int64, checking check: () throws -> Void = {}) throws {
        let start = SystemClock.now()
        do {
            try StopSignals.install()
            try check()
            let instrument = try workbench.port(seed: seed)
            var host = RigHost(
                rigConfiguration(start, jitterMicroseconds), startingAt: start, place: place,
                buttonMilliseconds: buttonMilliseconds, control: try control.map { try ControlServer(path: $0) },
                log: try meterLog.map { try MeterLog(path: $0) },
                trace: try trace.map { try TraceLog(path: $0, startingAt: start) }, instrument: instrument,
                screen: RigScreen(isQuiet: quiet, showsView: view))
            let isClean = try host.run()
            if !isClean { throw SimStatus.meterFoundSomething }
        } catch let code as ExitCode {
            throw code
        } catch {
            Console.complain("motorpoint-sim: \(error)")
            throw SimStatus.cannotCreate
        }
    }

    private func rigConfiguration(_ start: Instant, _ jitterMicroseconds: Int64) -> VirtualRigConfiguration {
        var configuration = VirtualRigConfiguration(seed: seed)
        configuration.person = RigOptions.person(named: person, seed: seed) ?? .typical
        configuration.pads = pad.compactMap(RigOptions.padPair)
        configuration.dummyLoads = workbench.loads
        configuration.outputErrors = workbench.errors
        configuration.rules = MeterRules(
            peakCapMicroamperes: Int32(capMilliamperes * 1_000), rateCapMillihertz: Int32(capHertz * 1_000),
            padSquareMillimetres: Int32((padSquareCentimetres ?? 0) * 100),
            arrivalJitterMicroseconds: jitterMicroseconds)
        configuration.device = P24Configuration(deviceID: deviceId)
        configuration.device.setVersion(
            firmware: RigOptions.version(firmware) ?? (0, 0, 0),
            scienceMode: RigOptions.version(scienceMode) ?? (0, 0, 0))
        configuration.device.leftRunning =
            leftRunning == "low" ? .lowLevel : leftRunning == "mid" ? .midLevel : .nothing
        configuration.faults = FaultPlan(seed: seed)
        for option in fault.compactMap(FaultOption.init) {
            option.add(to: &configuration.faults, startNanoseconds: start.nanoseconds)
        }
        return configuration
    }

    private static let people = VirtualPerson.all.map(\.name).joined(separator: ", ")

    /// A name, a name and a seed, or the run's seed.
    private static func person(named text: String, seed: UInt64) -> VirtualPerson? {
        if text == "seed" { return VirtualPerson(seed: seed) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let person = VirtualPerson.named(parts[0]), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return person }
        return UInt64(parts[1]).map(person.variation)
    }

    private static func padPair(_ text: String) -> PadPair? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let channel = UInt8(parts[0]), (1...8).contains(channel),
            let site = PadSite(rawValue: String(parts[1]))
        else { return nil }
        return PadPair(channel: channel, site: site)
    }

    private static func version(_ text: String) -> (UInt8, UInt8, UInt8)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard parts.count == 3, text.split(separator: ".", omittingEmptySubsequences: false).count == 3 else {
            return nil
        }
        return (parts[0], parts[1], parts[2])
    }
}
