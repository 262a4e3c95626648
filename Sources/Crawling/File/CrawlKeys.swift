/// The maps of a crawl file, and the keys that each may have.
enum CrawlKeys: String, CaseIterable {
    case file = ""
    case limits, extract, page, output
    case onChange = "on-change"

    var keys: [String] {
        switch self {
        case .file:
            [
                "name", "start", "scope", "include", "exclude", "depth", "sitemaps", "nofollow", "seed", "recrawl", "limits", "extract",
                "page",
                "output", "on-change",
            ]
        case .limits: ["pages", "errors", "bytes", "time", "browser", "tokens"]
        case .extract: ["urls", "prompt", "fields", "schema", "skip", "many"]
        case .page: ["wait-for", "actions", "timeout", "render", "proxy", "model", "resolve", "allow-address", "block-hosts", "bytes"]
        case .output: ["file", "format", "evidence"]
        case .onChange: ["when", "webhook", "secret-env", "command"]
        }
    }

    /// What may have been meant by a key that isn't one of these: one that is spelled much the same, or the key of another map.
    func advice(on key: String) -> String {
        let near = Spelling.nearest(to: key, among: keys).map { [$0] } ?? []
        let elsewhere = CrawlKeys.allCases.filter { $0.keys.contains(key) }.map { other in
            other == .file ? "\(key) at the beginning of a line" : "\(key) under \(other.rawValue)"
        }
        let meant = near + elsewhere
        return meant.isEmpty ? "there are \(keys.joined(separator: ", "))" : "did you mean \(meant.joined(separator: ", or "))?"
    }
}
