import DevTools
import Foundation

/// One browser that was started: its process, its socket, and what it says about its targets.
final class RunningBrowser: Sendable {
    private struct Entry: Sendable { weak var tab: Tab? }

    let process: BrowserProcess
    let client: DevToolsClient
    /// "156.0.8078.79"
    let version: String
    private let tabs = Guarded<[String: Entry]>([:])
    private let observations = Guarded<[Observation]>([])

    private init(process: BrowserProcess, client: DevToolsClient, version: String) {
        (self.process, self.client, self.version) = (process, client, version)
    }

    static func start(
        _ installation: BrowserInstallation, arguments: [String], account: Account?, in root: URL, farm: String, on loop: SocketLoop,
        messageLimit: Int
    ) async throws(FleetError) -> RunningBrowser {
        let process = try await BrowserProcess.launch(
            installation, arguments: arguments, account: account, in: root, farm: farm, within: .seconds(30))
        let client = DevToolsClient(process.endpoint, on: loop, limit: messageLimit)
        do {
            let product = try await client.send(Browser.GetVersion(), within: .seconds(15)).product
            let version = product.split(separator: "/").last.map(String.init) ?? ""
            let browser = RunningBrowser(process: process, client: client, version: version)
            browser.listen()
            _ = try await client.send(Target.SetDiscoverTargets([.init(type: "page", exclude: false)]), within: .seconds(15))
            return browser
        } catch {
            client.close()
            await process.end(.atOnce)
            throw FleetError(error, doing: "speaking to a new browser, which wrote:\n\(process.stderr)\n")
        }
    }

    /// False once the socket is gone, which is how the death of a browser shows first.
    var isAlive: Bool { client.isOpen }

    private func listen() {
        let methods = [Target.TargetCreated.method, Target.TargetCrashed.method, Target.TargetDestroyed.method]
        let observation = client.observe(methods) { [weak self] event in
            guard let self else { return }
            switch event.method {
            case Target.TargetCreated.method:
                // Popups: the flag against them doesn't stop every kind.
                guard let info = try? event.read(Target.TargetCreated.self).targetInfo, info.openerId != nil else { return }
                client.post(Target.CloseTarget(info.targetId))
            case Target.TargetCrashed.method:
                guard let read = try? event.read(Target.TargetCrashed.self) else { return }
                tabs.withLock { $0[read.targetId]?.tab }?.crashed()
            case Target.TargetDestroyed.method:
                guard let read = try? event.read(Target.TargetDestroyed.self) else { return }
                tabs.withLock { $0.removeValue(forKey: read.targetId)?.tab }?.breakOff()
            default: break
            }
        }
        observations.withLock { $0 = [observation] }
    }

    func open(in context: String, setup: Tab.Setup) async throws(DevToolsError) -> Tab {
        let tab = try await Tab.open(in: context, client: client, setup: setup)
        tabs.withLock { $0[tab.targetId] = Entry(tab: tab) }
        return tab
    }

    /// Ends the process and all it started; its folder is gone after.
    func end() async {
        let asks = isAlive
        await process.end(asks ? .quick : .atOnce) { [client] in client.post(Browser.Close()) }
        client.close()
    }

    /// What is known of its death, for the error of a visit: collects the exit status.
    func obituary() async -> String {
        await process.end(.atOnce)
        let status = process.exitStatus.map { "it ended with \($0)" } ?? "its exit status is not known"
        let tail = process.stderr
        return tail.isEmpty ? status : status + "; the end of its stderr:\n" + tail
    }
}
