package import Crawling
import Documents
package import Extraction

/// What a run was asked to do, as it is stored: enough for another process to go on with it.
package struct RunSpec: Sendable {
    /// Nil for runs that only look at pages.
    package var request: ExtractionRequest?
    /// What the person wrote, beside what was understood of it: its words are compared with headings, classes and addresses of lists.
    /// Empty where a schema or fields said what is wanted, and in runs stored before it was kept.
    package var prompt: String
    package var options: VisitOptions
    /// Nil for runs that visit what was typed and nothing else.
    package var crawl: CrawlPlan?

    package init(request: ExtractionRequest?, prompt: String = "", options: VisitOptions, crawl: CrawlPlan? = nil) {
        self.request = request
        self.prompt = prompt
        self.options = options
        self.crawl = crawl
    }

    /// What a page is read for, as text; empty where it is for nothing.
    package func asked(of url: String) -> String {
        (crawl == nil ? request : crawl?.reading(of: url)?.request)?.json.description ?? ""
    }

    package struct Unreadable: Error, CustomStringConvertible {
        package var description: String
    }

    package init(_ text: String) throws {
        let json: JSON
        do { json = try JSON(parsing: text) } catch { throw Unreadable(description: "the run's specification can't be read: \(error)") }
        options = VisitOptions(json: json["options"] ?? .null)
        prompt = json["prompt"]?.string ?? ""
        if let stored = json["request"], !stored.isNull {
            guard let request = ExtractionRequest(json: stored) else {
                throw Unreadable(description: "the run's request can't be read: it was written by another version")
            }
            self.request = request
        }
        if let stored = json["crawl"], !stored.isNull {
            guard let crawl = CrawlPlan(json: stored) else {
                throw Unreadable(description: "the run's crawl can't be read: it was written by another version")
            }
            self.crawl = crawl
        }
    }

    package var text: String {
        JSON.of(("request", request?.json ?? .null), ("prompt", .string(prompt)), ("options", options.json),
            ("crawl", crawl?.json)).description
    }
}
