import ArgumentParser
import Crawling
import Discovery
import Documents
import Extraction
import Foundation
import Scheduling
import Store
import Visiting

struct Crawl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Visit a whole site, and read its pages.",
        discussion: """
            gleaner crawl https://example.org/shop "name and price" --include '/shop/**' --output shop.csv
            gleaner crawl https://example.org --scope domain --depth 3 --output pages.ndjson
            gleaner crawl site.yaml
            gleaner crawl site.yaml --check

            Without a prompt, --fields or --schema the pages are visited and kept, and nothing is extracted. Patterns: * is anything within a part \
            of the path, ** anything at all; /shop/* speaks of paths, *.example.org/blog/** of hosts with paths.

            Exits with 0 when all went well (what robots.txt or the pages themselves forbid is left out), 3 when the site could not be read, 5 \
            when some pages failed, 6 when its budget ended it, 7 when --lock found it under way.
            """)

    private static let usualLimit = 1000

    @Argument(help: ArgumentHelp("Where it begins, or a crawl file (YAML).", valueName: "url|file")) var target: String?
    @Argument(help: "What is wanted of its pages.") var prompt: String?

    @Option(help: ArgumentHelp("What is wanted, as a JSON Schema (2020-12).", valueName: "file")) var schema: String?
    @Option(help: ArgumentHelp("What is wanted, as fields: \"name, price:money\".", valueName: "fields")) var fields: String?
    @Flag(help: "Many records a page, whatever the request sounds like.") var many = false
    @Flag(help: "One record a page, whatever the request sounds like.") var one = false
    @Option(help: ArgumentHelp("Only pages whose address matches are read. Repeatable.", valueName: "pattern")) var read: [String] = []

    @Option(help: "page, prefix (what lies below the start), host, domain (all its hosts) or any.") var scope = CrawlScope.Reach.host
    @Option(help: ArgumentHelp("Only addresses that match one. Repeatable.", valueName: "pattern")) var include: [String] = []
    @Option(help: ArgumentHelp("No addresses that match. Repeatable.", valueName: "pattern")) var exclude: [String] = []
    @Option(help: ArgumentHelp("Links from the start at most.", valueName: "n")) var depth: Int?
    @Option(help: ArgumentHelp("Pages at most.", valueName: "n")) var limit = Crawl.usualLimit
    @Option(help: "include, only (pages of sitemaps and no links) or skip.") var sitemaps = CrawlPlan.Sitemaps.include
    @Flag(help: "Follow links that say nofollow.") var ignoreNofollow = false
    @Option(help: "The same seed visits a host's pages in the same order.") var seed: UInt64 = 1
    @Option(help: "Runs of the same name are compared with each other.") var name: String?
    @Flag(help: "Read only what changed since the last run of the name: by the sitemap's dates, and by the page.") var changedOnly = false

    @Flag(help: "Say what a crawl file means, or what is wrong with it; visits nothing.") var check = false
    @Flag(help: "Print a crawl file with every key, to begin with.") var example = false
    @Flag(help: "Do nothing where the same is under way already (exit code 7).") var lock = false

    @Option(help: ArgumentHelp("The model that decides the values, as in extract.", valueName: "name|file|url#name")) var model: String?
    @OptionGroup(title: "Page") var page: PageArguments
    @OptionGroup(title: "Run") var terms: RunArguments
    @OptionGroup(title: "Store") var place: StoreArguments
    @OptionGroup(title: "Result") var output: OutputArguments
    @Option(help: ArgumentHelp("Pages at the same time.", valueName: "n")) var atOnce = 4
    @Flag(name: .shortAndLong, help: "No progress and no summary; one line where something failed.") var quiet = false

    func validate() throws {
        if schema != nil, fields != nil { throw ValidationError("--schema and --fields both say what is wanted: give one") }
        if many, one { throw ValidationError("--many and --one contradict each other") }
        if let depth, !(0...1000).contains(depth) { throw ValidationError("--depth \(depth): must be 0 to 1000") }
        guard (1...10_000_000).contains(limit) else { throw ValidationError("--limit \(limit): must be 1 to 10000000") }
        guard (1...256).contains(atOnce) else { throw ValidationError("--at-once \(atOnce): must be 1 to 256") }
    }

    func run() async throws {
        if example { return print(CrawlFile.example, terminator: "") }
        let order = try order()
        if check { return print(order.description) }
        let lockFile = lock ? try CrawlLock(order.series) : nil
        defer { lockFile?.release() }
        try await order.run(quiet: quiet)
    }

    /// What was typed, or what the file says.
    func order() throws -> CrawlOrder {
        guard let target else { throw CommandError.input("where to begin is missing: gleaner crawl https://example.org/ \"what you want\"") }
        return try CrawlOrder(self, target)
    }

    /// The first of the options given that a crawl file has keys for.
    fileprivate var saidByFiles: String? {
        let given = [
            ("the prompt", prompt != nil), ("--fields", fields != nil), ("--schema", schema != nil), ("--many", many), ("--one", one),
            ("--read", !read.isEmpty), ("--scope", scope != .host), ("--include", !include.isEmpty), ("--exclude", !exclude.isEmpty),
            ("--depth", depth != nil), ("--limit", limit != Crawl.usualLimit), ("--sitemaps", sitemaps != .include),
            ("--ignore-nofollow", ignoreNofollow), ("--seed", seed != 1), ("--changed-only", changedOnly), ("--model", model != nil),
        ]
        return given.first(where: \.1)?.0
    }

    fileprivate func plan(from url: String) throws -> CrawlPlan {
        guard let start = try Targets.read([url]).first, WebAddress(start.url) != nil else {
            throw CommandError.input("\(url): a crawl begins at http://… or https://…, or with a file that ends in .yaml")
        }
        var plan = CrawlPlan(starts: [start.url])
        plan.reach = scope
        plan.include = try CrawlOrder.patterns(include, "--include")
        plan.exclude = try CrawlOrder.patterns(exclude, "--exclude")
        plan.depth = depth
        plan.pages = limit
        plan.sitemaps = sitemaps
        plan.obeysNofollow = !ignoreNofollow
        plan.seed = seed
        plan.changedOnly = changedOnly
        if schema != nil || fields != nil || prompt != nil {
            var request = try Asked.request(schema: schema, fields: fields) { prompt ?? "" }
            if many || one { (request.many, request.isManyStated) = (many, true) }
            plan.readings = [.init(patterns: try CrawlOrder.patterns(read, "--read"), request: request, prompt: prompt ?? "")]
        } else if !read.isEmpty {
            throw CommandError.input("--read says which pages are read, but not for what: add a prompt, --fields or --schema")
        }
        return plan
    }
}

