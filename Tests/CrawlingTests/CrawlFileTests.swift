import Crawling
import Testing

@Suite struct CrawlFileTests {
    /// The example has every key, and each is read as what it says.
    @Test func readsExample() throws {
        let file = try CrawlFile(CrawlFile.example, environment: [:])
        var expected = CrawlFile.example(start: ["https://example.org/jobs"])
        expected.name = "example-jobs"
        expected.scope = .host
        expected.include = ["/jobs/**"]
        expected.exclude = ["**/print"]
        expected.depth = 5
        expected.seed = 1
        expected.limits.pages = 500
        expected.limits.errors = 50
        expected.limits.bytes = 2_000_000_000
        expected.limits.time = .seconds(7200)
        expected.limits.browser = .seconds(1800)
        expected.limits.tokens = 100_000
        #expect(file.extract.map(\.urls) == [["/jobs/*"], ["/about", "/team/**"], ["/api/**"], ["/static/**"]])
        #expect(
            file.extract.map(\.request) == [
                .prompt("every job title with its city"), .fields("name, role, email:email"), .schema("job.schema.json"), .nothing,
            ])
        #expect(file.extract.map(\.many) == [nil, true, nil, nil])
        expected.extract = file.extract
        expected.page.waitFor = "#list"
        expected.page.timeout = .seconds(45)
        expected.page.actions = ["click \"#more\"", "scroll-to-end"]
        expected.page.render = .auto
        expected.page.blockHosts = ["ads.example"]
        expected.page.bytes = 50_000_000
        expected.page.proxy = "dc"
        expected.page.model = "qwen"
        expected.page.resolve = ["a.test:127.0.0.1"]
        expected.page.allowAddress = ["10.0.0.0/8:8000-8999"]
        expected.output.file = "jobs.ndjson"
        expected.output.format = .ndjson
        #expect(file.onChange?.when == ["new>0", "price:changed>=5"])
        #expect(file.onChange?.webhook == "https://example.org/hook")
        #expect(file.onChange?.secretEnv == "HOOK_SECRET")
        #expect(file.onChange?.command == ["./notify", "--short"])
        expected.onChange = file.onChange
        #expect(file == expected)
    }

    /// A start is enough; what is absent has its usual value.
    @Test func readsLeast() throws {
        let file = try CrawlFile("start: https://example.org/jobs", environment: [:])
        #expect(file.start == ["https://example.org/jobs"] && file.name == nil)
        #expect(file.scope == .host && file.sitemaps == .include && file.nofollow == .obey && file.recrawl == .all)
        #expect(file.depth == nil && file.seed == nil && file.limits.pages == nil && file.limits.time == nil)
        #expect(file.include == [] && file.exclude == [] && file.extract == [] && file.onChange == nil)
        #expect(file.page.timeout == nil && file.page.proxy == nil && file.output.format == nil && file.output.evidence == false)
    }

    /// One or a list is the same.
    @Test(arguments: [
            ("include: /a", "include: [/a]"), ("include: /a", "include:\n  - /a"), ("include: /a", "include:\n- /a"),
            ("page: {resolve: 'a.test:127.0.0.1'}", "page: {resolve: ['a.test:127.0.0.1']}"),
            ("extract: [{urls: /a, skip: true}]", "extract: [{urls: [/a], skip: true}]"),
            ("on-change: {when: new>0, command: [a]}", "on-change: {when: [new>0], command: [a]}"),
        ]) func readsLists(_ one: String, _ list: String) throws
    {
        #expect(try file(one) == file(list))
    }

    /// Every word of a choice is known.
    @Test func readsChoices() throws {
        for scope in ["page", "prefix", "host", "domain", "any"] { #expect(try file("scope: \(scope)").scope.rawValue == scope) }
        for use in ["include", "only", "skip"] { #expect(try file("sitemaps: \(use)").sitemaps.rawValue == use) }
        for use in ["obey", "ignore"] { #expect(try file("nofollow: \(use)").nofollow.rawValue == use) }
        for use in ["all", "changed"] { #expect(try file("recrawl: \(use)").recrawl.rawValue == use) }
        for render in ["always", "never", "auto"] { #expect(try file("page: {render: \(render)}").page.render?.rawValue == render) }
        for format in ["ndjson", "csv", "json"] { #expect(try file("output: {format: \(format)}").output.format?.rawValue == format) }
    }

    /// A format goes by the file's ending.
    @Test(arguments: [
            ("a.ndjson", "ndjson"), ("out/a.JSONL", "ndjson"), ("a.csv", "csv"), ("a.b.json", "json"), ("a.sqlite", "sqlite"),
            ("a.db", "sqlite"),
        ]) func readsFormats(_ name: String, _ format: String) throws
    {
        #expect(try file("output: {file: \(name)}").output.format?.rawValue == format)
        #expect(try file("output: {file: \(name), format: csv}").output.format == .csv)
    }

    /// Lengths of time.
    @Test(arguments: [
            ("45s", 45_000), ("30m", 1_800_000), ("2h", 7_200_000), ("1h30m", 5_400_000), ("1d2h3m4s", 93_784_000), ("90", 90_000),
            ("1.5", 1_500), ("0.5h", 1_800_000), ("500ms", 500), ("1s500ms", 1_500), ("2H", 7_200_000), ("'45'", 45_000),
            ("365d", 31_536_000_000),
        ]) func readsDurations(_ text: String, _ milliseconds: Int64) throws
    {
        #expect(try file("limits: {time: \(text)}").limits.time == .milliseconds(milliseconds))
    }

    /// What isn't a length of time.
    @Test(arguments: [
            "0", "-1", "1x", "h", "1m1h", "1h1h", "1.s", ".5s", "1..5s", "1h 30m", "366d", "1e3", "1:30", "٣s", "'s'", "0.0001s", "0x10",
            "inf", "nan",
            "99999999999999999999999999999999d", "1_000", "+5s",
        ]) func refusesDurations(_ text: String)
    {
        let found = faults(below: "limits: {time: \(text)}")
        #expect(
            found.count == 1
                && found[0].hasPrefix("line 2, column 16: limits.time: must be a length of time up to 365d, as 45s, 30m or 1h30m"))
    }

    /// A page has an hour at most.
    @Test func boundsTimeout() throws {
        #expect(try file("page: {timeout: 60m}").page.timeout == .seconds(3600))
        #expect(
            faults(below: "page: {timeout: 61m}") == [
                "line 2, column 17: page.timeout: must be a length of time up to 3600s, as 45s, 30m or 1h30m, not \"61m\""
            ])
    }

    /// Sizes.
    @Test(arguments: [
            ("2GB", 2_000_000_000), ("500 MB", 500_000_000), ("1GiB", 1_073_741_824), ("1024", 1_024), ("10B", 10), ("1.5kB", 1_500),
            ("1.5 KiB", 1_536),
            ("3 mib", 3_145_728), ("1TB", 1_000_000_000_000), ("1TiB", 1_099_511_627_776), ("1000TB", 1_000_000_000_000_000),
        ]) func readsSizes(_ text: String, _ bytes: Int64) throws
    {
        #expect(try file("limits: {bytes: \(text)}").limits.bytes == bytes)
    }

    /// What isn't a size.
    @Test(arguments: [
            "0", "-1", "2G", "2 GBs", "GB", "1e9", "0x10", "1001TB", "99999999999999999999999999999999999999999999", "1,5GB", "0.1B", "iB",
            "1 iB", "1GB2MB", "٣MB",
        ]) func refusesSizes(_ text: String)
    {
        let found = faults(below: "limits:\n  bytes: \(text)")
        #expect(found == ["line 3, column 10: limits.bytes: must be a size up to 1000TB, as 500MB or 2GiB, not \"\(text)\""])
    }

    /// Whole numbers up to their limits.
    @Test func readsNumbers() throws {
        let file = try file("depth: 0\nseed: 9223372036854775807\nlimits: {pages: 1000000000000, tokens: '7'}")
        #expect(file.depth == 0 && file.seed == .max && file.limits.pages == 1_000_000_000_000 && file.limits.tokens == 7)
    }

    /// What isn't a whole number is refused, however large.
    @Test(arguments: [
            "-1", "1001", "5.0", "5e0", "05", "0x5", "0o5", "1_0", "+5", "٣", "99999999999999999999999999", "9223372036854775808", "five",
            "''", ".inf",
        ]) func refusesNumbers(_ text: String)
    {
        let found = faults(below: "depth: \(text)")
        let shown = text == "''" ? "" : text
        #expect(found == ["line 2, column 8: depth: must be a whole number from 0 to 1000, not \"\(shown)\""])
    }

    /// Texts come as they were written: also numbers, dates, stars and question marks, blocks without their line end.
    @Test func readsTexts()
        throws
    {
        let file = try file(
            """
            name: 2024-01-02
            include: [/list?page=*, "**", 'a*?', 0x10, 1e3]
            page: {model: 007}
            extract:
              - urls: /a
                prompt: |
                  every job*
                  and its city?

              - prompt: >
                  folded
                  text
            """ + "\n")
        #expect(file.name == "2024-01-02" && file.page.model == "007")
        #expect(file.include == ["/list?page=*", "**", "a*?", "0x10", "1e3"])
        #expect(file.extract.map(\.request) == [.prompt("every job*\nand its city?"), .prompt("folded text")])
    }

    /// JSON is YAML, line ends of Windows and a byte order mark are fine.
    @Test func readsJSON() throws {
        let file = try CrawlFile(
            "\u{FEFF}{\"start\": [\"https://example.org/\"],\r\n \"depth\": 3,\r\n\t\"scope\": \"any\"}\r\n", environment: [:])
        #expect(file.start == ["https://example.org/"] && file.depth == 3 && file.scope == .any)
    }

    /// An alias stands for what was marked before, as often as wanted.
    @Test func readsAliases() throws {
        let file = try file(
            "include: &some [/a, &one /b]\nexclude: *some\nextract: [{urls: *one, fields: name}, {urls: *some, fields: name}]")
        #expect(file.include == ["/a", "/b"] && file.exclude == ["/a", "/b"])
        #expect(file.extract.map(\.urls) == [["/b"], ["/a", "/b"]])
    }

    /// Skip: false says nothing.
    @Test func readsSkip() throws {
        #expect(try file("extract: [{prompt: a, skip: false}]") == file("extract: [{prompt: a}]"))
    }

    // MARK: Variables

    /// Variables are filled in, once; two dollars are one, and one alone is itself.
    @Test(arguments: [
            ("${A}", "alpha"), ("x${A}y${B_2}", "xalphay${A}"), ("$${A}", "${A}"), ("$$$${A}", "$${A}"), ("$A $ 5", "$A $ 5"), ("a$", "a$"),
            ("$$", "$"),
            ("$$$${A}$$", "$${A}$"), ("$${${A}}", "${alpha}"),
        ]) func fills(_ text: String, _ expected: String) throws
    {
        let file = try file("page: {model: '\(text)'}", environment: ["A": "alpha", "B_2": "${A}"])
        #expect(file.page.model == expected)
    }

    /// Variables also make numbers, addresses and choices.
    @Test func fillsAll() throws {
        let environment = ["N": "7", "HOST": "b.test", "USE": "only"]
        let file = try CrawlFile("start: https://${HOST}/\ndepth: ${N}\nsitemaps: \"${USE}\"", environment: environment)
        #expect(file.start == ["https://b.test/"] && file.depth == 7 && file.sitemaps == .only)
    }
}

extension CrawlFile {
    /// Everything usual.
    static func example(start: [String]) -> CrawlFile {
        guard var file = try? CrawlFile("start: https://a.test", environment: [:]) else {
            preconditionFailure("the least file can't be read")
        }
        file.start = start
        return file
    }
}
