import ArgumentParser
import Documents
import Fleet
import Foundation
import Inference
import Politeness
import Store

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine: browser and its sandbox, models, store, disk, fonts; and say what to do about each fault.",
        discussion: "Exits with 4 when something is missing that Gleaner can't work without.")

    @OptionGroup(title: "Store") var place: StoreArguments
    @Flag(help: "As JSON.") var json = false

    struct Finding: Sendable {
        enum Verdict: String { case good, warning, fault }
        var name: String
        var verdict: Verdict
        var text: String
        /// What to do.
        var advice: String?
    }

    func run() async throws {
        let locations = Locations()
        var findings: [Finding] = []
        findings += await browser(locations)
        findings += await model(locations)
        findings += await generativeModels(locations)
        findings.append(await store())
        findings.append(disk(locations))
        findings.append(fonts())
        findings.append(domains())
        if json {
            print(
                JSON.array(
                    findings.map {
                        .of(
                            ("name", .string($0.name)), ("verdict", .string($0.verdict.rawValue)), ("text", .string($0.text)),
                            ("advice", $0.advice.map(JSON.string)))
                    }
                ).text(pretty: true))
        } else {
            for finding in findings {
                let mark = finding.verdict == .good ? "ok  " : finding.verdict == .warning ? "note" : "BAD "
                print("\(mark) \(finding.name): \(finding.text)")
                if let advice = finding.advice { print("       → \(advice)") }
            }
        }
        if findings.contains(where: { $0.verdict == .fault }) { throw ExitCode(Exit.ours.rawValue) }
    }

    /// Starts one and opens a page that it is given: the only proof that it works here.
    private func browser(_ locations: Locations) async -> [Finding] {
        do {
            let installation = try BrowserInstallation.find(at: ProcessInfo.processInfo.environment["GLEANER_BROWSER"])
            let profile = try BrowserProfile.load(in: locations.browserProfiles)
            let configuration = FleetConfiguration(installation: installation, profile: profile, identity: Farm.identity)
            let start = ContinuousClock.now
            let (version, waits) = try await Fleet.with(configuration) { fleet in
                try await fleet.withSession(of: SessionSpec(key: "doctor", network: .none), patience: .seconds(30)) { session in
                    var request = PageRequest("http://doctor.invalid/")
                    // Written in two steps, which have no request between them to wait for.
                    let late = "setTimeout(() => setTimeout(() => document.body.append('late'), 400), 400)"
                    request.content = .init(Array("<!doctype html><title>ok</title><body><p>ok</p><script>\(late)</script>".utf8))
                    request.timeout = .seconds(20)
                    let page = try await session.render(request)
                    return (session.browserVersion, page.snapshot?.strings.contains("late") == true)
                }
            }
            let time = String(format: "%.1f", (ContinuousClock.now - start) / .seconds(1))
            return [
                Finding(name: "browser", verdict: .good, text: "\(installation.executable), Chromium \(version), a page opened in \(time) s"),
                Finding(name: "sandbox", verdict: .good, text: "on\(geteuid() == 0 ? ", as another account than root" : "")"),
                waits
                    ? Finding(name: "readiness", verdict: .good, text: "a page that is drawn late was waited for")
                    : Finding(
                        name: "readiness", verdict: .fault, text: "a page that is drawn late was taken before it was drawn",
                        advice: "this Chromium can't be watched as Gleaner does it: name another version in GLEANER_BROWSER, and report this one"),
            ]
        } catch let error as FleetError {
            let isSandbox = error.message.lowercased().contains("sandbox") || error.message.contains("namespace")
            let advice =
                error.code == .noBrowser
                ? "install it: apt-get install chromium-headless-shell, or name one in GLEANER_BROWSER"
                : isSandbox
                    ? "user namespaces are off: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), or kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)"
                    : "start it by hand to see more: \((try? BrowserInstallation.find().executable) ?? "chromium") --headless --dump-dom about:blank"
            return [Finding(name: isSandbox ? "sandbox" : "browser", verdict: .fault, text: error.message, advice: advice)]
        } catch {
            return [Finding(name: "browser", verdict: .fault, text: String(describing: error))]
        }
    }

    private func model(_ locations: Locations) async -> [Finding] {
        let library = LlamaLibrary()
        var findings = [Finding(name: "llama.cpp", verdict: .good, text: "\(library.version); \(library.features)")]
        do {
            let encoder = try TextEncoder(path: locations.matcher.path, .init(threads: 1, identity: .matcher))
            let pieces = encoder.tokenize(["price of the spade"])
            _ = try await encoder.vectors(of: [[101] + (pieces.first?.ids ?? []) + [102]])
            findings.append(Finding(name: "matcher", verdict: .good, text: "\(locations.matcher.path), \(encoder.width) numbers a token"))
        } catch {
            findings.append(
                Finding(
                    name: "matcher", verdict: .fault, text: error.message,
                    advice: "restore the file from the repository or the package, or set GLEANER_HOME to a folder that has models/matcher.gguf"))
        }
        do {
            _ = try ReadingModels(locations).extractor()
            findings.append(Finding(name: "list model", verdict: .good, text: locations.listingTrees.path))
        } catch let error as CommandError {
            findings.append(Finding(name: "list model", verdict: .fault, text: error.message))
        } catch {
            findings.append(Finding(name: "list model", verdict: .fault, text: String(describing: error)))
        }
        return findings
    }

    /// The models of the list that write text. SmolLM2, which is small, is loaded; of others the file is looked at, and no server is asked.
    private func generativeModels(_ locations: Locations) async -> [Finding] {
        let catalog: ModelCatalog
        do { catalog = try ModelCatalog(locations) } catch let error as CommandError {
            return [Finding(name: "models", verdict: .fault, text: error.message)]
        } catch {
            return [Finding(name: "models", verdict: .fault, text: String(describing: error))]
        }
        var findings: [Finding] = []
        for entry in catalog.entries {
            let name = "model \(entry.name)"
            switch entry.source {
            case .bundled: continue
            case .server(let address):
                findings.append(
                    Finding(name: name, verdict: .good, text: "the server \(address); gleaner model test \(entry.name) asks it"))
            case .file(let path):
                do throws(InferenceError) {
                    let model = try LocalModel(path: path, .init(command: [Locations.executable.path, "model", "worker"]))
                    var text = path
                    if entry.isOurs {
                        let traits = try await model.traits()
                        await model.stop()
                        text += ", loaded in " + String(format: "%.1f", traits.loadSeconds ?? 0) + " s"
                    }
                    findings.append(Finding(name: name, verdict: .good, text: text))
                } catch {
                    findings.append(
                        Finding(
                            name: name, verdict: .warning, text: error.message,
                            advice: entry.isOurs
                                ? "remove the file and run deploy/setup, which brings it again"
                                : "give another file under that name: gleaner model add \(entry.name) FILE.gguf"))
                }
            }
        }
        if !catalog.entries.contains(where: { $0.name == ModelCatalog.smollm2 }) {
            findings.append(
                Finding(
                    name: "model \(ModelCatalog.smollm2)", verdict: .warning,
                    text: "not on this machine; only --model \(ModelCatalog.smollm2) wants it",
                    advice: "run deploy/setup, which brings it"))
        }
        return findings
    }

    private func store() async -> Finding {
        do {
            return try await place.with { store in
                let runs = try await store.runs(limit: 1)
                return Finding(name: "store", verdict: .good, text: "\(store.place)\(runs.isEmpty ? ", no run yet" : "")")
            }
        } catch {
            return Finding(
                name: "store", verdict: .fault, text: String(describing: error),
                advice: "name a file on a local disk that you may write (GLEANER_DATA is the folder), or a PostgreSQL server that runs (--store)")
        }
    }

    private func disk(_ locations: Locations) -> Finding {
        let folder = FileManager.default.fileExists(atPath: locations.data.path) ? locations.data.path : "/"
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        let text = "\(free / 1_000_000_000) GB free for \(locations.data.path)"
        return free < 1_000_000_000
            ? Finding(name: "disk", verdict: .fault, text: text, advice: "free some space: snapshots and browser profiles need it")
            : Finding(name: "disk", verdict: .good, text: text)
    }

    private func fonts() -> Finding {
        let folders = ["/usr/share/fonts", "/usr/local/share/fonts", NSHomeDirectory() + "/.fonts"]
        let count = folders.reduce(0) { count, folder in
            count + (FileManager.default.enumerator(atPath: folder)?.reduce(0) { sum, item in
                let name = (item as? String)?.lowercased() ?? ""
                return sum + (name.hasSuffix(".ttf") || name.hasSuffix(".otf") || name.hasSuffix(".ttc") ? 1 : 0)
            } ?? 0)
        }
        return count == 0
            ? Finding(
                name: "fonts", verdict: .warning, text: "none found: boxes and screenshots will be off",
                advice: "apt-get install fonts-liberation fonts-dejavu-core")
            : Finding(name: "fonts", verdict: .good, text: "\(count) files")
    }

    private func domains() -> Finding {
        FileManager.default.fileExists(atPath: RegistrableDomains.usualPlace)
            ? Finding(name: "public suffixes", verdict: .good, text: RegistrableDomains.usualPlace)
            : Finding(
                name: "public suffixes", verdict: .warning, text: "no list: hosts below one top domain may share a clock",
                advice: "apt-get install publicsuffix")
    }
}
