import SafetyKernel
import StimulusModel
import Testing

@Suite struct LimitTableTests {
    static let tables: [(ElectrodeKind, LimitTable)] = [
        (.surface, .absoluteSurface), (.needle, .absoluteNeedle),
    ]

    // Proves R-LIM-05.
    @Test func `there are as many kinds as the table has places`() {
        #expect(allKinds.count == LimitKind.count)
        #expect(LimitKind(rawValue: UInt8(LimitKind.count)) == nil)
    }

    // Proves R-LIM-05.
    @Test func `every kind has a limit of its own`() {
        for (_, table) in Self.tables {
            for kind in allKinds {
                #expect(table[kind].setBy == .absolute)
                #expect(kind == .netCharge ? table[kind].value == 0 : table[kind].value > 0, "\(kind)")
            }
        }
    }

    // Proves R-LIM-05.
    @Test func `a number at its limit passes, one step over is refused with asked, limit and who`() {
        for (_, absolute) in Self.tables {
            for source in [LimitSource.absolute, .clinic] {
                for kind in allKinds {
                    var table = absolute
                    if source == .clinic {
                        table.tighten(kind, to: table[kind].value + (kind.isLowerBound ? 7 : -7), by: .clinic)
                    }
                    let bound = table[kind].value
                    #expect(table.allows(kind, bound))
                    #expect(refusal { () throws(Refusal) in try table.check(kind, bound) } == nil)
                    guard bound != Int64.max else { continue }
                    let over = kind.isLowerBound ? bound - 1 : bound + 1
                    #expect(!table.allows(kind, over))
                    let refused = RefusedLimit(refusal { () throws(Refusal) in try table.check(kind, over) })
                    #expect(refused == RefusedLimit(kind, asked: over, limit: bound, setBy: source))
                }
            }
        }
    }

    // Proves R-LIM-01, R-LIM-02, R-LIM-06, R-LIM-07, R-LIM-08, R-LIM-10, R-LIM-11, R-LIM-12, R-LIM-13, R-LIM-14.
    // Proves R-LIM-15, R-LIM-16, R-DUR-06, R-AMP-01, R-AMP-02, R-DUR-01, R-DUR-02, R-DUR-03, R-DUR-04.
    /// The numbers of `decided.md` and `clinical.md` 1.8, written down a second time: a change in one place is seen.
    @Test func `the absolute limits are the decided ones`() {
        let surface = LimitTable.absoluteSurface
        #expect(surface[.amplitude].value == 80_000)
        #expect(surface[.amplitudeRise].value == 2_000)
        #expect(surface[.chargePerPhase].value == 32_000_000)
        #expect(surface[.currentDensity].value == 2_000)
        #expect(surface[.powerDensity].value == 100_000)
        #expect(surface[.sessionTime].value == 1_200_000)
        #expect(surface[.amplitudeStep].value == 1_000)
        let needle = LimitTable.absoluteNeedle
        #expect(needle[.amplitude].value == 10_000)
        #expect(needle[.amplitudeRise].value == 500)
        #expect(needle[.chargePerPhase].value == 4_000_000)
        #expect(needle[.sessionTime].value == 1_800_000)
        #expect(needle[.amplitudeStep].value == 100)
        #expect(surface[.chargePerDay].value == 360_000_000_000)
        #expect(needle[.chargePerDay].value == 120_000_000_000)
        for table in [surface, needle] {
            #expect(table[.longestPhase].value == 500)
            #expect(table[.shortestPhase].value == 50)
            #expect(table[.frequency].value == 100_000)
            #expect(table[.lowestFrequency].value == 1_000)
            #expect(table[.netCharge].value == 0)
            #expect(table[.rootMeanSquare].value == 50_000)
            #expect(table[.energyPerPulse].value == 300_000_000)
            #expect(table[.contractions].value == 30)
            #expect(table[.restBetweenSessions].value == 86_400_000)
            #expect(table[.attendedTime].value == 3_600_000)
            #expect(table[.titrationContractions].value == 5)
            #expect(table[.sessionsPerDay].value == 4)
            #expect(table[.directCurrent].value == 10_000)
        }
    }

    // Proves R-LIM-05.
    @Test func `the limits agree with each other`() {
        for (_, table) in Self.tables {
            // A charge limit above amplitude times longest phase would never bind.
            #expect(table[.chargePerPhase].value <= table[.amplitude].value * table[.longestPhase].value)
            #expect(table[.shortestPhase].value < table[.longestPhase].value)
            #expect(table[.lowestFrequency].value < table[.frequency].value)
            // One press may be one rise, and must fit below the amplitude.
            #expect(table[.amplitudeStep].value <= table[.amplitudeRise].value)
            #expect(table[.amplitudeStep].value < table[.amplitude].value)
            #expect(table[.sessionTime].value < table[.attendedTime].value)
            // Two phases and a gap of 1 ms fit into the shortest period.
            let longestPulse = 2 * table[.longestPhase].value + 1_000
            #expect(longestPulse < 1_000_000_000 / table[.frequency].value)
        }
        #expect(LimitTable.absoluteNeedle[.amplitude].value < LimitTable.absoluteSurface[.amplitude].value)
        #expect(LimitTable.absoluteNeedle[.amplitudeRise].value < LimitTable.absoluteSurface[.amplitudeRise].value)
        #expect(LimitTable.absoluteNeedle[.chargePerPhase].value < LimitTable.absoluteSurface[.chargePerPhase].value)
    }

