import Crawling

/// A file with one start, and these lines below it: the first of them is line 2.
func file(_ lines: String, environment: [String: String] = [:]) throws(CrawlFileFaults) -> CrawlFile {
    try CrawlFile("start: https://example.org/\n" + lines, environment: environment)
}

/// Faults as they are shown; empty where the text can be read.
func faults(_ text: String, environment: [String: String] = [:]) -> [String] {
    do throws(CrawlFileFaults) {
        _ = try CrawlFile(text, environment: environment)
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

/// Those of a file with one start, and these lines from the second on.
func faults(below lines: String, environment: [String: String] = [:]) -> [String] {
    faults("start: https://example.org/\n" + lines, environment: environment)
}
