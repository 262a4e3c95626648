import DevTools
@testable import Fleet
import Foundation
import GleanerTesting
import TestMaterial
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite(.enabled(if: hasChromium), .serialized) struct FleetTests {
    /// Folders of browsers, and processes that carry the mark of one of them.
    private static func left(in folder: URL) -> (folders: [String], processes: [Int32]) {
        let folders = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasPrefix("browser-") }
        let processes = ProcessTable.pids().filter { pid in
            let command = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline"))) ?? Data()
            return String(decoding: command, as: UTF8.self).contains(folder.path)
        }
        return (folders, processes)
    }

    private static func leader(in folder: URL) -> Int32 {
        let (folders, _) = left(in: folder)
        let marks = folders.compactMap { name -> OwnershipMark? in
            let file = folder.appending(path: name).appending(path: OwnershipMark.fileName)
            return (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(OwnershipMark.self, from: $0) }
        }
        return marks.first?.group ?? 0
    }

    /// Between `start` and `close` there is a browser with a folder; after it neither.
    @Test func nothingIsLeft() async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder.path)
            let configuration = try configuration(in: folder) { $0.browsers = 2 }
            try await Fleet.with(configuration) { fleet in
                _ = try await fleet.page("data:text/html,one", key: "a")
                #expect(Self.left(in: folder).folders.count == 1)
                #expect(!Self.left(in: folder).processes.isEmpty)
            }
            #expect(Self.left(in: folder).folders.isEmpty)
            #expect(Self.left(in: folder).processes.isEmpty)
        }
    }

    /// As root the browser runs under another account, with its sandbox on.
    @Test(.enabled(if: geteuid() == 0)) func notAsRoot() async throws {
        try await withFleet { fleet, _ in
            _ = try await fleet.page("data:text/html,one")
            let folder = await fleet.folder
            let pid = Self.leader(in: folder)
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let user = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t").dropFirst().first
            #expect(user != nil && user != "0")
            let command = try String(decoding: Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")), as: UTF8.self)
            #expect(!command.contains("--no-sandbox"))
        }
    }

    /// A browser that is killed while a page loads: that visit's error says so, and the next visit has another browser.
    @Test func killedBrowser() async throws {
        try await withFleet(["/": .silence, "/ok": html("fine")]) { fleet, site in
            async let doomed = failure { _ = try await fleet.page(site.url("/")) }
            while site.log.requests.isEmpty { await Task.yield() }
            kill(Self.leader(in: await fleet.folder), SIGKILL)
            let error = await doomed
            #expect(error?.code == .browserGone)
            #expect(error?.message.contains("signal 9") == true)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
            #expect(await fleet.status.started == 2)
        }
    }

    /// A page whose process crashes ends its own visit only.
    @Test func crashedPage() async throws {
        try await withFleet(["/ok": html("fine")]) { fleet, site in
            let error = await failure { _ = try await fleet.page("chrome://crash") }
            #expect(error?.code == .pageCrashed)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
            #expect(await fleet.status.started == 1)
        }
    }

    /// A cancelled visit ends at once, and its place in the fleet is free again.
    @Test func cancelledVisit() async throws {
        try await withFleet(["/": .silence, "/ok": html("fine")], { $0.tabs = 1 }) { fleet, site in
            let visit = Task { await failure { _ = try await fleet.page(site.url("/")) } }
            while site.log.requests.isEmpty { await Task.yield() }
            visit.cancel()
            #expect(await visit.value?.code == .cancelled)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// Closing ends visits under way, and those in the waiting line.
    @Test func closing() async throws {
        try await withFleet(["/": .silence], { $0.tabs = 1 }) { fleet, site in
            async let first = failure { _ = try await fleet.page(site.url("/")) }
            while site.log.requests.isEmpty { await Task.yield() }
            async let second = failure { _ = try await fleet.page(site.url("/")) }
            while await fleet.status.waiting == 0 { await Task.yield() }
            await fleet.close()
            let codes = await [first?.code, second?.code]
            #expect(codes == [.closed, .closed])
            #expect(Self.left(in: await fleet.folder).processes.isEmpty)
            let late = await failure { _ = try await fleet.page(site.url("/")) }
            #expect(late?.code == .closed)
        }
    }

    /// Who waits longer than it wants to is told so.
    @Test func busy() async throws {
        try await withFleet(["/": .silence], { $0.tabs = 1 }) { fleet, site in
            let holder = Task { await failure { _ = try await fleet.page(site.url("/")) } }
            while site.log.requests.isEmpty { await Task.yield() }
            let error = await failure {
                try await fleet.withSession(of: SessionSpec(key: "b", network: .direct), patience: .milliseconds(50)) { _ in }
            }
            #expect(error?.code == .busy)
            holder.cancel()
            _ = await holder.value
        }
    }

    /// Sessions of one key share cookies and tabs; another key sees nothing of them.
    @Test func isolation() async throws {
        let page = html("<p id=p></p><script>p.textContent = document.cookie || 'none'; document.cookie = 'a=1';</script>")
        try await withFleet(["/": page]) { fleet, site in
            let one = try await fleet.page(site.url("/"), key: "one").text
            #expect(one == "none")
            let two = try await fleet.page(site.url("/"), key: "one").text
            #expect(two == "a=1")
            let three = try await fleet.page(site.url("/"), key: "two").text
            #expect(three == "none")
            let status = await fleet.status
            #expect(status.tabs == 2 && status.contexts == 2 && status.browsers == 1)
        }
    }

    /// The same address but for its fragment is a visit like any other.
    @Test func fragments() async throws {
        try await withFleet(["/": html("<p id=p></p><script>p.textContent = location.hash;</script>")]) { fleet, site in
            for fragment in ["#a", "#b", "#b"] {
                let page = try await fleet.page(site.url("/") + fragment)
                #expect(page.text == fragment)
                #expect(page.finalURL == site.url("/") + fragment)
            }
            #expect(site.log.requests(to: "/").count == 3)
        }
    }

    /// A browser that has had its pages is replaced.
    @Test func recycling() async throws {
        try await withFleet(["/": html("fine")], { $0.pagesPerBrowser = 2 }) { fleet, site in
            for _ in 0..<5 {
                let text = try await fleet.page(site.url("/")).text
                #expect(text == "fine")
            }
            #expect(await fleet.status.started == 3)
        }
    }

    /// Several at once in one session and in several.
    @Test func concurrency() async throws {
        try await withFleet(["/": html("fine").after(.milliseconds(50))], { $0.tabs = 4; $0.browsers = 2 }) { fleet, site in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<12 { group.addTask { try await fleet.page(site.url("/"), key: "run \(number % 3)").text } }
                for try await text in group { #expect(text == "fine") }
            }
            let status = await fleet.status
            #expect(status.lent == 0 && status.browsers <= 2 && status.tabs <= 12)
        }
    }

    /// A proxy gets everything, requests to loopback too.
    @Test func proxy() async throws {
        try await withFleet { fleet, _ in
            try await withFixtureSite(responding: { _ in html("from the proxy") }) { proxy in
                let page = try await fleet.page("http://127.0.0.1:9999/x", network: .proxy("127.0.0.1:\(proxy.port)"))
                #expect(page.text == "from the proxy")
                #expect(proxy.log.requests.first?.host == "127.0.0.1:9999")
            }
        }
    }

    /// A path that is no browser, and a program that is none, are told apart from a site's faults.
    @Test func noBrowser() async throws {
        #expect(throws: FleetError.self) { try BrowserInstallation.find(at: "/nowhere/chrome") }
        try await withTemporaryFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder.path)
            let configuration = try configuration(in: folder) { $0.installation = BrowserInstallation(executable: "/bin/false") }
            try await Fleet.with(configuration) { fleet in
                let error = await failure { _ = try await fleet.page("data:text/html,x") }
                #expect(error?.code == .launchFailed)
                #expect(error?.message.contains("exit status 1") == true)
            }
            #expect(Self.left(in: folder).folders.isEmpty)
        }
    }
}

