// Where a world's events come from: drawn from a seed as the world goes on, or read from a script.
internal import RigSimulator
internal import SafetyKernel
internal import SessionEngine
internal import StimulusModel

/// Draws a seed's world: what stands there, which faults are possible in it, who presses the keys.
struct SoakDraws {
    let script: SoakScript
    let temper: SoakOperator.Temper
    /// Names of what may happen in this world: of each seed another handful.
    let faults: [SoakEvent]
    private(set) var operatorHands: SoakOperator
    private var random: SplitMix64
    private let faultGap: Int64
    private let hostTrouble: UInt32
    private var nextFault: Int64
    private var nextHost: Int64
    private var nextRestart: Int64 = .max
    private var releaseAt: Int64 = .max
    private var mendDiskAt: Int64 = .max
    private var isEnding = false

    /// The last so many milliseconds are for the end: a stop, and then every key.
    static let endMilliseconds: Int64 = 9_000

    init(seed: UInt64, length: Int64?) {
        var random = SplitMix64(seed: seed &* 0xD6E8_FEB8_6659_FD93 ^ 0x534F_414B)
        let rig: RigKind = random.below(100) < 55 ? .p24 : .needle
        let plan = Int(random.below(UInt32(PlanTable.plans(rig).count)))
        var script = SoakScript(
            rig: rig, plan: plan, rigSeed: random.next() >> 16, milliseconds: 330_000 + Int64(random.below(165_000)))
        script.isNewDevice = random.below(2) == 0
        script.hasDisk = random.below(4) == 0
        if rig == .needle { script.needleLedger = SoakDraws.needleLedger(seed) }
        let isSound = random.below(6) == 0
        if !isSound { SoakDraws.drawChances(&script, &random) }
        if let length { script.milliseconds = length }
        self.script = script
        let tempers: [SoakOperator.Temper] = [
            .calm, .calm, .calm, .calm, .eager, .holding, .everything, .restless, .absent,
        ]
        temper = tempers[Int(random.below(UInt32(tempers.count)))]
        operatorHands = SoakOperator(temper, PlanTable.plan(rig, plan), seed: random.next())
        faults = isSound ? [] : SoakDraws.drawFaults(script, &random)
        faultGap = 30_000 + Int64(random.below(120_000))
        hostTrouble = isSound ? 0 : random.below(4)
        nextFault = faults.isEmpty ? .max : Int64(4_000 + random.below(60_000))
        nextHost = 5_000 + Int64(random.below(60_000))
        self.random = random
    }

    /// Numbers of its own: worlds without the ledger stay what they were before there was one.
    private static func needleLedger(_ seed: UInt64) -> UInt64? {
        var random = SplitMix64(seed: seed &* 0x9E6C_63D0_876A_68EF ^ 0x4E45_4544_4C45)
        return random.below(6) == 0 ? random.next() >> 16 : nil
    }

    private static func drawChances(_ script: inout SoakScript, _ random: inout SplitMix64) {
        let line: [(FaultKind, UInt32)] =
            script.rig == .p24
            ? [
                (.byteLost, 4), (.byteRepeated, 4), (.bitFlipped, 4), (.packetLost, 60), (.packetRepeated, 60),
                (.packetTruncated, 60), (.packetDelayed, 400), (.packetsReordered, 100), (.latencySpike, 400),
            ]
            // No check sum guards this wire: bytes that change their meaning are judged apart (Docs/safety-case).
            : [(.packetLost, 200), (.packetDelayed, 400)]
        for place in [SoakChance.Place.toDevice, .toHost] {
            for (kind, most) in line where random.below(10) == 0 {
                script.chances.append(SoakChance(place: place, kind: kind, perMillion: 1 + random.below(most)))
            }
        }
        script.longestDelay = 2 + Int64(random.below(400))
        guard script.rig == .p24 else { return }
        let device: [FaultKind] = [
            .commandIgnored, .acknowledgedWithoutEffect, .effectWithoutAcknowledgement, .wrongResult, .deviceReset,
            .deviceStuck, .acknowledgementRepeated, .effectWithWrongResult,
        ]
        for kind in device where random.below(10) == 0 {
            script.chances.append(SoakChance(place: .device, kind: kind, perMillion: 1 + random.below(150)))
        }
        script.stuckMilliseconds = 20 + Int64(random.below(3_000))
    }

    private static let byHand: Set<NeedleFaultKind> = [
        .isolatorWrongRange, .isolatorOffset, .isolatorImbalance, .strayTrain, .parametersChanged,
    ]

    private static func drawFaults(_ script: SoakScript, _ random: inout SplitMix64) -> [SoakEvent] {
        var found: [SoakEvent] = []
        let count = 1 + Int(random.below(7))
        switch script.rig {
        case .p24:
            let all = FaultCatalogue.all.map(\.name)
            for _ in 0..<count { found.append(.fault(all[Int(random.below(UInt32(all.count)))])) }
            if random.below(4) == 0 { found.append(.button(200 + Int64(random.below(2_000)))) }
        case .needle:
            let mayTouch = random.below(3) == 0
            let kinds = NeedleFaultKind.allCases.filter {
                (mayTouch || !byHand.contains($0)) && $0 != .boardRepaired && $0 != .plugged
            }
            for _ in 0..<count {
                found.append(
                    .needleFault(
                        kinds[Int(random.below(UInt32(kinds.count)))], channel: UInt8(1 + random.below(2)),
                        milliseconds: Int64(1 + random.below(1_500))))
            }
            if random.below(3) == 0 { found.append(.emergencyStop(isPressed: true)) }
            if random.below(3) == 0 { found.append(.button(20 + Int64(random.below(900)))) }
            if random.below(8) == 0 { found.append(.pins(work: false)) }
        }
        return found
    }

