import ByteStreams
import DeviceDrivers
import Foundation
import Glibc
import MachineChecks
import SessionRecords

/// What the kernel and the file system say, as facts. Nothing is judged here.
enum MachineReader {
    static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    static func user() -> UserFacts {
        let name = NSUserName()
        let groupFile = text("/etc/group")
        return UserFacts(
            name: name, isRoot: geteuid() == 0,
            groups: GroupTable.names(inStatus: text("/proc/self/status"), groupFile: groupFile),
            groupsAtNextLogin: GroupTable.names(listing: name, groupFile: groupFile))
    }

    /// The lines found, those of a rig that are there, and the one that was named, there or not.
    static func serialLines(_ given: [String], mustExist named: String?) -> [SerialFacts] {
        SerialDevice.list(given: given).filter { $0.state != .absent || $0.path == named }.map { device in
            let usb = device.usb.map { "\($0.vendor):\($0.product) \($0.name) \($0.serialNumber)" }
            let attributes = try? FileManager.default.attributesOfItem(atPath: device.device)
            let state: SerialFacts.State
            switch device.state {
            case _ where device.kind == .notALine && device.state != .absent: state = .notALine
            case .free: state = .free
            case .inUse(let holder): state = .held(by: "\(holder)")
            case .notPermitted: state = .notPermitted
            case .absent: state = .absent
            }
            return SerialFacts(
                path: device.path, device: device.device, usb: usb,
                group: attributes?[.groupOwnerAccountName] as? String ?? "dialout", state: state)
        }
    }

    /// Which of these programs run, by the names that the kernel knows.
    static func running(_ names: [String]) -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let all = processes.filter { Int32($0) != nil }.map { process in
            text("/proc/\(process)/comm").trimmingCharacters(in: .newlines)
        }
        return names.filter(all.contains)
    }

    /// Asks for a real-time thread, as a session does, and lets it go again.
    static func realTime(isRequired: Bool) throws -> RealTimeFacts {
        let report: RealtimeReport
        do {
            let thread = try RealtimeThread(
                named: "doctor", asking: RealtimeRequest(.bestEffort), owner: RealtimeProbe.Nothing(),
                body: { _, _ in })
            report = thread.report
            _ = thread.join()
        } catch {
            throw Failure(.internalError, "a trial thread could not be started: \(error)")
        }
        return realTime(report, isRequired: isRequired)
    }

    /// What a thread was granted that has run already.
    static func realTime(_ report: RealtimeReport, isRequired: Bool) -> RealTimeFacts {
        var schedulingRefusal: String?
        if case .ordinary(let why) = report.scheduling { schedulingRefusal = why }
        var memoryRefusal: String?
        switch report.memory {
        case .locked: break
        case .notAsked: memoryRefusal = "not asked"
        case .unlocked(let why): memoryRefusal = why
        }
        return RealTimeFacts(
            schedulingRefusal: schedulingRefusal, memoryRefusal: memoryRefusal, limits: text("/proc/self/limits"),
            kernel: report.kernel, preemption: report.preemption, governor: report.governor,
            wakeUpLatencyMicroseconds: wakeUpLatency(), isRequired: isRequired)
    }

    /// Reading it asks for nothing; only writing would.
    private static func wakeUpLatency() -> Int32? {
        guard let file = FileHandle(forReadingAtPath: "/dev/cpu_dma_latency") else { return nil }
        let bytes = (try? file.read(upToCount: 4)) ?? Data()
        try? file.close()
        guard bytes.count == 4 else { return nil }
        // A whole number of 32 bits in the machine's own order, which is little-endian on every Linux that Swift knows.
        return bytes.reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
    }

    /// Tries the folder, or the nearest one above that exists: a session would make the rest.
    static func data(_ folder: String) -> DataFacts {
        let files = FileManager.default
        let exists = Places.isFolder(folder)
        var place = folder.hasPrefix("/") ? folder : files.currentDirectoryPath + "/" + folder
        while !files.fileExists(atPath: place), let slash = place.lastIndex(of: "/"), slash > place.startIndex {
            place = String(place[..<slash])
        }
        if !files.fileExists(atPath: place) { place = "/" }
        let resolved = URL(fileURLWithPath: place).resolvingSymlinksInPath().path
        let system = try? files.attributesOfFileSystem(forPath: place)
        return DataFacts(
            folder: folder, exists: exists,
            trialProblem: Places.isFolder(place) ? trialProblem(in: place) : "\(place) is no folder",
            freeBytes: (system?[.systemFreeSize] as? NSNumber)?.int64Value,
            fileSystem: MountTable.fileSystem(of: resolved, mountInfo: text("/proc/self/mountinfo")),
            neededBytes: SessionStore.defaultNeededBytes)
    }

    /// A file is made, written, made durable and removed, and its folder is made durable too.
    private static func trialProblem(in folder: String) -> String? {
        let path = "\(folder)/.motorpoint-doctor-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        do {
            try Data("motorpoint doctor\n".utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            return "a file cannot be made in \(folder) (\(reason(error)))"
        }
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            guard let file = FileHandle(forUpdatingAtPath: path) else { return "\(path) cannot be opened again" }
            try file.synchronize()
            try file.close()
            return nil
        } catch {
            return "what was written in \(folder) cannot be made durable (\(reason(error)))"
        }
    }

    private static func reason(_ error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey]
        if let inner = inner as? POSIXError { return DiskError(number: inner.code.rawValue, call: "open").words }
        if let inner = inner as? NSError, inner.domain == NSPOSIXErrorDomain {
            return DiskError(number: Int32(clamping: inner.code), call: "open").words
        }
        switch (error as? CocoaError)?.code {
        case .fileWriteNoPermission?: return "permission denied"
        case .fileWriteOutOfSpace?: return "no space left on device"
        case .fileWriteVolumeReadOnly?: return "read-only file system"
        default: return error.localizedDescription
        }
    }
}
