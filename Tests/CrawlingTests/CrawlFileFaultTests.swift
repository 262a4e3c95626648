import Crawling
import Testing

@Suite struct CrawlFileFaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var lines: String
        var faults: [String]
        var testDescription: String { lines }

        init(_ lines: String, _ faults: String...) { (self.lines, self.faults) = (lines, faults) }
    }

    static let keys = [
        Case("scop: host", #"line 2, column 1: there is no key "scop" here; did you mean scope?"#),
        Case("Exclude: /a", #"line 2, column 1: there is no key "Exclude" here; did you mean exclude?"#),
        Case("on_change: {}", #"line 2, column 1: there is no key "on_change" here; did you mean on-change?"#),
        Case("page: {allow_adres: a}", #"line 2, column 8: page: there is no key "allow_adres" here; did you mean allow-address?"#),
        Case("page: {waitfor: a}", #"line 2, column 8: page: there is no key "waitfor" here; did you mean wait-for?"#),
        Case("limits:\n  pagse: 4", #"line 3, column 3: limits: there is no key "pagse" here; did you mean pages?"#),
        Case("time: 4", #"line 2, column 1: there is no key "time" here; did you mean time under limits?"#),
        Case("pages: 4", #"line 2, column 1: there is no key "pages" here; did you mean page, or pages under limits?"#),
        Case(
            "limits: {depth: 4}",
            #"line 2, column 10: limits: there is no key "depth" here; did you mean depth at the beginning of a line?"#),
        Case(
            "output: {colour: red}", #"line 2, column 10: output: there is no key "colour" here; there are file, format, evidence"#),
        Case("extract: [{url: /a, skip: true}]", #"line 2, column 12: extract[0]: there is no key "url" here; did you mean urls?"#),
        Case("depth: 4\ndepth: 5", #"line 3, column 1: the key "depth" is there a second time; the first is on line 2"#),
        Case(
            "depth: 4\n\"depth\": 5\nlimits: {time: 5, 'time': 6}\ndepth: 6",
            #"line 3, column 1: the key "depth" is there a second time; the first is on line 2"#,
            #"line 4, column 19: limits: the key "time" is there a second time; the first is on line 4"#,
            #"line 5, column 1: the key "depth" is there a second time; the first is on line 2"#),
        Case(
            "\u{E9}t\u{E9}: 1\n\u{E9}t\u{E9}: 2\n", #"line 2, column 1: there is no key "été" here; there are \#(root)"#,
            #"line 3, column 1: the key "été" is there a second time; the first is on line 2"#),
        Case("&a depth: 4\n&b depth: 5", #"line 2, column 1: the key "depth" is there more than once"#),
        Case("[a]: 4", "line 2, column 1: a list or a map can't be a key; write a text that begins with [ or { in quotes"),
        Case("7: 4", #"line 2, column 1: there is no key "7" here; there are \#(root)"#),
        Case("<<: {depth: 4}", #"line 2, column 1: there is no key "<<" here; there are \#(root)"#),
    ]

    static let root =
        "name, start, scope, include, exclude, depth, sitemaps, nofollow, seed, recrawl, limits, extract, page, output, on-change"

    static let types = [
        Case("scope: [host]", "line 2, column 8: scope: must be one of page, prefix, host, domain, any, not a list"),
        Case("scope: hots", #"line 2, column 8: scope: must be one of page, prefix, host, domain, any, not "hots"; did you mean host?"#),
        Case("scope: galaxy", #"line 2, column 8: scope: must be one of page, prefix, host, domain, any, not "galaxy""#),
        Case("depth: {a: 1}", "line 2, column 8: depth: must be a whole number from 0 to 1000, not a map"),
        Case("depth:", "line 2, column 7: depth: must be a whole number from 0 to 1000, and there is nothing"),
        Case("depth: ~", "line 2, column 8: depth: must be a whole number from 0 to 1000, and there is nothing"),
        Case("limits: 5", #"line 2, column 9: limits: must be a map with pages, errors, bytes, time, browser, tokens, not "5""#),
        Case(
            "limits:\nseed: 1",
            "line 2, column 8: limits: must be a map with pages, errors, bytes, time, browser, tokens, and there is nothing"),
        Case(
            "extract: {prompt: a}",
            "line 2, column 10: extract: must be a list of maps, each with urls and what is asked of them, not a map"),
        Case("extract: [a]", #"line 2, column 11: extract[0]: must be a map with urls, prompt, fields, schema, skip, many, not "a""#),
        Case("include: []", "line 2, column 10: include: must be a pattern, as /jobs/** or a list of them, not an empty list"),
        Case("include: [/a, [/b]]", "line 2, column 15: include[1]: must be a pattern, as /jobs/**, not a list"),
        Case("include: ['']", "line 2, column 11: include[0]: must be a pattern, as /jobs/**, and it is empty"),
        Case("sitemaps: yes", #"line 2, column 11: sitemaps: must be one of include, only, skip, not "yes""#),
        Case("sitemaps: onyl", #"line 2, column 11: sitemaps: must be one of include, only, skip, not "onyl"; did you mean only?"#),
        Case("nofollow: true", #"line 2, column 11: nofollow: must be one of obey, ignore, not "true""#),
        Case("recrawl: [all]", "line 2, column 10: recrawl: must be one of all, changed, not a list"),
        Case("recrawl: change", #"line 2, column 10: recrawl: must be one of all, changed, not "change"; did you mean changed?"#),
        Case("seed: -1", #"line 2, column 7: seed: must be a whole number from 0 to 9223372036854775807, not "-1""#),
        Case(
            "seed: 9223372036854775808",
            #"line 2, column 7: seed: must be a whole number from 0 to 9223372036854775807, not "9223372036854775808""#),
        Case("exclude: {a: b}", "line 2, column 10: exclude: must be a pattern, as /jobs/**, not a map"),
        Case(
            "extract: [{urls: [], prompt: a}]",
            "line 2, column 18: extract[0].urls: must be a pattern, as /jobs/** or a list of them, not an empty list"),
        Case(
            "extract: [{prompt: [a]}]", "line 2, column 20: extract[0].prompt: must be text, as every job title with its city, not a list"),
        Case(
            "extract: [{fields: {name: text}}]",
            #"line 2, column 20: extract[0].fields: must be one text, as "name, email:email", not a map"#),
        Case("extract: [{schema: ~}]", "line 2, column 20: extract[0].schema: must be the path of a file, and there is nothing"),
        Case("extract: [{prompt: a, many: 2}]", #"line 2, column 29: extract[0].many: must be true or false, not "2""#),
        Case("extract: [{skip: /a}]", #"line 2, column 18: extract[0].skip: must be true or false, not "/a""#),
        Case(
            "page:\n  wait-for: #list",
            ##"line 3, column 12: page.wait-for: must be a CSS selector, as "#list" in quotes, and there is nothing"##),
        Case("page: {proxy: [dc]}", "line 2, column 15: page.proxy: must be an address or the name of a pool, not a list"),
        Case("page: {resolve: {a.test: b}}", "line 2, column 17: page.resolve: must be HOST:ADDRESS, not a map"),
        Case("page: {allow-address: [~]}", "line 2, column 24: page.allow-address[0]: must be CIDR[:PORT[-PORT]], and there is nothing"),
        Case("output: {file: [a.csv]}", "line 2, column 16: output.file: must be the path of a file, not a list"),
        Case(
            "output: {format: jsn}",
            #"line 2, column 18: output.format: must be one of ndjson, csv, json, sqlite, not "jsn"; did you mean json?"#),
        Case("on-change: {when: [[a]], command: [a]}", #"line 2, column 20: on-change.when[0]: must be a condition, as "new>0", not a list"#),
        Case(
            "on-change: {webhook: example.org}",
            "line 2, column 22: on-change.webhook: must be an address with http:// or https:// and a host, as https://example.org/jobs"),
        Case("name: a/b", #"line 2, column 7: name: must be 1 to 100 of a-z, A-Z, 0-9, "-", "_" and ".", the first a letter or a digit"#),
        Case("name: .a", #"line 2, column 7: name: must be 1 to 100 of a-z, A-Z, 0-9, "-", "_" and ".", the first a letter or a digit"#),
        Case(#"page: {model: "a\0b"}"#, "line 2, column 15: page.model: must be the name of a model without control characters"),
        Case(
            "page: {model: yes}",
            #"line 2, column 15: page.model: must be the name of a model; write it in quotes, "yes": without them it is true or false to some readers of YAML"#
        ),
        Case(
            "output: {evidence: yes}",
            #"line 2, column 20: output.evidence: must be true or false, not "yes", which readers of YAML take for different things; write true"#
        ),
        Case(
            "output: {evidence: Off}",
            #"line 2, column 20: output.evidence: must be true or false, not "Off", which readers of YAML take for different things; write false"#
        ),
        Case("output: {evidence: 1}", #"line 2, column 20: output.evidence: must be true or false, not "1""#),
        Case(
            "output: {file: jobs.xml}",
            "line 2, column 16: output.file: has no ending that says its format; write format: ndjson, csv, json, sqlite beside it"),
        Case(
            "output: {file: a.csv/jobs}",
            "line 2, column 16: output.file: has no ending that says its format; write format: ndjson, csv, json, sqlite beside it"),
        Case("output: {format: sqlite}", "line 2, column 18: output.format: sqlite needs a file; write file: beside it"),
        Case(
            "on-change: {command: ./notify}",
            #"line 2, column 22: on-change.command: must be a list of a program and its arguments, as ["./notify", "--short"], not "./notify""#
        ),
        Case("on-change: {when: new>0}", "line 2, column 12: on-change: tells nobody; write webhook or command"),
        Case(
            "on-change: {command: [a], secret-env: S}",
            "line 2, column 39: on-change.secret-env: is the secret of a webhook, which is missing"),
        Case(
            "on-change: {webhook: 'https://a.test', secret-env: s3cr-et}",
            "line 2, column 52: on-change.secret-env: must be the name of a variable, as HOOK_SECRET; the secret itself stays out of the file"
        ),
        Case(
            "depth: !!int 5",
            "line 2, column 8: a tag, as !!int, can't be used in a crawl file; take it out, or write a text that begins with ! in quotes"),
        Case(
            "include: !x [a]",
            "line 2, column 10: a tag, as !!int, can't be used in a crawl file; take it out, or write a text that begins with ! in quotes"),
        Case(
            "extract: [{urls: /a}]",
            "line 2, column 11: extract[0]: says nothing of what is wanted; write one of prompt, fields, schema and skip: true"),
        Case(
            "extract: [{skip: false}]",
            "line 2, column 11: extract[0]: says nothing of what is wanted; write one of prompt, fields, schema and skip: true"),
        Case(
            "extract: [{prompt: a, schema: b, skip: true}]",
            "line 2, column 11: extract[0]: prompt and schema and skip: true contradict each other; keep one"),
        Case(
            "extract: [{skip: true, many: true}]",
            "line 2, column 30: extract[0].many: has no meaning with skip: true; take one of them out"),
        Case(
            "extract:\n- urls: /a\n  prompt: a\n- prompt: b\n- urls: /c\n  prompt: c",
            "line 6, column 3: extract[2]: never counts: extract[1] has no urls and is for all pages; put it last"),
    ]

    static let aliases = [
        Case(
            "exclude: [/a, **/print]",
            "line 2, column 15: a text that begins with * is written in quotes; without them it stands for what was marked with & before, and there is no \"&*/print\""
        ),
        Case(
            "exclude: *later\ninclude: &later [/a]",
            "line 2, column 10: a text that begins with * is written in quotes; without them it stands for what was marked with & before, and there is no \"&later\""
        ),
        Case(
            "exclude: &self [*self]",
            "line 2, column 17: a text that begins with * is written in quotes; without them it stands for what was marked with & before, and there is no \"&self\""
        ),
        Case("include: &a [/a]\ndepth: *a", "line 2, column 10: depth: must be a whole number from 0 to 1000, not a list"),
    ]

    static let variables = [
        Case(
            "page: {model: '${NONE}', proxy: 'a${NOR}${NEITHER}'}",
            "line 2, column 15: page.model: the variable NONE is not set; set it, or write $${NONE} if the text is meant",
            "line 2, column 33: page.proxy: the variable NOR is not set; set it, or write $${NOR} if the text is meant",
            "line 2, column 33: page.proxy: the variable NEITHER is not set; set it, or write $${NEITHER} if the text is meant"),
        Case("name: ${}", "line 2, column 7: name: a variable is written as ${NAME}, of letters, digits and _; for a dollar write $$"),
        Case("name: ${A", "line 2, column 7: name: a variable is written as ${NAME}, of letters, digits and _; for a dollar write $$"),
        Case("name: ${1A}", "line 2, column 7: name: a variable is written as ${NAME}, of letters, digits and _; for a dollar write $$"),
        Case("name: ${A:-b}", "line 2, column 7: name: a variable is written as ${NAME}, of letters, digits and _; for a dollar write $$"),
        Case("name: '${EMPTY}'", "line 2, column 7: name: must be text, and it is empty"),
    ]

    static let syntax = [
        Case(
            "\tdepth: 5",
            "line 2, column 1: this isn't YAML: found a tab character that violates indentation, while scanning a plain scalar that begins on line 1; indent with spaces, not with tabs"
        ),
        Case(
            "limits:\n\tpages: 5",
            "line 3, column 1: this isn't YAML: found character that cannot start any token, while scanning for the next token; indent with spaces, not with tabs"
        ),
        Case(
            "name: @a",
            "line 2, column 7: this isn't YAML: found character that cannot start any token, while scanning for the next token; write a text that begins with @ in quotes"
        ),
        Case(
            "name: every title: with city",
            "line 2, column 18: this isn't YAML: mapping values are not allowed in this context; write a text with a colon in it in quotes"),
        Case(
            "page: {proxy: ${P}}",
            "line 2, column 16: this isn't YAML: did not find expected ',' or '}', while parsing a flow mapping; within [ ] and { } write a text with ${…} in quotes"
        ),
        Case(
            "include: [/a\ndepth: 3",
            "line 3, column 6: this isn't YAML: did not find expected ',' or ']', while parsing a flow sequence that begins on line 2"),
        Case("---\ndepth: 3", "line 2, column 1: a second document begins here; a crawl file is one"),
    ]

    /// Keys that aren't known, or are there twice.
    @Test(arguments: keys) func tellsKeys(_ example: Case) { check(example) }
    /// Values that aren't as they must be.
    @Test(arguments: types) func tellsTypes(_ example: Case) { check(example) }
    /// Aliases.
    @Test(arguments: aliases) func tellsAliases(_ example: Case) { check(example) }
    /// Variables.
    @Test(arguments: variables) func tellsVariables(_ example: Case) { check(example) }
    /// What isn't YAML.
    @Test(arguments: syntax) func tellsSyntax(_ example: Case) { check(example) }

    private func check(_ example: Case) { #expect(faults(below: example.lines, environment: ["EMPTY": ""]) == example.faults) }

    /// A file that is no map.
    @Test(arguments: [
            ("", "line 1, column 1: the file is empty; it needs at least a line as start: https://example.org/jobs"),
            ("# nothing\n", "line 1, column 1: the file is empty; it needs at least a line as start: https://example.org/jobs"),
            ("---\n", "line 2, column 1: must be a map with \(root), and there is nothing"),
            ("https://example.org", "line 1, column 1: must be a map with \(root), not \"https://example.org\""),
            ("- start: a\n", "line 1, column 1: must be a map with \(root), not a list"),
            ("{}", "line 1, column 1: start is missing, as start: https://example.org/jobs"),
        ]) func tellsRoot(_ text: String, _ fault: String)
    {
        #expect(faults(text) == [fault])
    }

    /// Addresses have http or https and a host, and a login is not shown.
    @Test(arguments: [
            "example.org/jobs", "ftp://example.org", "https://", "https:///jobs", "https://?q", "https://u:secret@/", "https://:80/",
            "//example.org",
            "https:example.org", "https://secret.example/a b", "javascript:alert(1)", "https://u:secret@:80",
        ]) func refusesAddresses(_ text: String)
    {
        let fault = "must be an address with http:// or https:// and a host, as https://example.org/jobs"
        #expect(faults("start: [https://a.test, '\(text)']") == ["line 1, column 25: start[1]: \(fault)"])
    }

    /// Addresses that are taken.
    @Test(arguments: ["http://a.test", "HTTPS://A.test:8443/x?y#z", "https://u:p@a.test/", "http://[::1]:80/", "http://\u{E4}.test/\u{E4}"])
    func takesAddresses(_ text: String) throws {
        #expect(try CrawlFile("start: \"\(text)\"", environment: [:]).start == [text])
    }

    /// All faults are told, in the order of the file.
    @Test func tellsAll() {
        let text = """
            start: example.org
            scope: hots
            limits: {pages: many}
            output: {evidence: no}
            exclude: [**]
            depth: -1
            depth: 2
            """
        let places = faults(text).map { String($0.prefix(24)) }
        #expect(
            places == [
                "line 1, column 8: start:", "line 2, column 8: scope:", "line 3, column 17: limit", "line 4, column 20: outpu",
                "line 5, column 11: a tex", "line 6, column 8: depth:", "line 7, column 1: the ke",
            ])
    }

    /// Of more than 50 faults the first 50 are kept, and that is said.
    @Test func bounds() {
        let found = faults(below: (1...60).map { "zzz\($0): 1" }.joined(separator: "\n"))
        #expect(found.count == 51 && found.last == "and more; only 50 are listed")
        #expect(found[49].hasPrefix("line 51, column 1: "))
        #expect(faults(below: (1...50).map { "zzz\($0): 1" }.joined(separator: "\n")).count == 50)
    }

    /// What a variable stands for is never shown.
    @Test func keepsSecrets() {
        let lines =
            "name: ${S}\nscope: ${S}\ndepth: ${S}\nsitemaps: ${S}\nlimits: {time: '${S}', bytes: '${S}'}\noutput: {evidence: '${S}', file: '${S}'}\n"
        let found = faults(below: lines + "on-change: {webhook: '${S}', secret-env: '${S}'}", environment: ["S": "hush hush"])
        #expect(found.count == 10)
        #expect(!found.contains { $0.contains("hush") })
        #expect(found.contains { $0.hasSuffix("must be a whole number from 0 to 1000, not \"${S}\"") })
    }

    /// Quoted text can't steer a terminal and is cut.
    @Test func quotes() {
        #expect(faults(below: #"scope: "\e[2J\u202e\n""#)[0].hasSuffix(#"not "\u{1b}[2J\u{202e}\u{a}""#))
        #expect(
            faults(below: "scope: \(String(repeating: "x", count: 20_000))")[0].hasSuffix(
                "not \"" + String(repeating: "x", count: 60) + "…\""))
        #expect(faults(below: "\(String(repeating: "x", count: 900)): 1")[0].count < 300)
    }

    /// A name has 100 characters at most.
    @Test func boundsName() throws {
        let name = String(repeating: "a", count: 100)
        #expect(try file("name: \(name)").name == name)
        #expect(faults(below: "name: \(name)b").count == 1)
    }

    /// A fault has its place as numbers, and its path.
    @Test func hasPlace() throws {
        let error = try #require(throws: CrawlFileFaults.self) { try file("extract:\n  - {urls: [/a, /b], many: si, skip: true}") }
        let first = try #require(error.faults.first)
        #expect(first.position.line == 3 && first.position.column == 28 && first.path == "extract[0].many")
        #expect(error.areMore == false)
    }
}