    // Proves R-LIM-04.
    @Test(arguments: seeds) func `from any order the table ends at the tightest request and never loosens`(seed: UInt64)
    {
        var chance = SeededChance(seed: seed)
        for (_, absolute) in Self.tables {
            for _ in 0..<40 {
                var requests: [(kind: LimitKind, value: Int64, source: LimitSource)] = []
                for _ in 0..<60 {
                    let kind = allKinds[Int.random(in: 0..<allKinds.count, using: &chance)]
                    let around = absolute[kind].value == Int64.max ? 1_000_000 : absolute[kind].value
                    var value = Int64.random(in: around / 2...around * 2 + 2, using: &chance)
                    if chance.once(in: 12) {
                        let absurd: [Int64] = [Int64.min, Int64.max, 0, -1]
                        value = absurd.randomElement(using: &chance) ?? 0
                    }
                    let source = LimitSource(rawValue: UInt8.random(in: 1...7, using: &chance)) ?? .clinic
                    requests.append((kind, value, source))
                }
                var table = absolute
                for request in requests {
                    let before = table
                    table.tighten(request.kind, to: request.value, by: request.source)
                    for kind in allKinds {
                        let now = table[kind].value
                        #expect(kind.isLowerBound ? now >= before[kind].value : now <= before[kind].value)
                    }
                }
                var other = absolute
                for request in requests.shuffled(using: &chance) {
                    other.tighten(request.kind, to: request.value, by: request.source)
                }
                for kind in allKinds {
                    let asked = requests.filter { $0.kind == kind }.map(\.value) + [absolute[kind].value]
                    let tightest = kind.isLowerBound ? asked.max() : asked.min()
                    #expect(table[kind].value == tightest)
                    #expect(other[kind].value == tightest)
                    let setters = requests.filter { $0.kind == kind && $0.value == tightest }.map(\.source)
                    #expect(setters.contains(table[kind].setBy) || table[kind] == absolute[kind])
                }
            }
        }
    }

    // Proves R-LIM-04.
    @Test func `who was first at a value keeps the name`() {
        var table = LimitTable.absoluteSurface
        table.tighten(.amplitude, to: 30_000, by: .clinic)
        table.tighten(.amplitude, to: 30_000, by: .practitioner)
        table.tighten(.amplitude, to: 31_000, by: .checklist)
        #expect(table[.amplitude].value == 30_000)
        #expect(table[.amplitude].setBy == .clinic)
        #expect(table.maximumAmplitude.microamperes == 30_000)
    }

    // Proves R-LIM-17.
    @Test func `a limit too large for a current is the largest current, not a wrapped one`() {
        var table = LimitTable.absoluteSurface
        table.tighten(.amplitude, to: Int64.min, by: .clinic)
        #expect(table.maximumAmplitude.microamperes == Int32.min)
    }
}

// Proves R-LIM-05.
@Suite struct RefusalTests {
    @Test func `two refusals of one number differ when limit or owner differ`() {
        let a = Refusal.limit(.amplitude, asked: 90_000, limit: 80_000, setBy: .absolute)
        #expect(a == Refusal.limit(.amplitude, asked: 90_000, limit: 80_000, setBy: .absolute))
        #expect(a != Refusal.limit(.amplitude, asked: 90_000, limit: 60_000, setBy: .absolute))
        #expect(a != Refusal.limit(.amplitude, asked: 90_000, limit: 80_000, setBy: .clinic))
        #expect(a != Refusal.limit(.frequency, asked: 90_000, limit: 80_000, setBy: .absolute))
        #expect(
            Refusal.electrodeKind(asked: .needle, rated: .surface)
                != Refusal.electrodeKind(asked: .needle, rated: .needle))
    }

    @Test func `two refusals differ when what was asked differs, and one is itself`() {
        let a = Refusal.limit(.amplitude, asked: 90_000, limit: 80_000, setBy: .absolute)
        #expect(!(a == Refusal.limit(.amplitude, asked: 90_001, limit: 80_000, setBy: .absolute)))
        #expect(!(a != Refusal.limit(.amplitude, asked: 90_000, limit: 80_000, setBy: .absolute)))
        let b = Refusal.electrodeKind(asked: .needle, rated: .surface)
        #expect(!(b == Refusal.electrodeKind(asked: .surface, rated: .surface)))
        #expect(!(b != Refusal.electrodeKind(asked: .needle, rated: .surface)))
    }

    @Test func `equal refusals have equal hashes`() {
        let all: [Refusal] = [
            .limit(.amplitude, asked: 1, limit: 0, setBy: .absolute),
            .limit(.amplitude, asked: 1, limit: 0, setBy: .clinic),
            .limit(.amplitude, asked: 1, limit: -1, setBy: .absolute),
            .gatesMissing(.consent), .gatesMissing(.side), .electrodeKind(asked: .needle, rated: .surface),
            .electrodeKind(asked: .surface, rated: .needle), .noSuchChannel, .phaseNotSupported(microseconds: 5),
            .padAreaImplausible(squareMillimetres: 5), .searchMismatch, .firstSessionStage, .malformedPattern,
            .nothingToDo, .clockSetBack, .stimulatorNotReady, .amplitudeOffGrid(microamperes: 5), .rampBeforePlateau,
            .raiseOutsidePlateau, .partNotAuthorized, .channelsMismatch, .patternOverrun,
            .needleTooSmall(diameterMicrometres: 249, insertedMillimetres: 15),
            .needleTooSmall(diameterMicrometres: 250, insertedMillimetres: 14),
            .needleTooSmall(diameterMicrometres: 250, insertedMillimetres: -14), .contactMismatch,
            .patternNotForNeedles, .motorThresholdMissing,
        ]
        for (i, a) in all.enumerated() {
            for (j, b) in all.enumerated() {
                #expect((a == b) == (i == j), "\(a) and \(b)")
                if a == b { #expect(a.hashValue == b.hashValue) }
            }
        }
        // The journal's number of a refusal names its case.
        let codes = all.map(\.words.code)
        #expect(Set(codes).count == 22)
    }
}
