// Faults by name, each with the moment left open, so that one scenario can be run with every one of them.

internal import ScienceMode4

/// One fault of the catalogue.
public struct NamedFault: Sendable, CustomStringConvertible {
    /// Lower case, with hyphens.
    public let name: String
    /// What is counted when it happens.
    public let kind: FaultKind
    private let make: @Sendable (_ moment: Int64) -> PlannedFault

    public var description: String { name }

    init(_ name: String, _ kind: FaultKind, _ make: @escaping @Sendable (_ moment: Int64) -> PlannedFault) {
        self.name = name
        self.kind = kind
        self.make = make
    }

    /// The fault as it happens at a moment.
    public func planned(atNanoseconds moment: Int64) -> PlannedFault { make(moment) }

    /// Puts the fault into a plan.
    public func add(to plan: inout FaultPlan, atNanoseconds moment: Int64) {
        plan.add(make(moment), atNanoseconds: moment)
    }
}

/// Every fault of line, device and electrode that can begin at a moment. Durations and strengths are (proposal): long
/// enough that a host has to do something.
public enum FaultCatalogue {
    /// How long a fault of the line or the device lasts, in milliseconds.
    public static let lastsMilliseconds: Int64 = 3_000
    /// The result codes that a P24 is documented to give (sheet 6), 0 left out.
    public static let resultCodes: [UInt8] = [1, 2, 3, 4, 7, 8, 10, 11, 16, 28]

    public static let all: [NamedFault] = lineBytes + lineWhole + device + results + electrodes

    /// The fault of that name, or nothing.
    public static func named(_ name: String) -> NamedFault? { all.first { $0.name == name } }

    /// One to three faults, drawn by seed, at moments within a span from `start` on.
    public static func plan(
        seed: UInt64, startNanoseconds start: Int64, spanMilliseconds: Int64
    ) -> (plan: FaultPlan, names: [String]) {
        var plan = FaultPlan(seed: seed)
        var draw = SplitMix64(seed: seed ^ 0x4341_5441)
        var names: [String] = []
        for _ in 0..<draw.between(1, 3) {
            let fault = all[Int(draw.below(UInt32(all.count)))]
            fault.add(to: &plan, atNanoseconds: start + draw.between(0, spanMilliseconds) * 1_000_000)
            names.append(fault.name)
        }
        return (plan, names)
    }

    /// Bytes and packets lost, doubled, corrupted, late and out of order, one way and the other.
    private static let lineBytes: [NamedFault] = {
        let kinds: [(FaultKind, UInt32)] = [
            (.byteLost, 20_000), (.byteRepeated, 20_000), (.bitFlipped, 20_000), (.packetLost, 300_000),
            (.packetRepeated, 300_000), (.packetTruncated, 300_000), (.packetDelayed, 300_000),
            (.packetsReordered, 300_000),
        ]
        var found: [NamedFault] = []
        for (kind, perMillion) in kinds {
            for (direction, way) in [(LineDirection.hostToDevice, "to-device"), (.deviceToHost, "to-host")] {
                let name = kind.name.split(separator: " ").joined(separator: "-") + "-" + way
                found.append(
                    NamedFault(name, kind) { _ in
                        var faults = LineFaults()
                        _ = faults.setChance(of: kind, perMillion: perMillion)
                        return .line(direction, faults, milliseconds: lastsMilliseconds)
                    })
            }
        }
        return found
    }()

    /// The line as a whole.
    private static let lineWhole = [
        NamedFault("line-dead", .lineDead) { _ in .lineDead(nil, milliseconds: lastsMilliseconds) },
        NamedFault("line-half-open", .lineDead) { _ in .lineDead(.deviceToHost, milliseconds: lastsMilliseconds) },
        NamedFault("line-deaf", .lineDead) { _ in .lineDead(.hostToDevice, milliseconds: lastsMilliseconds) },
        NamedFault("line-blocked", .lineBlocked) { _ in .lineBlocked(milliseconds: lastsMilliseconds) },
        NamedFault("line-babbling", .lineBabbling) { _ in
            .lineBabble(milliseconds: lastsMilliseconds, bytesPerMillisecond: 1_216)
        },
        NamedFault("latency-16-ms", .packetLatency) { _ in
            .line(.deviceToHost, .latency(), milliseconds: lastsMilliseconds)
        },
        NamedFault("latency-spikes", .latencySpike) { _ in
            .line(.deviceToHost, .latencySpikes(), milliseconds: lastsMilliseconds)
        },
        NamedFault("unplugged", .unplugged) { _ in .unplug },
        NamedFault("unplugged-for-a-second", .plugged) { _ in .interruption(milliseconds: 1_000) },
        NamedFault("another-device", .deviceReplaced) { _ in .replaced(deviceID: "STRANGER01", milliseconds: 1_000) },
    ]

    /// The device.
    private static let device = [
        NamedFault("reboot", .deviceReset) { _ in .deviceReset },
        NamedFault("device-stuck", .deviceStuck) { _ in .deviceStuck(milliseconds: lastsMilliseconds) },
        NamedFault("device-silent", .deviceSilent) { _ in .deviceSilent(milliseconds: lastsMilliseconds) },
        NamedFault("stop-ignored", .stopIgnored) { _ in
            .stopIgnored(milliseconds: lastsMilliseconds, isAcknowledged: false)
        },
        NamedFault("stop-acknowledged-and-ignored", .stopIgnored) { _ in
            .stopIgnored(milliseconds: lastsMilliseconds, isAcknowledged: true)
        },
        pulse("pulse-ignored", .commandIgnored, .ignored),
        pulse("pulse-acknowledged-and-not-run", .acknowledgedWithoutEffect, .acknowledgedWithoutEffect),
        pulse("acknowledgement-lost", .effectWithoutAcknowledgement, .effectWithoutAcknowledgement),
        pulse("acknowledgement-repeated", .acknowledgementRepeated, .acknowledgementRepeated),
    ]

    /// Each error code: instead of a pulse, after a pulse, and out of the blue.
    private static let results = resultCodes.flatMap { code in
        [
            pulse("pulse-refused-with-\(code)", .wrongResult, .result(code)),
            pulse("pulse-run-and-result-\(code)", .effectWithWrongResult, .effectWithResult(code)),
            NamedFault("general-error-\(code)", .generalErrorSent) { _ in .generalError(code) },
        ]
    }

    /// The electrodes of channel 1.
    private static let electrodes = [
        NamedFault("pad-off", .electrodeDetached) { _ in .contact(channel: 1, .detached) },
        NamedFault("pads-touch", .electrodesShorted) { _ in .contact(channel: 1, .short) },
        NamedFault("pad-lifted", .electrodeLifted) { _ in .contact(channel: 1, .lifted(heldThousandths: 100)) },
        NamedFault("resistance-jump", .electrodeResistive) { _ in .contact(channel: 1, .resistive(addedOhms: 10_000)) },
        NamedFault("pads-drying", .electrodeDrying) { moment in
            .contact(channel: 1, .drying(sinceNanoseconds: moment, ohmsPerSecond: 500))
        },
    ]

    /// A fault of the next low-level pulse.
    private static func pulse(_ name: String, _ kind: FaultKind, _ fault: DeviceFault) -> NamedFault {
        NamedFault(name, kind) { _ in .nextCommand(number: CommandNumber.lowLevelChannelConfig, fault) }
    }
}
