import Foundation

/// A field that holds a value of its own, with where it stands in a record: `price` of `offer` is `/offer/price`.
struct Leaf: Sendable {
    var steps: [String]
    var field: Field

    var pointer: String { steps.map { "/" + $0.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1") }.joined() }

    /// A list of plain values, as opposed to one.
    var isList: Bool { field.type == .list }
    /// Type of the value, or of each element.
    var type: FieldType { isList ? field.items ?? .text : field.type }

    /// A sum of money, whichever type was asked for.
    var isPrice: Bool { type == .money || (type == .number && field.name.lowercased().contains("price")) }

    /// The price before a reduction.
    var isFormerPrice: Bool {
        let words = (field.name + " " + (field.description ?? "")).lowercased().split { !$0.isLetter }
        return words.contains { ["old", "was", "original", "regular", "former", "previous", "before", "list", "rrp", "msrp"].contains($0) }
    }

    /// The site, or whose it is.
    var namesSite: Bool {
        let words = (pointer + " " + (field.description ?? "")).lowercased().split { !$0.isLetter }
        return words.contains {
            ["site", "website", "company", "organization", "organisation", "business", "publisher", "brand", "store", "shop", "institution"]
                .contains($0)
        }
    }

    /// As it is asked of the matcher and the list reader: parts of an object say of what ("price" of "offer").
    var asked: Field {
        guard steps.count > 1 else { return field }
        var field = field
        let owner = steps.dropLast().joined(separator: " ").replacingOccurrences(of: "_", with: " ")
        field.description = [field.description, "of the \(owner)"].compactMap { $0 }.joined(separator: " ")
        return field
    }

    /// The leaves of the fields in their order, and the lists of objects, which are read as records of their own.
    static func all(of fields: [Field]) -> (leaves: [Leaf], groups: [Leaf]) {
        var leaves: [Leaf] = []
        var groups: [Leaf] = []
        func visit(_ field: Field, _ above: [String]) {
            let steps = above + [field.name]
            switch field.type {
            case .object where !field.fields.isEmpty: for part in field.fields { visit(part, steps) }
            case .list where !field.fields.isEmpty: groups.append(Leaf(steps: steps, field: field))
            default: leaves.append(Leaf(steps: steps, field: field))
            }
        }
        for field in fields { visit(field, []) }
        return (leaves, groups)
    }
}
