// swift-tools-version: 6.2
// The map of the house: `Docs/decisions/0001-modules.md`. Which target may import which is held as data by
// `Tests/ArchitectureTests`, since SwiftPM itself does not stop an undeclared transitive import.

import PackageDescription

/// `MP_EMBEDDED=1 swift build --target …` compiles the pure modules as Embedded Swift without allocation: the
/// compiler's proof that deciding never touches the heap.
let embedded: [SwiftSetting] =
    Context.environment["MP_EMBEDDED"] == nil
    ? []
    : [.enableExperimentalFeature("Embedded"), .unsafeFlags(["-wmo", "-no-allocations"])]

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let pure: [SwiftSetting] = house + embedded

/// What is at the far end of the wire, or judges, is optimized in debug as well: the host under test is not, and a debug
/// build of the rest would be most of the suites' time.
let quick: [SwiftSetting] = house + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Worlds that are played a thousandfold, each on one thread: the check at each look at a session that nobody else looks
/// at is a seventh of the time.
let played: [SwiftSetting] = quick + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]

/// `MP_FUZZ=1` adds the fuzzer (`scripts/fuzz.sh`).
let fuzzes = Context.environment["MP_FUZZ"] != nil

/// `MP_NO_PAGES=1` leaves out of SessionRecords what makes pages and the index (`scripts/proof.sh`): neither the fuzzer
/// nor a proof opens a file of others, and the packages below it would take most of their build.
let makesPages = !fuzzes && Context.environment["MP_NO_PAGES"] == nil
let pageMakers: [Target.Dependency] =
    makesPages
    ? [.product(name: "GRDB", package: "GRDB.swift"), .product(name: "Mustache", package: "swift-mustache")] : []
let pages =
    makesPages
    ? []
    : [
        "Certificates", "Exports", "Index", "Reports/NeedleSection.swift", "Reports/SessionReport.swift",
        "Sessions/SessionListing.swift",
    ]

