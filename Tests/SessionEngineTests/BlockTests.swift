// What crosses to another thread or into the record: every field comes back, and what no version writes is refused.
import SafetyKernel
import SessionEngine
import StimulusModel
import Testing

// Proves R-REC-05.
@Suite struct StepInputsBlockTests {
    static func same(_ a: StepInputs, _ b: StepInputs) -> Bool {
        a.elapsedTicks == b.elapsedTicks && a.command == b.command && a.stop == b.stop && a.hostFault == b.hostFault
            && a.condition == b.condition && a.linkFault == b.linkFault && a.delivery == b.delivery
            && a.deliveredAmplitude == b.deliveredAmplitude && a.pulseSkipped == b.pulseSkipped
            && a.commandIsStale == b.commandIsStale && a.commandPlace == b.commandPlace
            && a.channelStops == b.channelStops && a.second.delivery == b.second.delivery
            && a.second.deliveredAmplitude == b.second.deliveredAmplitude
            && a.second.pulseSkipped == b.second.pulseSkipped
    }

    static func random(_ chance: inout SeededChance) -> StepInputs {
        var inputs = StepInputs()
        inputs.elapsedTicks = Int32.random(in: 1...Int32.max, using: &chance)
        inputs.command = allCommands.randomElement(using: &chance) ?? .none
        inputs.stop = (allStopCauses + [.none]).randomElement(using: &chance) ?? .none
        inputs.hostFault = (allFaults + [.none]).randomElement(using: &chance) ?? .none
        inputs.condition = allConditions.randomElement(using: &chance) ?? .absent
        inputs.linkFault = (allFaults + [.none]).randomElement(using: &chance) ?? .none
        inputs.delivery = Delivery(rawValue: UInt8.random(in: 0...4, using: &chance)) ?? .none
        inputs.deliveredAmplitude = Current(microamperes: Int32(truncatingIfNeeded: chance.next()))
        inputs.pulseSkipped = chance.once(in: 2)
        inputs.commandIsStale = chance.once(in: 2)
        inputs.commandPlace = chance.once(in: 2) ? .first : .second
        inputs.channelStops = UInt8.random(in: 0...3, using: &chance)
        inputs.second.delivery = Delivery(rawValue: UInt8.random(in: 0...4, using: &chance)) ?? .none
        inputs.second.deliveredAmplitude = Current(microamperes: Int32(truncatingIfNeeded: chance.next()))
        inputs.second.pulseSkipped = chance.once(in: 2)
        return inputs
    }

    @Test(arguments: seeds) func `inputs come back from their block as they went in`(seed: UInt64) throws {
        var chance = SeededChance(seed: seed)
        for tick in Int64(0)..<500 {
            let inputs = Self.random(&chance)
            let block = inputs.block(tick: tick)
            let read = try #require(StepInputs(block))
            #expect(Self.same(inputs, read))
            #expect(JournalEntry.kind(block) == .inputs)
            #expect(JournalEntry.tick(block) == tick)
        }
    }

    @Test func `a number that no version writes is refused, byte for byte`() {
        let block = StepInputs().block(tick: 1)
        for (byte, lowest) in [(0, 15), (1, 15), (2, 12), (3, 7), (4, 12), (5, 5), (6, 2), (7, 2)] {
            var wrong = block
            wrong.words[3] = Int64(lowest) << (8 * byte)
            #expect(StepInputs(wrong) == nil, "byte \(byte) holding \(lowest)")
        }
        for (byte, lowest) in [(0, 5), (1, 2), (2, 2), (3, 4), (4, 1), (7, 1), (7, 255)] {
            var wrong = block
            wrong.words[5] = Int64(truncatingIfNeeded: UInt64(lowest) << UInt64(8 * byte))
            #expect(StepInputs(wrong) == nil, "byte \(byte) of the second channel holding \(lowest)")
        }
        for (word, value) in [(2, 1 << 32), (2, -1 << 32), (6, 1), (7, -1)] {
            var wrong = block
            wrong.words[word] = Int64(value)
            #expect(StepInputs(wrong) == nil, "word \(word) holding \(value)")
        }
        var outputs = block
        outputs.words[0] = Int64(JournalKind.outputs.code)
        #expect(StepInputs(outputs) == nil)
        outputs.words[0] = 99
        #expect(JournalEntry.kind(outputs) == nil)
    }

