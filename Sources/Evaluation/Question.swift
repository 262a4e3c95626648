import Documents
package import Extraction

/// What is asked of a page, made without looking at its values.
package struct Question: Sendable {
    package var request: ExtractionRequest
    /// Name of each asked field in the labels, by the name it is asked under.
    package var names: [String: String]
    /// What the person wrote; empty where nothing is known.
    package var prompt: String

    /// Why nothing can be asked is said; the other pages go on.
    package static func all(of pages: [LabelledPage]) -> [Result<Question, EvaluationError>] {
        var groups: [[String]: Names] = [:]
        for page in pages where page.schema == nil && page.kind == .detail {
            groups[[page.set, page.vertical], default: Names()].add(page)
        }
        return pages.map { page in
            do throws(EvaluationError) {
                return .success(try Question(page, groups[[page.set, page.vertical]] ?? Names()))
            } catch {
                return .failure(error)
            }
        }
    }

    /// Field names of a set in the order of their first appearance, and which of them hold lists.
    struct Names {
        private(set) var order: [String] = []
        private(set) var lists: Set<String> = []

        mutating func add(_ page: LabelledPage) {
            let known = Wordings.bySet[page.set]
            for label in page.fields {
                if let known, known[label.name] == nil { continue }
                switch label.value {
                case .object: continue
                case .array(let values) where values.contains(where: { $0.members != nil || $0.array != nil }): continue
                // Only the shape of a label is looked at.
                case .array where known == nil && !page.listsAreAlternatives: lists.insert(label.name)
                default: break
                }
                if Wordings.lists[page.set]?.contains(label.name) == true { lists.insert(label.name) }
                if !order.contains(label.name) { order.append(label.name) }
            }
        }
    }

    package init(request: ExtractionRequest, names: [String: String], prompt: String) {
        self.request = request
        self.names = names
        self.prompt = prompt
    }

    private init(_ page: LabelledPage, _ names: Names) throws(EvaluationError) {
        prompt = page.goal
        self.names = [:]
        if page.kind == .pagination {
            request = ExtractionRequest(many: true, fields: [])
            return
        }
        if let schema = page.schema {
            do { request = try SchemaReader.read(schema) } catch {
                throw EvaluationError(.record, "record \(page.id): \(error.message)")
            }
            if !request.isManyStated { (request.many, request.isManyStated) = (page.kind == .listing, true) }
            for field in request.fields { self.names[field.name] = field.name }
            return
        }
        var fields: [Field] = []
        if page.kind == .listing {
            for label in Question.columns(of: page) {
                self.names[label] = label
                fields.append(Field(name: label, type: Question.type(of: label)))
            }
        } else {
            let known = Wordings.bySet[page.set] ?? [:]
            for name in names.order {
                var wording = known[name] ?? name.replacing("_", with: " ")
                if self.names[wording] != nil { wording = name }
                guard self.names[wording] == nil else { continue }
                self.names[wording] = name
                let type = Question.type(of: wording)
                fields.append(names.lists.contains(name) ? Field(name: wording, type: .list, items: type) : Field(name: wording, type: type))
            }
        }
        guard !fields.isEmpty else { throw EvaluationError(.record, "record \(page.id): neither a schema nor a label says what to ask") }
        request = ExtractionRequest(many: page.kind == .listing, fields: fields)
    }

    /// Names of the single values in a listing's records, in the order of their first appearance.
    static func columns(of page: LabelledPage) -> [String] {
        var columns: [String] = []
        for record in page.records {
            for label in record.members ?? [] where !columns.contains(label.name) {
                switch label.value {
                case .string, .number: columns.append(label.name)
                default: break
                }
            }
        }
        return columns
    }

    /// Text, but for addresses, which don't stand in the text.
    private static func type(of name: String) -> FieldType {
        let words = name.lowercased().split { !$0.isLetter }
        guard let last = words.last, ["url", "link", "href"].contains(last) else { return .text }
        return words.dropLast().last.map { ["image", "img", "picture", "photo"].contains($0) } ?? false ? .image : .url
    }
}