    /// What happens before the tick of `now`.
    mutating func events(_ world: any SoakWorld, at now: Int64) -> [SoakEvent] {
        if now >= script.milliseconds - SoakDraws.endMilliseconds { return ending(world, at: now) }
        var found: [SoakEvent] = []
        if now >= nextFault {
            nextFault = now + 1 + Int64(random.below(UInt32(2 * faultGap)))
            let fault = faults[Int(random.below(UInt32(faults.count)))]
            if case .emergencyStop = fault { releaseAt = now + Int64(random.below(3_000)) }
            found.append(fault)
        }
        if now >= releaseAt {
            releaseAt = .max
            found.append(.emergencyStop(isPressed: false))
        }
        if now >= nextHost { found += troubleOfTheHost(world, at: now) }
        if now >= mendDiskAt {
            mendDiskAt = .max
            found.append(.disk(.well))
        }
        if world.state.isFinal { found += afterTheEnd(world, at: now) } else { nextRestart = .max }
        if let key = operatorHands.think(world, at: now) { found.append(key) }
        return found
    }

    /// Stops, lateness, sleep, disk, death: what a computer and a second terminal do.
    private mutating func troubleOfTheHost(_ world: any SoakWorld, at now: Int64) -> [SoakEvent] {
        nextHost = now + 500 + Int64(random.below(hostTrouble == 0 ? 90_000 : 25_000))
        let stops: [StopCause] = [
            .operatorKey, .consentWithdrawn, .secondTerminal, .signal, .terminalGone, .fainting, .brokenNeedle,
            .strongPain,
        ]
        if random.below(6) == 0 { return [.stop(stops[Int(random.below(UInt32(stops.count)))])] }
        guard hostTrouble > 0 else { return [] }
        switch random.below(12) {
        case 0, 1, 2, 3: return [.late(1 + Int32(random.below(45)))]
        case 4: return random.below(3) == 0 ? [.late(50 + Int32(random.below(900)))] : [.late(30)]
        case 5: return random.below(4) == 0 ? [.suspend(200 + Int64(random.below(5_000)))] : []
        case 6: return random.below(2) == 0 ? kill() : []
        case 7: return [.wallClock(Int64(random.below(7_200)) - 3_600)]
        case 8, 9:
            guard script.hasDisk, mendDiskAt == .max else { return [] }
            mendDiskAt = now + 1_000 + Int64(random.below(9_000))
            return [.disk([.full, .failing, .slow(Int64(random.below(9_000))), .slow(400)][Int(random.below(4))])]
        case 10: return random.below(3) == 0 ? [.stopChannel(random.below(2) == 0 ? .first : .second)] : []
        default: return []
        }
    }

    private mutating func kill() -> [SoakEvent] {
        operatorHands.sessionBegan()
        nextRestart = .max
        return [.kill(1 + Int64(random.below(random.below(3) == 0 ? 3_000 : 150)))]
    }

    /// Somebody mends what is broken, mostly, and begins a new session.
    private mutating func afterTheEnd(_ world: any SoakWorld, at now: Int64) -> [SoakEvent] {
        if nextRestart == .max { nextRestart = now + 200 + Int64(random.below(2_500)) }
        guard now >= nextRestart else { return [] }
        var found: [SoakEvent] = []
        if script.rig == .p24 {
            found = [.fault("pad-on"), .fault("plugged")]
        } else if random.below(5) != 0 {
            found = [
                .needleFault(.boardRepaired, channel: 1, milliseconds: 1),
                .needleFault(.plugged, channel: 1, milliseconds: 1),
                .needleFault(.isolatorEnabled, channel: 1, milliseconds: 1),
                .needleFault(.isolatorEnabled, channel: 2, milliseconds: 1),
                .needleFault(.needlesIn, channel: 1, milliseconds: 1),
                .needleFault(.needlesIn, channel: 2, milliseconds: 1), .pins(work: true),
            ]
        }
        return found + kill()
    }

    /// A stop, and then every key for as long as it lasts: nothing may come back.
    private mutating func ending(_ world: any SoakWorld, at now: Int64) -> [SoakEvent] {
        guard isEnding else {
            isEnding = true
            return [.stop(.operatorKey)]
        }
        guard now % 7 == 0, now > script.milliseconds - SoakDraws.endMilliseconds + 4_500 else { return [] }
        let command = OperatorCommand(rawValue: UInt8(random.below(15))) ?? .none
        return [.key(random.below(4) == 0 ? .arm : command, .first)]
    }
}

/// Plays what a script says.
struct ScriptPlayer {
    private let all: [TimedEvent]
    private var next = 0

    init(_ script: SoakScript) { all = script.events.sorted { $0.at < $1.at } }

    mutating func events(at now: Int64) -> [SoakEvent] {
        var found: [SoakEvent] = []
        while next < all.count, all[next].at <= now {
            found.append(all[next].event)
            next += 1
        }
        return found
    }
}