    @Test func `only a tick in which nothing happened is quiet`() {
        var quiet = StepInputs()
        quiet.condition = .ready
        #expect(quiet.isQuiet(after: .ready))
        #expect(!quiet.isQuiet(after: .off))
        func isQuiet(_ change: (inout StepInputs) -> Void) -> Bool {
            var inputs = quiet
            change(&inputs)
            return inputs.isQuiet(after: .ready)
        }
        #expect(!isQuiet { $0.elapsedTicks = 2 })
        #expect(!isQuiet { $0.command = .lower })
        #expect(!isQuiet { $0.stop = .signal })
        #expect(!isQuiet { $0.hostFault = .late })
        #expect(!isQuiet { $0.linkFault = .silent })
        #expect(!isQuiet { $0.delivery = .delivered })
        #expect(!isQuiet { $0.pulseSkipped = true })
        #expect(!isQuiet { $0.condition = .failed })
        #expect(!isQuiet { $0.channelStops = 2 })
        #expect(!isQuiet { $0.second.delivery = .delivered })
        #expect(!isQuiet { $0.second.pulseSkipped = true })
    }
}

// Proves R-REC-05.
@Suite struct StepOutputsBlockTests {
    @Test func `every figure of a request stands in the block`() throws {
        var bench = try Bench.reaching(.rampingUp)
        var seen = 0
        for _ in 0..<300 {
            let out = bench.step()
            guard let asked = out.request else { continue }
            seen += 1
            let block = out.block(tick: 77)
            #expect(JournalEntry.kind(block) == .outputs)
            #expect(JournalEntry.tick(block) == 77)
            #expect(block.words[2] & 0xFF == Int64(out.state.code))
            #expect(block.words[2] >> 8 & 0xFF == Int64(out.demand.code))
            #expect(block.words[2] >> 16 & 0xFF == 1)
            #expect(block.words[2] >> 24 & 0xFF == (asked.isOnPlateau ? 1 : 0))
            #expect(block.words[2] >> 32 & 0xFF == Int64(asked.part.code))
            #expect(block.words[3] & 0xFFFF_FFFF == Int64(out.setAmplitude.microamperes))
            #expect(block.words[3] >> 32 == Int64(asked.amplitude.microamperes))
            #expect(block.words[4] & 0xFFFF_FFFF == Int64(asked.run))
            #expect(block.words[4] >> 32 == Int64(asked.contraction))
            #expect(block.words[5] == Int64(out.events.count))
        }
        #expect(seen > 5)
    }

    @Test func `the place of a pulse and the second amplitude stand in the block`() throws {
        var bench = Bench(try Doses.pair(Doses.train()))
        bench.begin()
        bench.raise(to: 2_000, at: .first)
        bench.raise(to: 3_000, at: .second)
        var seen: [ChannelPlace: Int] = [:]
        for _ in 0..<300 {
            let out = bench.step()
            guard let asked = out.request else { continue }
            seen[asked.place, default: 0] += 1
            let block = out.block(tick: 77)
            #expect(block.words[2] >> 40 & 0xFF == Int64(asked.place.code))
            #expect(block.words[3] & 0xFFFF_FFFF == 2_000)
            #expect(block.words[3] >> 32 == (asked.place == .first ? 2_000 : 3_000))
            #expect(block.words[5] >> 32 == 3_000)
        }
        #expect(seen.count == 2)
    }

