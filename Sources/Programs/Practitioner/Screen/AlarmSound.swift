// Alarm sounds through a player of the system, where there is one. On a thread of its own: the console only says what
// is to be heard, and neither it nor the control loop ever waits for a sound. No sound is never an error: the screen
// says everything, and the terminal's bell rings as well.
import ByteStreams
import DeviceDrivers
import Foundation
import SessionScreen
import StimulusModel
import Synchronization

/// What the console wants heard, and whether the session is over.
final class SoundDesk: Sendable {
    private let asked = Atomic<UInt8>(0)
    private let over = Atomic<Bool>(false)
    private let player = Atomic<Bool>(false)

    /// Whether somebody plays what is asked for.
    var hasPlayer: Bool { player.load(ordering: .acquiring) }
    func foundPlayer() { player.store(true, ordering: .releasing) }
    /// It is there and does not play: the bell has to do.
    func lostPlayer() { player.store(false, ordering: .releasing) }

    func play(_ priority: AlarmPriority) { asked.store(priority.rawValue, ordering: .releasing) }
    func take() -> AlarmPriority? { AlarmPriority(rawValue: asked.exchange(0, ordering: .acquiringAndReleasing)) }
    func end() { over.store(true, ordering: .releasing) }
    var isOver: Bool { over.load(ordering: .acquiring) }
}

struct AlarmSound: ~Copyable {
    private let desk: SoundDesk
    private let thread: OwnedThread<SoundWork>

    /// Nothing when this computer has no player, or when the sounds cannot be laid down.
    init?(for desk: SoundDesk, environment: [String: String]) {
        guard let player = AlarmSound.player(in: environment["PATH"] ?? "/usr/bin:/bin") else { return nil }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("motorpoint-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            for priority in [AlarmPriority.low, .medium, .high] {
                let file = folder.appendingPathComponent(SoundWork.file(priority))
                try Data(AlarmTone.wave(priority)).write(to: file)
            }
            let work = SoundWork(desk: desk, player: player, folder: folder.path, environment: environment)
            thread = try OwnedThread(named: "sound", stackBytes: 1 << 20, owner: work) { $0.run() }
            self.desk = desk
            desk.foundPlayer()
        } catch {
            try? FileManager.default.removeItem(at: folder)
            return nil
        }
    }

    deinit { desk.end() }

    /// The first of the usual players that is there.
    private static func player(in path: String) -> String? {
        for name in ["pw-play", "paplay", "aplay"] {
            for folder in path.split(separator: ":") {
                let file = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: file) { return file }
            }
        }
        return nil
    }
}

/// The thread's own: starts the player, collects it when it has ended, and never starts a second one meanwhile.
struct SoundWork: ~Copyable {
    let desk: SoundDesk
    let player: String
    let folder: String
    let environment: [String: String]
    private var playing: ChildProcess?

    init(desk: SoundDesk, player: String, folder: String, environment: [String: String]) {
        self.desk = desk
        self.player = player
        self.folder = folder
        self.environment = environment
        playing = nil
    }

    static func file(_ priority: AlarmPriority) -> String { "alarm-\(priority.rawValue).wav" }

    mutating func run() {
        while !desk.isOver {
            turn()
            SoundWork.sleep(milliseconds: 20)
        }
        // The last one is heard to its end, by itself.
        turn()
        if let last = playing.take() {
            SoundWork.sleep(milliseconds: 200)
            last.leaveRunning()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private mutating func turn() {
        if let ending = playing?.poll() {
            if ending != .exited(status: 0) { desk.lostPlayer() }
            playing = nil
        }
        guard let priority = desk.take() else { return }
        // A more urgent one does not wait for the other to end, and nobody waits for one that cannot be ended.
        if let last = playing.take() { last.leaveRunning() }
        do {
            playing = try ChildProcess(
                player, arguments: ["\(folder)/\(SoundWork.file(priority))"], environment: environment,
                on: .descriptors(input: nil, output: nil, error: nil))
        } catch {
            desk.lostPlayer()
        }
    }

    private static func sleep(milliseconds: Int64) {
        SystemClock.sleep(until: SystemClock.now().advanced(by: TimeSpan(milliseconds: milliseconds)))
    }
}
