/// Which module may import which: the table of `Docs/decisions/0001-modules.md`, row by row. SwiftPM does not hold it:
/// it lets a target import any dependency of a dependency undeclared.
struct ImportRow {
    let target: String
    /// Modules of this package. `Package.swift` must declare exactly these.
    let own: [String]
    /// Everything else: the system's modules and the packages of others.
    var foreign: [String] = []
    /// Pure: integers in, integers out; also compiled as Embedded Swift.
    var isPure = false
}

enum ImportTable {
    static let rows: [ImportRow] = [
        ImportRow(target: "StimulusModel", own: [], isPure: true),
        ImportRow(target: "SafetyKernel", own: ["StimulusModel"], isPure: true),
        ImportRow(target: "SessionEngine", own: ["StimulusModel", "SafetyKernel"], isPure: true),
        ImportRow(target: "ScienceMode4", own: ["StimulusModel"], isPure: true),
        ImportRow(target: "PulsePal", own: ["StimulusModel"], isPure: true),
        ImportRow(
            target: "StimulatorLinks", own: ["StimulusModel", "SafetyKernel", "ScienceMode4", "PulsePal"],
            isPure: true),
        // The pure composition of one tick: read, step, authorize, frame.
        ImportRow(
            target: "RigControl", own: ["StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks"],
            isPure: true),
        // Facts and numbers in, lines and findings out: neither can read the system.
        ImportRow(target: "Drawings", own: ["StimulusModel"]),
        ImportRow(target: "MachineChecks", own: []),
        ImportRow(target: "CareModel", own: ["StimulusModel"]),
        // Measuring and judging: no file, no clock, no device.
        ImportRow(target: "Calibration", own: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine"]),
        ImportRow(
            target: "SessionRecords",
            own: ["StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "CSodium"],
            foreign: ["Foundation", "Yams", "GRDB", "Mustache", "Glibc"]),
        // What a screen shows, from numbers: no terminal, no clock, no Foundation.
        ImportRow(target: "SessionScreen", own: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine"]),
        ImportRow(target: "CLinuxIO", own: []),
        ImportRow(target: "CSodium", own: []),
        ImportRow(target: "CGPIO", own: []),
        ImportRow(target: "CSerialPort", own: []),
        ImportRow(target: "ByteStreams", own: ["StimulusModel", "CLinuxIO"]),
        ImportRow(
            target: "DeviceDrivers",
            own: [
                "StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl", "ByteStreams",
                "CLinuxIO", "CGPIO", "CSerialPort",
            ], foreign: ["Synchronization"]),
        // The simulator sees neither the kernel nor the engine nor the links: it judges with rules of its own.
        ImportRow(target: "RigSimulator", own: ["StimulusModel", "ScienceMode4", "PulsePal"]),
        // The programs of the host see no wire: only a link makes frames.
        ImportRow(
            target: "Programs",
            own: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "ByteStreams", "DeviceDrivers", "SessionRecords", "SessionScreen", "Drawings",
                "MachineChecks",
            ], foreign: ["ArgumentParser", "Foundation", "Glibc", "Synchronization"]),
        ImportRow(target: "motorpoint", own: ["Programs"]),
        ImportRow(target: "motorpoint-bench", own: ["Programs"]),
        ImportRow(
            target: "motorpoint-sim", own: ["StimulusModel", "ByteStreams", "RigSimulator"],
            foreign: ["ArgumentParser", "Foundation", "Glibc", "Synchronization"]),

        ImportRow(target: "StimulusModelTests", own: ["StimulusModel"], foreign: tests),
        ImportRow(target: "ScienceMode4Tests", own: ["ScienceMode4", "StimulusModel"], foreign: tests),
        ImportRow(target: "PulsePalTests", own: ["PulsePal", "StimulusModel"], foreign: tests),
        ImportRow(target: "SafetyKernelTests", own: ["StimulusModel", "SafetyKernel"], foreign: tests),
        ImportRow(
            target: "SessionEngineTests", own: ["StimulusModel", "SafetyKernel", "SessionEngine"], foreign: tests),
        ImportRow(
            target: "StimulatorLinksTests",
            own: ["StimulusModel", "SafetyKernel", "ScienceMode4", "PulsePal", "StimulatorLinks"], foreign: tests),
        ImportRow(
            target: "RigControlTests",
            own: [
                "StimulusModel", "SafetyKernel", "SessionEngine", "ScienceMode4", "StimulatorLinks", "RigControl",
            ], foreign: tests),
        ImportRow(
            target: "CalibrationTests", own: ["StimulusModel", "CareModel", "Calibration"], foreign: tests),
        ImportRow(
            target: "SessionRecordsTests",
            own: ["StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "SessionRecords"],
            foreign: tests),
        ImportRow(
            target: "ScreenTests",
            own: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine", "SessionScreen"], foreign: tests),
        ImportRow(
            target: "DeviceDriversTests",
            own: ["StimulusModel", "SessionEngine", "ByteStreams", "DeviceDrivers", "CLinuxIO"], foreign: tests),
        ImportRow(
            target: "RigSimulatorTests", own: ["StimulusModel", "ScienceMode4", "PulsePal", "RigSimulator"],
            foreign: tests),
        ImportRow(target: "DrawingsTests", own: ["StimulusModel", "Drawings"], foreign: tests),
        ImportRow(target: "MachineChecksTests", own: ["MachineChecks"], foreign: tests),
        // The one place besides the benchmark where host and pretend rig meet in one process.
        ImportRow(
            target: "VirtualHost",
            own: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "RigSimulator",
            ]),
        // Everything under one seed, and its judge.
        ImportRow(
            target: "Soak",
            own: [
                "StimulusModel", "CareModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl",
                "SessionRecords", "RigSimulator", "VirtualHost",
            ], foreign: ["Foundation", "Synchronization"]),
        ImportRow(target: "SoakRun", own: ["Soak"], foreign: ["Foundation", "Synchronization"]),
        ImportRow(
            target: "ScenarioTests",
            own: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "SessionRecords", "RigSimulator", "VirtualHost", "Soak",
            ], foreign: tests),
        // The machine and the gate on small plans, with a world as coarse as they can see it.
        ImportRow(target: "Explorer", own: ["StimulusModel", "SafetyKernel", "SessionEngine"]),
        ImportRow(
            target: "ExplorerTests", own: ["StimulusModel", "SafetyKernel", "SessionEngine", "Explorer"],
            foreign: tests),
        ImportRow(target: "Explore", own: ["Explorer"], foreign: ["Glibc"]),
        ImportRow(
            target: "Figures",
            own: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "ScienceMode4",
                "StimulatorLinks", "RigControl", "RigSimulator", "VirtualHost", "ByteStreams", "DeviceDrivers",
            ], foreign: ["Foundation", "Glibc", "Synchronization"]),
        ImportRow(
            target: "BenchProbe", own: ["StimulusModel", "StimulatorLinks", "ByteStreams", "DeviceDrivers"],
            foreign: ["Glibc"]),
        ImportRow(
            target: "RigPapers", own: ["StimulusModel", "CareModel", "Calibration", "SessionRecords"],
            foreign: ["Glibc"]),
        ImportRow(
            target: "PowerCuts", own: ["StimulusModel", "CareModel", "SessionRecords"],
            foreign: ["Glibc", "Synchronization"]),
        // What is fuzzed sees the wires and the loaders alike; the host's programs do not see it.
        ImportRow(
            target: "FuzzTargets",
            own: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "ScienceMode4",
                "PulsePal", "SessionRecords",
            ]),
        ImportRow(target: "FuzzTests", own: ["FuzzTargets"], foreign: tests),
        ImportRow(target: "Fuzz", own: ["FuzzTargets"], foreign: ["Foundation"]),
        ImportRow(target: "CRealtimeSanitizer", own: []),
        ImportRow(
            target: "Realtime",
            own: [
                "CRealtimeSanitizer", "StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl",
                "RigSimulator", "VirtualHost",
            ], foreign: ["Foundation"]),
        ImportRow(target: "ProcessTests", own: ["StimulusModel", "ByteStreams"], foreign: tests),
        ImportRow(target: "ArchitectureTests", own: [], foreign: tests),
    ]

    /// What any test may use. No suite but this one's table knows a wire and the host at once by accident.
    private static let tests = ["Testing", "Foundation", "Glibc", "Synchronization"]

    static func row(_ target: String) -> ImportRow? { rows.first { $0.target == target } }

    static let pureTargets = rows.filter(\.isPure).map(\.target)
}
