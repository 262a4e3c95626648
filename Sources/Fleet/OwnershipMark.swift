// Whose browser is it?
//
// A farm that is killed leaves profile folders, and where the kernel's parent-death signal did not reach, browsers. The next farm must
// remove exactly those that belonged to a dead farm: not a stranger's Chromium, not the browsers of a farm that runs beside it.
//
// So each browser has a folder with a mark file written before it starts: who owns it (process id, start time of that process, boot id),
// and a random id that the browser also carries in its environment. An owner is alive if a process with that id *and* that start time is
// there in the same boot; ids are reused, the pair is not. A process is ours if its environment has the random id. Chromium writes over the
// environments of its processes, so the group counts, too: ids of groups are reused, but not while a process is in the group, so that a group
// whose leader started when ours did is ours, and so is one without a leader that holds nothing but processes of a browser.

package import Foundation
import DevTools

package struct OwnershipMark: Sendable, Codable, Equatable {
    /// Random; also in the environment of the browser and its children.
    var id: String
    /// Name of the farm, for people who look into the folder.
    var farm: String
    var ownerPid: Int32
    /// Clock ticks from boot to the start of the owner (`/proc/PID/stat`, field 22).
    var ownerStart: UInt64
    var boot: String
    /// Process group; 0 until the browser has been spawned.
    var group: Int32
    /// When its leader started, as `ownerStart`.
    var groupStart: UInt64?

    static let variable = "GLEANER_BROWSER_MARK"
    static let fileName = "mark.json"
    static let folderPrefix = "browser-"

    static func ours(farm: String) -> OwnershipMark {
        let pid = getpid()
        return OwnershipMark(
            id: UUID().uuidString, farm: farm, ownerPid: pid, ownerStart: ProcessTable.startTime(of: pid) ?? 0, boot: ProcessTable.boot,
            group: 0)
    }

    /// False only where the owner is proven to be gone.
    var isOwnerAlive: Bool {
        guard boot == ProcessTable.boot else { return false }
        guard let start = ProcessTable.startTime(of: ownerPid) else { return false }
        return start == ownerStart
    }

    /// Whether that process belongs to the browser of this mark.
    func owns(_ pid: Int32) -> Bool {
        if ProcessTable.environment(of: pid, has: "\(OwnershipMark.variable)=\(id)") { return true }
        guard group > 1, boot == ProcessTable.boot, let groupStart, getpgid(pid) == group, let start = ProcessTable.startTime(of: pid) else {
            return false
        }
        if let leader = ProcessTable.startTime(of: group) { return leader == groupStart }
        return start >= groupStart && ProcessTable.isBrowser(pid)
    }
}

/// A process as text, to be kept where other processes look: "BOOT/PID/START".
package enum ProcessMark {
    package static let own = "\(ProcessTable.boot)/\(ProcessTable.space)/\(getpid())/\(ProcessTable.startTime(of: getpid()) ?? 0)"

    /// True only where the process is proven to be gone: of this machine, this start of it and this container, and not there. Of others
    /// nothing is known.
    package static func isGone(_ mark: String) -> Bool {
        let parts = mark.split(separator: "/")
        guard parts.count == 4, parts[0] == ProcessTable.boot, parts[1] == ProcessTable.space, let pid = Int32(parts[2]),
            let start = UInt64(parts[3])
        else { return false }
        return ProcessTable.startTime(of: pid) != start
    }
}

/// What `/proc` tells.
enum ProcessTable {
    static let boot: String = {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    }()

    /// The space in which a process number means something: containers of one machine share its start, not their numbers (pid_namespaces(7)).
    static let space = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? "-"

    static func startTime(of pid: Int32) -> UInt64? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        // The name, field 2, stands in parentheses and may hold anything.
        guard let paren = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: paren)...].split(separator: " ")
        // One that is over and waits only for its parent to take note (Z, X) does nothing any more.
        if let state = fields.first, state == "Z" || state == "X" { return nil }
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    static func pids() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
    }

    /// By the name of the program that it runs.
    static func isBrowser(_ pid: Int32) -> Bool {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")) ?? ""
        let name = program.split(separator: "/").last ?? ""
        return name.contains("chrom") || name.contains("headless")
    }

    /// True if the environment that the process was started with has `NAME=VALUE`.
    static func environment(of pid: Int32, has entry: String) -> Bool {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/environ")) else { return false }
        return bytes.split(separator: 0).contains { $0.elementsEqual(entry.utf8) }
    }
}