let package = Package(
    name: "motorpoint",
    products: [
        .executable(name: "motorpoint", targets: ["motorpoint"]),
        .executable(name: "motorpoint-bench", targets: ["motorpoint-bench"]),
        .executable(name: "motorpoint-sim", targets: ["motorpoint-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    ],
    targets: [
        // Pure: integers only, no clock, file, thread, Foundation, allocation or lock.
        .target(name: "StimulusModel", swiftSettings: pure),
        .target(name: "SafetyKernel", dependencies: ["StimulusModel"], swiftSettings: pure),
        .target(name: "SessionEngine", dependencies: ["StimulusModel", "SafetyKernel"], swiftSettings: pure),
        .target(name: "ScienceMode4", dependencies: ["StimulusModel"], swiftSettings: pure),
        .target(name: "PulsePal", dependencies: ["StimulusModel"], swiftSettings: pure),
        .target(
            name: "StimulatorLinks", dependencies: ["StimulusModel", "SafetyKernel", "ScienceMode4", "PulsePal"],
            swiftSettings: pure),
        .target(
            name: "RigControl",
            dependencies: ["StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks"], swiftSettings: pure),

        // Pure looks at facts and numbers; the programs show what they return.
        .target(name: "Drawings", dependencies: ["StimulusModel"], swiftSettings: house),
        .target(name: "MachineChecks", swiftSettings: house),

        // The nouns of care and the paper.
        .target(name: "CareModel", dependencies: ["StimulusModel"], swiftSettings: house),
        // What is measured of a stimulator on a dummy load, and what follows from it: arithmetic alone.
        .target(
            name: "Calibration", dependencies: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine"],
            swiftSettings: house),
        .target(
            name: "SessionRecords",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "CSodium",
                .product(name: "Yams", package: "Yams"),
            ] + pageMakers, exclude: pages, swiftSettings: house),

        // The screen of a session, as a pure function of what is known of it.
        .target(
            name: "SessionScreen", dependencies: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine"],
            swiftSettings: house),

        // The Linux edge.
        .target(name: "CLinuxIO", cSettings: [.define("_GNU_SOURCE")]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // One C face for both generations of libgpiod, and one for libserialport.
        .target(name: "CGPIO", linkerSettings: [.linkedLibrary("gpiod")]),
        .target(name: "CSerialPort", linkerSettings: [.linkedLibrary("serialport")]),
        .target(name: "ByteStreams", dependencies: ["StimulusModel", "CLinuxIO"], swiftSettings: house),
        .target(
            name: "DeviceDrivers",
            dependencies: [
                "StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl", "ByteStreams",
                "CLinuxIO", "CGPIO", "CSerialPort",
            ], swiftSettings: house),

        // The pretend world: shares the wire's frame layout with the host and nothing else.
        .target(
            name: "RigSimulator", dependencies: ["StimulusModel", "ScienceMode4", "PulsePal"], swiftSettings: quick),

        // What the two programs of the host do; the executables only start it.
        .target(
            name: "Programs",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "ByteStreams", "DeviceDrivers", "SessionRecords", "SessionScreen", "Drawings",
                "MachineChecks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: house),
        .executableTarget(name: "motorpoint", dependencies: ["Programs"], swiftSettings: house),
        .executableTarget(name: "motorpoint-bench", dependencies: ["Programs"], swiftSettings: house),
        .executableTarget(
            name: "motorpoint-sim",
            dependencies: [
                "StimulusModel", "ByteStreams", "RigSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: house),

        .testTarget(name: "StimulusModelTests", dependencies: ["StimulusModel"], swiftSettings: house),
        .testTarget(name: "ScienceMode4Tests", dependencies: ["ScienceMode4", "StimulusModel"], swiftSettings: house),
        .testTarget(name: "PulsePalTests", dependencies: ["PulsePal", "StimulusModel"], swiftSettings: house),
        .testTarget(
            name: "SafetyKernelTests", dependencies: ["StimulusModel", "SafetyKernel"], swiftSettings: house),
        .testTarget(
            name: "SessionEngineTests", dependencies: ["StimulusModel", "SafetyKernel", "SessionEngine"],
            swiftSettings: house),
        .testTarget(
            name: "StimulatorLinksTests",
            dependencies: ["StimulusModel", "SafetyKernel", "ScienceMode4", "PulsePal", "StimulatorLinks"],
            swiftSettings: house),
        .testTarget(
            name: "RigControlTests",
            dependencies: [
                "StimulusModel", "SafetyKernel", "SessionEngine", "ScienceMode4", "StimulatorLinks", "RigControl",
            ], swiftSettings: house),
        .testTarget(
            name: "CalibrationTests", dependencies: ["StimulusModel", "CareModel", "Calibration"],
            swiftSettings: house),
        .testTarget(
            name: "SessionRecordsTests",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "SessionRecords",
            ], swiftSettings: house),
        .testTarget(
            name: "ScreenTests",
            dependencies: ["StimulusModel", "CareModel", "SafetyKernel", "SessionEngine", "SessionScreen"],
            exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(
            name: "DeviceDriversTests",
            dependencies: ["StimulusModel", "SessionEngine", "ByteStreams", "DeviceDrivers", "CLinuxIO"],
            swiftSettings: house),
        .testTarget(
            name: "RigSimulatorTests", dependencies: ["StimulusModel", "ScienceMode4", "PulsePal", "RigSimulator"],
            swiftSettings: house),
        .testTarget(name: "DrawingsTests", dependencies: ["StimulusModel", "Drawings"], swiftSettings: house),
        .testTarget(name: "MachineChecksTests", dependencies: ["MachineChecks"], swiftSettings: house),
        // Host and pretend rig in one process, in virtual time: for scenarios and figures, never shipped.
        .target(
            name: "VirtualHost",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "RigSimulator",
            ], path: "Tests/VirtualHost", swiftSettings: played),
        // The whole under one seed, and its judge; never shipped.
        .target(
            name: "Soak",
            dependencies: [
                "StimulusModel", "CareModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl",
                "SessionRecords", "RigSimulator", "VirtualHost",
            ], path: "Proofs/Soak", swiftSettings: played),
        .executableTarget(name: "SoakRun", dependencies: ["Soak"], path: "Proofs/SoakRun", swiftSettings: house),
        .testTarget(
            name: "ScenarioTests",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "StimulatorLinks",
                "RigControl", "SessionRecords", "RigSimulator", "VirtualHost", "Soak",
            ], swiftSettings: house),
        // Every state that machine and gate can reach on small plans; never shipped.
        .target(
            name: "Explorer", dependencies: ["StimulusModel", "SafetyKernel", "SessionEngine"],
            path: "Tests/Explorer", swiftSettings: house),
        .testTarget(
            name: "ExplorerTests", dependencies: ["StimulusModel", "SafetyKernel", "SessionEngine", "Explorer"],
            swiftSettings: house),
        .executableTarget(
            name: "Explore", dependencies: ["Explorer"], path: "Benchmarks/Explore", swiftSettings: house),
        .executableTarget(
            name: "Figures",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "ScienceMode4",
                "StimulatorLinks", "RigControl", "RigSimulator", "VirtualHost", "ByteStreams", "DeviceDrivers",
            ], path: "Benchmarks/Figures", swiftSettings: house),
        // The drivers alone, for the virtual bench (Hardware/virtual-bench); never shipped.
        .executableTarget(
            name: "BenchProbe", dependencies: ["StimulusModel", "StimulatorLinks", "ByteStreams", "DeviceDrivers"],
            path: "Tests/BenchProbe", swiftSettings: house),
        // Keys, policy, signatures and a calibration for a rig that is none, for tests and demos; never shipped.
        .executableTarget(
            name: "RigPapers", dependencies: ["StimulusModel", "CareModel", "Calibration", "SessionRecords"],
            path: "Tests/RigPapers", swiftSettings: house),
        // Power cuts at every write and sync of a session's record.
        .executableTarget(
            name: "PowerCuts", dependencies: ["StimulusModel", "CareModel", "SessionRecords"],
            path: "Proofs/PowerCuts", swiftSettings: house),
        // What a fuzzer feeds and what must hold of it, for the fuzzer and for the suite that replays the corpus.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "StimulusModel", "CareModel", "Calibration", "SafetyKernel", "SessionEngine", "ScienceMode4",
                "PulsePal", "SessionRecords",
            ], path: "Tests/FuzzTargets", swiftSettings: house),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], exclude: ["Corpus"], swiftSettings: house),
        .testTarget(name: "ProcessTests", dependencies: ["StimulusModel", "ByteStreams"], swiftSettings: house),
        .testTarget(name: "ArchitectureTests", swiftSettings: quick),
    ]
)

