// The control loop's tick under the compiler's RealtimeSanitizer: what allocates, locks or may block inside it is
// reported with its stack, and ends the program with status 43. `scripts/realtime.sh` builds and runs it.
//
// Usage: Realtime TICKS SEED [nothing|allocation|lock]
internal import CRealtimeSanitizer
internal import Foundation
internal import SafetyKernel
internal import VirtualHost

@main struct Realtime {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, let wanted = Int64(arguments[1]), let seed = UInt64(arguments[2]),
            let planted = Planted(rawValue: arguments.count > 3 ? arguments[3] : "nothing")
        else {
            FileHandle.standardError.write(Data("usage: Realtime TICKS SEED [nothing|allocation|lock]\n".utf8))
            exit(64)
        }
        realtime_start()
        var walk = Walk(planted: planted)
        // As the loop itself warms up: one session on each rig, outside the context.
        walk.isWatched = false
        for index in 0..<2 as Range<UInt64> { try walk.run(Script(seed: index, temper: .sensible), atMost: 2_000) }
        walk = Walk(planted: planted)
        var next: UInt64 = 0
        while walk.ticks < wanted {
            let script = Script.long(next) ?? Script(seed: seed &+ next)
            try walk.run(script, atMost: script.longest)
            next += 1
        }
        var storm = GateStorm()
        try storm.run(
            try Doses.plan(search: Doses.search(), treatment: Doses.relieve(), earlierTreatments: 3), seed: seed,
            requests: 100_000)
        try storm.run(
            try NeedleDoses.plan(search: NeedleDoses.search(), treatment: NeedleDoses.dense()), seed: seed,
            requests: 100_000)
        let missing = walk.seen.missing + storm.missing
        for line in missing { print("realtime: NOT REACHED: \(line)") }
        print(
            "realtime: \(walk.ticks) ticks in \(walk.sessions) sessions from seed \(seed), \(storm.asked) requests to "
                + "the gate; reached \(walk.seen.words), \(storm.words); not for a tick: \(Seen.left); 0 calls that "
                + "allocate, lock or block")
        if !missing.isEmpty { exit(1) }
    }
}
