extension CrawlFile {
    /// Reads a file.
    ///
    /// - Parameter environment: what variables stand for.
    /// - Throws: all that is wrong in the file, up to `CrawlFileFaults.most`; at least one.
    package init(_ text: String, environment: [String: String]) throws(CrawlFileFaults) {
        self.init()
        var reader = FieldReader(environment: environment)
        if text.utf8.count > CrawlFile.limit {
            reader.faults.add(.start, "the file is over \(CrawlFile.limit) bytes, which is the most that is read")
        } else if let root = YAMLTree.read(text, &reader.faults) {
            read(root, &reader)
        } else if reader.faults.faults.isEmpty {
            reader.faults.add(.start, "the file is empty; it needs at least a line as start: https://example.org/jobs")
        }
        guard reader.faults.faults.isEmpty else { throw reader.faults }
    }

    /// Of what is counted.
    private static let counts: ClosedRange<Int64> = 1...1_000_000_000_000

    private mutating func read(_ root: YAMLValue, _ reader: inout FieldReader) {
        let file = Field(value: root, path: "")
        guard let fields = reader.map(file, .file) else { return }
        name = reader.text(fields["name"]).flatMap { CrawlFile.name($0, fields["name"], &reader) }
        if fields["start"] == nil { reader.refuse(file, "start is missing, as start: https://example.org/jobs") }
        start = reader.oneOrMore(fields["start"], "an address").compactMap { reader.address($0) }
        scope = reader.choice(fields["scope"], Scope.self) ?? scope
        include = reader.texts(fields["include"], "a pattern, as /jobs/**")
        exclude = reader.texts(fields["exclude"], "a pattern, as /jobs/**")
        depth = reader.number(fields["depth"], 0...1000).map { Int($0) }
        sitemaps = reader.choice(fields["sitemaps"], Sitemaps.self) ?? sitemaps
        nofollow = reader.choice(fields["nofollow"], Nofollow.self) ?? nofollow
        seed = reader.number(fields["seed"], 0...Int64.max)
        recrawl = reader.choice(fields["recrawl"], Recrawl.self) ?? recrawl
        if let map = reader.map(fields["limits"], .limits) { limits = Limits(map, &reader) }
        extract = CrawlFile.extract(reader.list(fields["extract"], of: "maps, each with urls and what is asked of them"), &reader)
        if let map = reader.map(fields["page"], .page) { page = Page(map, &reader) }
        if let map = reader.map(fields["output"], .output) { output = Output(map, &reader) }
        if let field = fields["on-change"], let map = reader.map(field, .onChange) { onChange = OnChange(field, map, &reader) }
    }

    private static func name(_ text: String, _ field: Field?, _ reader: inout FieldReader) -> String? {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        if isPlain, text.utf8.count <= 100, text.first.map({ $0.isLetter || $0.isNumber }) == true { return text }
        if let field { reader.refuse(field, "must be 1 to 100 of a-z, A-Z, 0-9, \"-\", \"_\" and \".\", the first a letter or a digit") }
        return nil
    }

    private static func extract(_ items: [Field], _ reader: inout FieldReader) -> [Extract] {
        var all: Field?
        return items.compactMap { item in
            guard let map = reader.map(item, .extract) else { return nil }
            if let all { reader.refuse(item, "never counts: \(all.path) has no urls and is for all pages; put it last") }
            if map["urls"] == nil, all == nil { all = item }
            return Extract(item, map, &reader)
        }
    }
}

extension CrawlFile.Limits {
    fileprivate init(_ fields: [String: Field], _ reader: inout FieldReader) {
        pages = reader.number(fields["pages"], CrawlFile.counts)
        errors = reader.number(fields["errors"], CrawlFile.counts)
        bytes = reader.bytes(fields["bytes"])
        time = reader.duration(fields["time"])
        browser = reader.duration(fields["browser"])
        tokens = reader.number(fields["tokens"], CrawlFile.counts)
    }
}