// `MP_SUITES=One,Two` keeps of the test targets those alone, and no program (`scripts/sanitize.sh`): what a sanitizer
// builds, it builds anew.
if let suites = Context.environment["MP_SUITES"]?.split(separator: ",").map(String.init) {
    package.products = []
    package.targets.removeAll { target in
        target.type == .executable || (target.type == .test && !suites.contains(target.name))
    }
    // In a release build of these most of the time would go to making tests fast that run once.
    for target in package.targets where target.type == .test {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-Onone"])]
    }
}

if fuzzes {
    // No `main`: libFuzzer brings its own.
    package.targets.append(
        .executableTarget(name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz", swiftSettings: house))
}

// The toolchain's RealtimeSanitizer, which `swiftc` cannot name: `scripts/realtime.sh` finds the archive.
if let sanitizer = Context.environment["MP_RTSAN"] {
    package.targets.append(.systemLibrary(name: "CRealtimeSanitizer", path: "Tests/CRealtimeSanitizer"))
    package.targets.append(
        .executableTarget(
            name: "Realtime",
            dependencies: [
                "CRealtimeSanitizer", "StimulusModel", "SafetyKernel", "SessionEngine", "StimulatorLinks", "RigControl",
                "RigSimulator", "VirtualHost",
            ], path: "Tests/Realtime", swiftSettings: house,
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--whole-archive", sanitizer, "-Xlinker", "--no-whole-archive"]
                        + ["-lstdc++", "-lm", "-ldl", "-lpthread"])
            ]))
}
