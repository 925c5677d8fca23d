// swift-tools-version: 6.2
// The scratch copy: the pure modules with every mutant in them, and the suites that judge them. Warnings are no errors
// here: what a helper's call makes of a line is nobody's style.

import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let kernel: [Target.Dependency] = ["StimulusModel", "SafetyKernel"]
let engine = kernel + ["SessionEngine"]
let rig: [Target.Dependency] = engine + ["CareModel", "Calibration", "StimulatorLinks", "RigControl", "RigSimulator"]

let package = Package(
    name: "motorpoint",
    targets: [
        .target(name: "CMutantSwitch", path: "CMutantSwitch"),
        .target(name: "MutantSwitch", dependencies: ["CMutantSwitch"], path: "MutantSwitch", swiftSettings: house),
        .target(name: "StimulusModel", swiftSettings: house),
        .target(name: "SafetyKernel", dependencies: ["StimulusModel", "MutantSwitch"], swiftSettings: house),
        .target(name: "SessionEngine", dependencies: kernel + ["MutantSwitch"], swiftSettings: house),
        .target(name: "ScienceMode4", dependencies: ["StimulusModel"], swiftSettings: house),
        .target(name: "PulsePal", dependencies: ["StimulusModel"], swiftSettings: house),
        .target(
            name: "StimulatorLinks", dependencies: kernel + ["ScienceMode4", "PulsePal"], swiftSettings: house),
        .target(name: "RigControl", dependencies: engine + ["StimulatorLinks"], swiftSettings: house),
        .target(name: "CareModel", dependencies: ["StimulusModel"], swiftSettings: house),
        .target(name: "Calibration", dependencies: engine + ["CareModel"], swiftSettings: house),
        .target(
            name: "RigSimulator", dependencies: ["StimulusModel", "ScienceMode4", "PulsePal"], swiftSettings: house),
        .target(name: "VirtualHost", dependencies: rig, path: "Tests/VirtualHost", swiftSettings: house),
        .target(name: "Explorer", dependencies: engine, path: "Tests/Explorer", swiftSettings: house),

        .testTarget(name: "SafetyKernelTests", dependencies: kernel, swiftSettings: house),
        .testTarget(name: "SessionEngineTests", dependencies: engine, swiftSettings: house),
        .testTarget(
            name: "RigControlTests", dependencies: engine + ["ScienceMode4", "StimulatorLinks", "RigControl"],
            swiftSettings: house),
        // Without those that read records, which need the packages below SessionRecords, and one about bytes.
        .testTarget(
            name: "ScenarioTests", dependencies: rig + ["VirtualHost"],
            exclude: [
                "JournalChargeScenarios.swift", "ReplayScenarios.swift", "ShippedProtocolScenarios.swift",
                "JudgeOnPaper.swift", "SoakScenarios.swift",
                "UncertainDelivery.swift",
            ],
            swiftSettings: house),
        .testTarget(name: "ExplorerTests", dependencies: engine + ["Explorer"], swiftSettings: house),
        // Planted by the tester: a suite that asserts nothing.
        .testTarget(name: "BlindTests", dependencies: kernel, swiftSettings: house),
    ]
)