struct OrphanTests {
    fileprivate func make(_ mark: OwnershipMark, in root: URL) throws -> URL {
        let folder = root.appending(path: OwnershipMark.folderPrefix + mark.id)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try JSONEncoder().encode(mark).write(to: folder.appending(path: OwnershipMark.fileName))
        return folder
    }

    /// Only what a dead farm left is reaped: its folder, and the process that carries its mark. A living owner's, and a new folder without
    /// a mark, stay; an old empty one was never finished.
    @Test func onlyOurs() async throws {
        try await withTemporaryFolder { root in
            var dead = OwnershipMark.ours(farm: "test")
            dead.ownerStart += 1  // a process with our id and another start time: ours is gone
            let living = OwnershipMark.ours(farm: "test")
            var otherBoot = OwnershipMark.ours(farm: "test")
            otherBoot.boot = "another"
            let deadFolder = try make(dead, in: root)
            let livingFolder = try make(living, in: root)
            let oldFolder = try make(otherBoot, in: root)
            let stranger = root.appending(path: "browser-stranger")
            try FileManager.default.createDirectory(at: stranger, withIntermediateDirectories: true)
            let unfinished = root.appending(path: "browser-unfinished")
            try FileManager.default.createDirectory(at: unfinished, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -100)], ofItemAtPath: unfinished.path)
            func sleeper(_ mark: OwnershipMark) throws -> Int32 {
                try Spawner.spawn(["/bin/sleep", "60"], ["\(OwnershipMark.variable)=\(mark.id)"]).pid
            }
            let orphan = try sleeper(dead)
            let child = try sleeper(living)
            defer {
                kill(child, SIGKILL)
                waitpid(child, nil, 0)
            }
            let reaped = Orphans.reap(in: root)
            #expect(reaped.folders == 3 && reaped.processes >= 1)
            var status: Int32 = 0
            #expect(waitpid(orphan, &status, 0) == orphan && status & 0x7F == SIGKILL)
            #expect(waitpid(child, &status, WNOHANG) == 0)
            let exists = { (url: URL) in FileManager.default.fileExists(atPath: url.path) }
            #expect(!exists(deadFolder) && !exists(oldFolder) && exists(livingFolder) && exists(stranger))
            #expect(!exists(unfinished))
        }
    }
}

