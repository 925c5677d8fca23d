// swift-tools-version: 6.2
// The mutation tester, in a package of its own: the project itself never depends on swift-syntax.

import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "Mutants",
    dependencies: [
        .package(url: "https://github.com/swiftlang/swift-syntax", exact: "603.0.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // Source in, source with every mutant in it out: text alone.
        .target(
            name: "MutantMaker",
            dependencies: [
                .product(name: "SwiftSyntax", package: "swift-syntax"),
                .product(name: "SwiftParser", package: "swift-syntax"),
                .product(name: "SwiftOperators", package: "swift-syntax"),
            ], swiftSettings: house),
        .executableTarget(
            name: "Mutants", dependencies: ["MutantMaker", .product(name: "Yams", package: "Yams")],
            swiftSettings: house),
        .testTarget(name: "MutantMakerTests", dependencies: ["MutantMaker"], swiftSettings: house),
    ]
)
