/// One field as the matcher is asked for it.
package struct FieldQuery: Sendable, Hashable {
    /// As it is written into the chunk: "name" or "name: description". What is longer than twelve word pieces is not read.
    package var text: String
    /// Many values are wanted, so that more pairs are looked at and lists are decoded.
    package var isList: Bool

    package init(text: String, isList: Bool) {
        self.text = text
        self.isList = isList
    }

    /// The words of the field's name, then its description where that says more than the name.
    ///
    /// The name of an object's part that says little alone ("name", "value") is asked with the object's: "author name".
    package init(_ field: Field, of owner: Field? = nil) {
        var name = FieldQuery.words(ofName: field.name)
        if let owner, FieldQuery.vague.contains(name) { name = FieldQuery.words(ofName: owner.name) + " " + name }
        let description = FieldQuery.shortened(field.description ?? "")
        let nameWords = FieldQuery.plainWords(name)
        let words = FieldQuery.plainWords(description)
        if words.isSubset(of: nameWords) {
            text = name
        } else if nameWords.isSubset(of: words), words.count <= 6 {
            // "title of the job" says "title" already; in a long description the name would come too late.
            text = description
        } else {
            text = name + ": " + description
        }
        isList = field.type == .list
    }

    /// Number of features of a (field, candidate) pair: a row of `PageReading.pairFeatures(_:)`.
    package static let pairFeatureCount = 21

    private static let vague: Set<String> = ["name", "value", "title", "text", "type", "id", "url", "image", "description"]

    /// Short names of properties, written out as the matcher learned them.
    private static let written: [String: String] = [
        "tel": "telephone", "org": "organization", "addr": "address", "desc": "description", "zipcode": "zip code",
        "postcode": "postal code", "img": "image url", "qty": "quantity",
    ]

    /// "hiring_company" and "hiringCompany" → "hiring company". Names in other scripts stay as they are.
    private static func words(ofName name: String) -> String {
        var out = String.UnicodeScalarView()
        var last: Unicode.Scalar = "_"
        for scalar in name.unicodeScalars {
            if scalar == "_" || scalar == "-" || scalar == "." || scalar == "@" || scalar.properties.isWhitespace {
                if let end = out.last, end != " " { out.append(" ") }
            } else {
                let startsWord = scalar.properties.isUppercase && (last.properties.isLowercase || last.properties.numericType != nil)
                if startsWord { out.append(" ") }
                out.append(scalar)
            }
            last = scalar
        }
        if out.last == " " { out.removeLast() }
        let words = String(out).lowercased()
        return written[words] ?? words
    }

    private static let mostWords = 9

    /// As many words as are read beside a name.
    private static func shortened(_ description: String) -> String {
        description.lowercased().split(whereSeparator: \.isWhitespace).prefix(mostWords).joined(separator: " ")
    }

    private static let fillers: Set<String> = ["the", "a", "an", "of", "its", "their", "each", "every", "all", "s"]

    /// Words that say something, without plural endings, so that "titles" and "the title" are one.
    private static func plainWords(_ text: String) -> Set<String> {
        let words = text.split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { !fillers.contains($0) }
        return Set(words.map { String(decoding: Words.stem(Array($0.utf8)), as: UTF8.self) })
    }
}