extension OrphanTests {
    /// Chromium writes over its environment: its group tells whose it is. A group of the same number that is not ours stays.
    @Test(arguments: [true, false]) func byGroup(isOurs: Bool) async throws {
        try await withTemporaryFolder { root in
            let pid = try Spawner.spawn(["/bin/sleep", "60"], []).pid
            var dead = OwnershipMark.ours(farm: "test")
            dead.ownerStart += 1
            dead.group = pid
            dead.groupStart = ProcessTable.startTime(of: pid).map { isOurs ? $0 : $0 + 1 }
            _ = try make(dead, in: root)
            #expect(Orphans.reap(in: root).processes >= (isOurs ? 1 : 0))
            if !isOurs { kill(pid, SIGTERM) }
            var status: Int32 = 0
            #expect(waitpid(pid, &status, 0) == pid && status & 0x7F == (isOurs ? SIGKILL : SIGTERM))
        }
    }
}

struct WaitingLineTests {
    /// First come, first served; who leaves is passed over; nobody overtakes.
    @Test func order() {
        var line = WaitingLine<String>(capacity: 1)
        var events: [String] = []
        func note(_ name: String?) { events.append(name ?? "nobody") }
        note(line.enter() ? "in" : "full")
        note(line.enter() ? "in" : "full")
        let tickets = (1...3).map { _ in line.makeTicket() }
        for (ticket, name) in zip(tickets, ["a", "b", "c"]) { line.queue(ticket, name) }
        note(line.leave(tickets[1]))
        note(line.leave(tickets[1]))
        note(line.release())
        note(line.enter() ? "in" : "full")
        note(line.release())
        note(line.release())
        note(line.enter() ? "in" : "full")
        #expect(events == ["in", "full", "b", "nobody", "a", "full", "c", "nobody", "in"])
    }
}

struct BrowserProfileTests {
    /// The profile of the project can be read, and every flag has its reason.
    @Test func ours() throws {
        let profile = try BrowserProfile.load(in: Checkout.browsers)
        #expect(profile.viewport == .init(width: 1280, height: 800))
        #expect(!profile.flags.isEmpty)
    }

    /// A flag without a reason, one that is the fleet's own, and a viewport that can't be are refused.
    @Test(arguments: [
        #"{"flags":[{"flag":"--x","reason":""}],"viewport":{"width":1,"height":1,"scale":1},"language":"en"}"#,
        #"{"flags":[{"flag":"--user-data-dir=/x","reason":"r"}],"viewport":{"width":1,"height":1,"scale":1},"language":"en"}"#,
        #"{"flags":[],"viewport":{"width":0,"height":1,"scale":1},"language":"en"}"#, "[]", "",
    ])
    func refused(json: String) async throws {
        try await withTemporaryFolder { folder in
            try Data(json.utf8).write(to: folder.appending(path: "default.json"))
            #expect(throws: FleetError.self) { try BrowserProfile.load(in: folder) }
        }
    }
}
