package import Documents
package import Foundation

/// A page with what is true about it: one line of a `labels.jsonl`.
package struct LabelledPage: Sendable {
    package enum Kind: String, Sendable {
        /// One record: `fields`.
        case detail
        /// Many records: `records`.
        case listing
        /// A page of a list, of which the links to its other pages are known: `fields` has `next`, `page`, `prev`, each `[{text, href}]`.
        case pagination
    }

    package var id: String
    package var set: String
    /// "dev", "heldout", or what the folder calls its parts; empty where it has none.
    package var half: String
    package var kind: Kind
    /// Pages that are asked the same within a set (SWDE's "auto", "job", …); empty: the whole set.
    package var vertical: String
    /// Address the page was taken from; empty where unknown.
    package var url: String
    /// As a server would say it; nil: the page says it itself.
    package var charset: String?
    /// What a person would ask, in words.
    package var goal: String
    /// What is asked, as a JSON Schema; nil: the set's field names.
    package var schema: JSON?
    /// The stored HTML.
    package var file: URL
    /// Labels of a detail or pagination page.
    package var fields: [JSON.Member]
    /// Labels of a listing.
    package var records: [JSON]
    /// A label that is a list names values of which any will do, not many values.
    package var listsAreAlternatives: Bool

    /// - Parameters:
    ///   - folder: where the file that held the record is.
    ///   - set: name of the set where the record has none.
    /// - Throws: `record`, naming what is missing.
    package init(_ record: JSON, folder: URL, set: String, half: String = "") throws(EvaluationError) {
        func bad(_ what: String) -> EvaluationError { EvaluationError(.record, what) }
        guard record.members != nil else { throw bad("the line is no JSON object") }
        guard let id = record["id"]?.string, !id.isEmpty else { throw bad("the record has no id") }
        guard let word = record["kind"]?.string, let kind = Kind(rawValue: word) else {
            throw bad("record \(id): its kind is none of detail, listing, pagination")
        }
        guard let html = record["html"]?.string, !html.isEmpty, !html.hasPrefix("/"), !html.split(separator: "/").contains("..") else {
            throw bad("record \(id): html must name a file in its folder")
        }
        self.id = id
        self.set = record["set"]?.string ?? set
        self.half = record["half"]?.string ?? half
        self.kind = kind
        vertical = record["vertical"]?.string ?? ""
        url = record["url"]?.string ?? ""
        charset = record["charset"]?.string
        goal = record["goal"]?.string ?? ""
        schema = record["schema"].flatMap { $0.isNull ? nil : $0 }
        fields = record["fields"]?.members ?? []
        records = record["records"]?.array ?? []
        listsAreAlternatives = record["fields_are_alternatives"]?.bool ?? Wordings.setsOfAlternatives.contains(self.set)
        // `<set>/labels.jsonl` stands beside its pages; `<half>/<set>/labels.jsonl` has them in the set's own folder, two levels up.
        let places = [folder, folder.deletingLastPathComponent().deletingLastPathComponent().appending(path: self.set)]
        guard let file = places.map({ $0.appending(path: html) }).first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw bad("record \(id): there is no page \(html)")
        }
        self.file = file
    }

    /// Largest stored page that is read, in bytes.
    private static let mostBytes = 64 << 20

    /// The page's bytes. Throws: `record`.
    package func html() throws(EvaluationError) -> [UInt8] {
        do {
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int ?? 0
            guard size <= LabelledPage.mostBytes else {
                throw EvaluationError(.record, "record \(id): its page has \(size) bytes, more than are read")
            }
            return [UInt8](try Data(contentsOf: file))
        } catch let error as EvaluationError {
            throw error
        } catch {
            throw EvaluationError(.record, "record \(id): its page can't be read", underlying: error)
        }
    }
}

/// A folder of labelled pages: one set (`labels.jsonl` beside the pages), a folder of sets, or sets below halves (`dev/<set>/labels.jsonl`).
package struct LabelledFolder: Sendable {
    /// In the order of the files, sets by name.
    package private(set) var pages: [LabelledPage] = []
    /// Records that can't be used: file, line, and why.
    package private(set) var faults: [String] = []

    /// - Throws: `input` where the folder has no labels at all.
    package init(_ folder: URL) throws(EvaluationError) {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
            throw EvaluationError(.input, "\(folder.path): there is no such folder")
        }
        guard isFolder.boolValue else { throw EvaluationError(.input, "\(folder.path): it is a file; name the folder that holds labels.jsonl") }
        let labels = LabelledFolder.labels(in: folder, depth: 2)
        guard !labels.isEmpty else {
            throw EvaluationError(.input, "\(folder.path): neither it nor the folders in it hold a labels.jsonl")
        }
        var seen: Set<[String]> = []
        for file in labels {
            let place = file.deletingLastPathComponent()
            let above = place.deletingLastPathComponent().lastPathComponent
            let half = ["dev", "heldout"].contains(above) ? above : ""
            let data: Data
            do { data = try Data(contentsOf: file) } catch {
                faults.append("\(file.path) can't be read: \(error.localizedDescription)")
                continue
            }
            for (number, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
                if line.allSatisfy({ $0 <= 32 }) { continue }
                do {
                    let record = try JSON(parsing: String(decoding: line, as: UTF8.self))
                    let page = try LabelledPage(record, folder: place, set: place.lastPathComponent, half: half)
                    if seen.insert([page.set, page.id]).inserted { pages.append(page) }
                } catch {
                    faults.append("\(file.path) line \(number + 1): \(error)")
                }
            }
        }
    }

    private static func labels(in folder: URL, depth: Int) -> [URL] {
        let own = folder.appending(path: "labels.jsonl")
        if FileManager.default.fileExists(atPath: own.path) { return [own] }
        guard depth > 0 else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { labels(in: folder.appending(path: $0), depth: depth - 1) }
    }
}