/// The folder of one browser: the mark, and in it the profile, which the browser's account owns.
struct OwnedFolder: Sendable {
    let url: URL
    let mark: OwnershipMark
    var profile: URL { url.appending(path: "profile", directoryHint: .isDirectory) }

    static func make(in root: URL, farm: String, account: Account?) throws(FleetError) -> OwnedFolder {
        let mark = OwnershipMark.ours(farm: farm)
        let folder = OwnedFolder(
            url: root.appending(path: OwnershipMark.folderPrefix + mark.id, directoryHint: .isDirectory), mark: mark)
        let files = FileManager.default
        do {
            // 0711: the browser's account must pass through, not look around.
            try files.createDirectory(at: folder.url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
            try JSONEncoder().encode(mark).write(to: folder.url.appending(path: OwnershipMark.fileName))
            try files.createDirectory(at: folder.profile, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            folder.remove()
            throw FleetError(.launchFailed, "no profile folder could be made in \(root.path); is the disk full?", underlying: error)
        }
        if let account, chown(folder.profile.path, account.user, account.group) != 0 {
            folder.remove()
            throw FleetError(.launchFailed, "\(folder.profile.path) could not be given to \(account.name)")
        }
        return folder
    }

    func record(group: Int32) {
        var mark = mark
        mark.group = group
        mark.groupStart = ProcessTable.startTime(of: group)
        // A failure leaves group 0: a later farm then finds the processes by their environment alone.
        try? JSONEncoder().encode(mark).write(to: url.appending(path: OwnershipMark.fileName), options: .atomic)
    }

    /// Chromium's helpers may still write while they die, so a second try. The mark goes last: who is killed meanwhile leaves a folder whose
    /// owner is known.
    func remove() {
        for _ in 0..<3 {
            try? FileManager.default.removeItem(at: profile)
            if FileManager.default.fileExists(atPath: profile.path) {
                usleep(20_000)
                continue
            }
            try? FileManager.default.removeItem(at: url)
            if !FileManager.default.fileExists(atPath: url.path) { return }
            usleep(20_000)
        }
    }
}

/// Removes what dead farms left in a folder.
package enum Orphans {
    package struct Reaped: Sendable, Equatable {
        package var processes = 0
        package var folders = 0
    }

    /// A farm was killed between making the folder and writing the mark: nothing is in it, for longer than that takes.
    private static func isUnfinished(_ folder: URL) -> Bool {
        let files = FileManager.default
        guard let content = try? files.contentsOfDirectory(atPath: folder.path), content.isEmpty,
            let made = (try? files.attributesOfItem(atPath: folder.path))?[.modificationDate] as? Date
        else { return false }
        return made < Date(timeIntervalSinceNow: -60)
    }

    /// Only browsers whose mark can be read and whose owner is gone; blocks for moments.
    package static func reap(in root: URL) -> Reaped {
        var reaped = Reaped()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        for name in names where name.hasPrefix(OwnershipMark.folderPrefix) {
            let folder = root.appending(path: name, directoryHint: .isDirectory)
            if isUnfinished(folder) {
                if rmdir(folder.path) == 0 { reaped.folders += 1 }
                continue
            }
            guard let data = try? Data(contentsOf: folder.appending(path: OwnershipMark.fileName)),
                let mark = try? JSONDecoder().decode(OwnershipMark.self, from: data),
                name == OwnershipMark.folderPrefix + mark.id, !mark.isOwnerAlive
            else { continue }
            // Twice: a process may have forked while we looked. The leader goes last, since it proves whose the group is.
            for _ in 0..<2 {
                let ours = ProcessTable.pids().filter { mark.owns($0) }
                for pid in ours.filter({ $0 != mark.group }) + ours.filter({ $0 == mark.group }) where kill(pid, SIGKILL) == 0 {
                    reaped.processes += 1
                }
            }
            OwnedFolder(url: folder, mark: mark).remove()
            reaped.folders += 1
        }
        return reaped
    }
}