extension CrawlFile.Extract {
    fileprivate init?(_ item: Field, _ fields: [String: Field], _ reader: inout FieldReader) {
        urls = reader.texts(fields["urls"], "a pattern, as /jobs/**")
        many = reader.flag(fields["many"])
        let prompt = reader.text(fields["prompt"], "text, as every job title with its city").map(Request.prompt)
        let fieldsLine = reader.text(fields["fields"], "one text, as \"name, email:email\"").map(Request.fields)
        let schema = reader.text(fields["schema"], "the path of a file").map(Request.schema)
        let skip = reader.flag(fields["skip"])
        var asked = ["prompt", "fields", "schema"].filter { fields[$0] != nil }
        if skip == true { asked.append("skip: true") }
        if asked.count > 1 { reader.refuse(item, "\(asked.joined(separator: " and ")) contradict each other; keep one") }
        if asked.isEmpty, fields["skip"] == nil || skip == false {
            reader.refuse(item, "says nothing of what is wanted; write one of prompt, fields, schema and skip: true")
        }
        if skip == true, let field = fields["many"] { reader.refuse(field, "has no meaning with skip: true; take one of them out") }
        guard let request = prompt ?? fieldsLine ?? schema ?? (skip == true ? .nothing : nil) else { return nil }
        self.request = request
    }
}

extension CrawlFile.Page {
    fileprivate init(_ fields: [String: Field], _ reader: inout FieldReader) {
        waitFor = reader.text(fields["wait-for"], "a CSS selector, as \"#list\" in quotes")
        actions = reader.texts(fields["actions"], "an action, as 'click \"#more\"'")
        timeout = reader.duration(fields["timeout"], atMost: .seconds(3600))
        render = reader.choice(fields["render"], CrawlFile.Render.self)
        if render == .never, waitFor != nil, let field = fields["render"] { reader.refuse(field, "never has no meaning with wait-for, which needs a browser") }
        proxy = reader.text(fields["proxy"], "an address or the name of a pool")
        model = reader.text(fields["model"], "the name of a model")
        resolve = reader.texts(fields["resolve"], "HOST:ADDRESS")
        allowAddress = reader.texts(fields["allow-address"], "CIDR[:PORT[-PORT]]")
        blockHosts = reader.texts(fields["block-hosts"], "a host, as ads.example")
        bytes = reader.bytes(fields["bytes"])
    }
}

extension CrawlFile.Output {
    fileprivate init(_ fields: [String: Field], _ reader: inout FieldReader) {
        file = reader.text(fields["file"], "the path of a file")
        format = reader.choice(fields["format"], Format.self)
        evidence = reader.flag(fields["evidence"]) ?? false
        if fields["format"] == nil, let file, let field = fields["file"] {
            format = file.lastIndex(of: ".").flatMap { Format.ofEnding(file[$0...].dropFirst()) }
            if format == nil { reader.refuse(field, "has no ending that says its format; write format: \(Format.names) beside it") }
        }
        if format == .sqlite, fields["file"] == nil, let field = fields["format"] {
            reader.refuse(field, "sqlite needs a file; write file: beside it")
        }
    }
}

extension CrawlFile.Output.Format {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension CrawlFile.OnChange {
    fileprivate init(_ field: Field, _ fields: [String: Field], _ reader: inout FieldReader) {
        when = reader.texts(fields["when"], "a condition, as \"new>0\"")
        webhook = reader.address(fields["webhook"])
        secretEnv = reader.text(fields["secret-env"], "the name of a variable")
        command = reader.list(fields["command"], of: "a program and its arguments, as [\"./notify\", \"--short\"]")
            .compactMap { reader.text($0) }
        if let secretEnv, !FieldReader.isVariable(secretEnv), let field = fields["secret-env"] {
            reader.refuse(field, "must be the name of a variable, as HOOK_SECRET; the secret itself stays out of the file")
        }
        if let field = fields["secret-env"], fields["webhook"] == nil {
            reader.refuse(field, "is the secret of a webhook, which is missing")
        }
        if fields["webhook"] == nil, fields["command"] == nil { reader.refuse(field, "tells nobody; write webhook or command") }
    }
}