    @Test func `events of a step come back in order, six to a block`() throws {
        var out = StepOutputs(state: .idle, demand: .off, setAmplitude: .zero)
        var written: [SessionEvent] = []
        for number in Int32(0)..<24 {
            let kind = SessionEventKind(rawValue: UInt8(number % 21) + 1) ?? .fault
            let event = SessionEvent(
                kind, value: number * 1_000 - 5_000, detail: UInt8(number), at: number % 3 == 0 ? .second : .first)
            out.events.append(event)
            written.append(event)
        }
        var read: [SessionEvent] = []
        for first in [0, 6, 12, 18] {
            let block = try #require(out.eventBlock(tick: 3, from: first))
            for index in 0..<6 { read.append(try #require(SessionEvent(word: block.words[2 + index]))) }
        }
        #expect(read == written)
        #expect(out.eventBlock(tick: 3, from: 24) == nil)
    }

    @Test func `an event too many keeps the newest and never grows`() {
        var events = SessionEvents()
        for number in Int32(0)..<30 { events.append(SessionEvent(.raised, value: number)) }
        let count = events.count
        #expect(count == 24)
        #expect(events[23].value == 29)
        #expect(events[10].value == 10)
    }

    @Test(arguments: seeds) func `an event comes back from its word`(seed: UInt64) {
        var chance = SeededChance(seed: seed)
        for _ in 0..<500 {
            let kind = SessionEventKind(rawValue: UInt8.random(in: 0...24, using: &chance)) ?? .none
            let event = SessionEvent(
                kind, value: Int32(truncatingIfNeeded: chance.next()), detail: UInt8.random(in: 0...255, using: &chance)
            )
            #expect(SessionEvent(word: event.word) == event)
            let isOther = event != event
            #expect(!isOther)
        }
        #expect(SessionEvent(word: 25) == nil)
        // No third place.
        #expect(SessionEvent(word: 1 | 2 << 16) == nil)
        #expect(SessionEvent(word: 255) == nil)
    }
}

// Proves R-REC-05.
@Suite struct StatusSnapshotTests {
    @Test(arguments: allStates) func `a snapshot comes back from its block`(state: SessionState) throws {
        let bench = try Bench.reaching(state)
        var snapshot = StatusSnapshot(bench.machine)
        #expect(snapshot.state == state)
        #expect(snapshot.setAmplitude.microamperes == bench.set)
        snapshot.condition = .ready
        snapshot.isProvenOff = true
        snapshot.lastDelivered = Current(microamperes: -1)
        snapshot.worstLatenessMicroseconds = Int32.max
        snapshot.unsurePulses = Int32.min
        snapshot.chargedNanocoulombs = Int64.max
        let read = try #require(StatusSnapshot(snapshot.block))
        #expect(read.state == snapshot.state)
        #expect(read.part == snapshot.part)
        #expect(read.condition == .ready)
        #expect(read.fault == snapshot.fault)
        #expect(read.stopCause == snapshot.stopCause)
        #expect(read.isTitrating == snapshot.isTitrating)
        #expect(read.isProvenOff)
        #expect(read.setAmplitude == snapshot.setAmplitude)
        #expect(read.lastDelivered == snapshot.lastDelivered)
        #expect(read.highestDelivered == snapshot.highestDelivered)
        #expect(read.contraction == snapshot.contraction)
        #expect(read.phaseRemainingMilliseconds == snapshot.phaseRemainingMilliseconds)
        #expect(read.treatmentMilliseconds == snapshot.treatmentMilliseconds)
        #expect(read.deliveredPulses == snapshot.deliveredPulses)
        #expect(read.unsurePulses == Int32.min)
        #expect(read.missedTicks == snapshot.missedTicks)
        #expect(read.worstLatenessMicroseconds == Int32.max)
        // 48 bits of it: more than any charge.
        #expect(read.chargedNanocoulombs == Int64.max & 0xFFFF_FFFF_FFFF)
        #expect(read.block == snapshot.block)
    }

    @Test(arguments: bothPlaces) func `a snapshot of either channel comes back`(place: ChannelPlace) throws {
        var bench = Bench(try Doses.pair(Doses.contractions(), searches: true))
        bench.begin(.beginSearch)
        bench.raise(to: 1_000)
        bench.step(.markMotor)
        bench.step(.markSensory)
        bench.step(.endSearch)
        bench.step(.beginTreatment)
        bench.run(to: .holding)
        bench.raise(to: 2_000, at: .second)
        let snapshot = StatusSnapshot(bench.machine, at: place)
        let read = try #require(StatusSnapshot(snapshot.block))
        #expect(read.block == snapshot.block)
        #expect(read.place == place && read.channelCount == 2)
        #expect(read.channelState == bench.channelState(place))
        #expect(read.setAmplitude.microamperes == bench.set(place))
        #expect(read.setAmplitude.microamperes == (place == .first ? 0 : 2_000))
        #expect(read.motorThreshold.microamperes == (place == .first ? 1_000 : 0))
        #expect(read.sensoryThreshold.microamperes == (place == .first ? 1_000 : 0))
        #expect(read.isTitrating && read.contraction == 1)
    }

    @Test func `a block that is no snapshot is refused`() throws {
        let good = StatusSnapshot(try Bench.reaching(.holding).machine).block
        for (byte, wrong) in [(0, 12), (1, 0), (1, 3), (2, 7), (3, 12), (4, 15), (5, 8), (6, 9)] {
            var block = good
            block.words[0] = block.words[0] & ~(0xFF << (8 * byte)) | Int64(wrong) << (8 * byte)
            #expect(StatusSnapshot(block) == nil, "byte \(byte) holding \(wrong)")
        }
    }
}