extension CrawlScope.Reach: ExpressibleByArgument {}
extension CrawlPlan.Sitemaps: ExpressibleByArgument {}

/// A crawl with all that belongs to it, as typed or as a file says.
struct CrawlOrder: CustomStringConvertible {
    let plan: CrawlPlan
    let options: VisitOptions
    let terms: RunArguments
    let output: OutputArguments
    let place: StoreArguments
    let atOnce: Int
    /// Runs of the same are compared with each other.
    let series: String

    init(_ command: Crawl, _ target: String) throws {
        if CrawlOrder.isFile(target) {
            self = try CrawlOrder(file: target, command)
            return
        }
        plan = try command.plan(from: target)
        var options = try command.page.options(rendering: .auto)
        options.model = try OpenModel.checked(command.model, Locations())
        self.options = options
        (terms, output, place, atOnce) = (command.terms, command.output, command.place, command.atOnce)
        series = command.name ?? "crawl \(plan.starts.joined(separator: " "))"
    }

    private static func isFile(_ target: String) -> Bool {
        ["yaml", "yml"].contains((target as NSString).pathExtension.lowercased()) && !target.contains("://")
    }

    /// As a crawl file says; where the command line says something else about where results go, that counts.
    private init(file path: String, _ command: Crawl) throws {
        if let given = command.saidByFiles { throw CommandError.input("\(path) says what is crawled and what for: leave \(given) out") }
        guard let data = FileManager.default.contents(atPath: path) else { throw CommandError.input("\(path): there is no such file, or it can't be read") }
        let file: CrawlFile
        do throws(CrawlFileFaults) {
            file = try CrawlFile(String(decoding: data, as: UTF8.self), environment: ProcessInfo.processInfo.environment)
        } catch {
            let lines = error.faults.map { "\(path):\($0.position.line): " + ($0.path.isEmpty ? "" : "\($0.path): ") + $0.message }
            throw CommandError.input((lines + (error.areMore ? ["and more"] : [])).joined(separator: "\n"))
        }
        if file.onChange != nil {
            throw CommandError.input("\(path): on-change belongs to a schedule: gleaner schedule add NAME … --webhook URL -- crawl \(path)")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        func resolved(_ name: String) -> String { URL(fileURLWithPath: name, relativeTo: folder).path }
        plan = try CrawlOrder.plan(file, path, resolved)
        options = try CrawlOrder.options(file, command.page)
        terms = CrawlOrder.terms(file, command.terms)
        var output = command.output
        output.output = output.output ?? file.output.file.map(resolved)
        output.format = output.format ?? file.output.format.flatMap { ResultFormat(rawValue: $0.rawValue) }
        output.evidence = output.evidence || file.output.evidence
        self.output = output
        (place, atOnce) = (command.place, command.atOnce)
        series = command.name ?? file.name ?? URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }

    private static func plan(_ file: CrawlFile, _ path: String, _ resolved: (String) -> String) throws -> CrawlPlan {
        var plan = CrawlPlan(starts: file.start)
        for (number, start) in file.start.enumerated() where WebAddress(start) == nil {
            throw CommandError.input("\(path): start[\(number)]: \(start) is no http or https address")
        }
        plan.reach = CrawlScope.Reach(rawValue: file.scope.rawValue) ?? .host
        plan.include = try patterns(file.include, "\(path): include")
        plan.exclude = try patterns(file.exclude, "\(path): exclude")
        plan.depth = file.depth
        plan.pages = file.limits.pages.map { Int(clamping: $0) }
        plan.sitemaps = CrawlPlan.Sitemaps(rawValue: file.sitemaps.rawValue) ?? .include
        plan.obeysNofollow = file.nofollow == .obey
        plan.seed = file.seed.map { UInt64(clamping: $0) } ?? 1
        plan.changedOnly = file.recrawl == .changed
        for (number, entry) in file.extract.enumerated() {
            let field = "\(path): extract[\(number)]"
            var reading = CrawlPlan.Reading(patterns: try patterns(entry.urls, "\(field).urls"), request: nil)
            do {
                switch entry.request {
                case .prompt(let text): (reading.request, reading.prompt) = (try Asked.request(schema: nil, fields: nil) { text }, text)
                case .fields(let line): reading.request = try Asked.request(schema: nil, fields: line) { "" }
                case .schema(let name): reading.request = try Asked.request(schema: resolved(name), fields: nil) { "" }
                case .nothing: break
                }
            } catch let error as CommandError { throw CommandError.input("\(field): \(error.message)") }
            if let many = entry.many, var request = reading.request {
                (request.many, request.isManyStated) = (many, true)
                reading.request = request
            }
            plan.readings.append(reading)
        }
        return plan
    }

    /// What was typed counts before what the file says.
    private static func options(_ file: CrawlFile, _ given: PageArguments) throws -> VisitOptions {
        var page = given
        page.timeout = page.timeout ?? file.page.timeout.map { $0 / .seconds(1) }
        page.waitFor = page.waitFor ?? file.page.waitFor
        page.action = file.page.actions + page.action
        page.proxy = page.proxy ?? file.page.proxy
        page.rendering = page.rendering ?? file.page.render.flatMap { Rendering(rawValue: $0.rawValue) }
        page.resolve += file.page.resolve
        page.allowAddress += file.page.allowAddress
        page.blockHost += file.page.blockHosts
        page.pageBytes = page.pageBytes ?? file.page.bytes.map { Int(clamping: $0) }
        var options = try page.options(rendering: .auto)
        options.model = try OpenModel.checked(file.page.model, Locations())
        return options
    }

    private static func terms(_ file: CrawlFile, _ given: RunArguments) -> RunArguments {
        var terms = given
        let limits = file.limits
        terms.budget.maxErrors = terms.budget.maxErrors ?? limits.errors.map { Int(clamping: $0) }
        terms.budget.maxBytes = terms.budget.maxBytes ?? limits.bytes.map { Int(clamping: $0) }
        terms.budget.maxSeconds = terms.budget.maxSeconds ?? limits.time.map { $0 / .seconds(1) }
        terms.budget.maxBrowserSeconds = terms.budget.maxBrowserSeconds ?? limits.browser.map { $0 / .seconds(1) }
        terms.budget.maxTokens = terms.budget.maxTokens ?? limits.tokens.map { Int(clamping: $0) }
        return terms
    }

    static func patterns(_ texts: [String], _ field: String) throws -> [AddressPattern] {
        try texts.map { text in
            do throws(DiscoveryError) { return try AddressPattern(text) } catch { throw CommandError.input("\(field): \(error.message)") }
        }
    }

    private func submission(in store: Store) async throws -> Submission {
        let targets = plan.starts.map { Targets.Entry(url: $0, origin: "the start") }
        return try await Submission(targets, options: options, store: store).visiting(CrawlDesk.firstVisits(plan, try await Manners(store)))
    }

    /// For a schedule, stored whole.
    func spec(in store: Store) async throws -> RunSpec {
        guard output.output == nil else {
            throw CommandError.input("--output: a scheduled crawl's records are in the store (gleaner runs export)")
        }
        return RunSpec(request: nil, options: try await submission(in: store).options, crawl: plan)
    }

    /// Does it, or leaves it to a farm.
    func run(quiet: Bool) async throws {
        let order = self
        try await cancelledBySignals {
            try await order.place.with { store in
                let submission = try await order.submission(in: store)
                let spec = RunSpec(request: nil, options: submission.options, crawl: order.plan)
                let isAlive = try await store.nodes().contains { !$0.isDead && !$0.status.isDraining && $0.status.roles.contains("worker") }
                if order.terms.detach || (isAlive && !order.terms.here) {
                    return try await Farm.submit(
                        submission, spec, series: order.series, order.terms, to: store, waits: !order.terms.detach, quiet: quiet, explains: false,
                        output: order.output)
                }
                try await OpenModel.ready(order.options.model, Locations()) { model in
                    let farm = Farm(store: store, atOnce: order.atOnce)
                    let run = try await farm.submit(submission, spec: spec, series: order.series, order.terms)
                    guard run.isNew else { return try await RunWatch(store, run.number, isQuiet: quiet).finish(order.output, explains: false) }
                    try await farm.work(on: run.number, id: run.id, spec: spec, model: model, quiet: quiet, output: order.output)
                }
            }
        }
    }

    /// What it means, for people.
    var description: String {
        var lines = ["\(series): from \(plan.starts.joined(separator: ", "))"]
        lines.append("  scope      \(plan.reach.rawValue)" + (plan.depth.map { ", at most \($0) links deep" } ?? ""))
        if !plan.include.isEmpty { lines.append("  include    \(plan.include.map(\.text).joined(separator: "  "))") }
        if !plan.exclude.isEmpty { lines.append("  exclude    \(plan.exclude.map(\.text).joined(separator: "  "))") }
        lines.append("  pages      \(plan.pages.map { "at most \($0)" } ?? "any number"), sitemaps: \(plan.sitemaps.rawValue), seed \(plan.seed)")
        for reading in plan.readings {
            let where_ = reading.patterns.isEmpty ? "all pages" : reading.patterns.map(\.text).joined(separator: "  ")
            let what = reading.request.map { $0.fields.map { "\($0.name) (\($0.type.rawValue))" }.joined(separator: ", ") } ?? "only their links"
            lines.append("  read       \(where_): \(what)")
        }
        if plan.readings.isEmpty { lines.append("  read       nothing; pages are kept") }
        if let file = output.output { lines.append("  output     \(file) (\(output.chosenFormat.rawValue))") }
        return lines.joined(separator: "\n")
    }
}

/// Keeps a second process from doing the same at the same time: a lock on a file in the data folder, which goes with the process.
private struct CrawlLock {
    private let file: FileHandle

    init(_ name: String) throws {
        let folder = Locations().data.appending(path: "locks")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "_" }.prefix(200))
        let path = folder.appending(path: safe).path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandError.ours("--lock: \(path) can't be opened") }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw CommandError(exit: .locked, message: "--lock: \(name) is under way already") }
    }

    func release() { try? file.close() }
}
