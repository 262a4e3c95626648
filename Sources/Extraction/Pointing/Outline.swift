import Documents

/// The visible lines of a page, numbered from 1: what a language model reads and points at.
struct Outline: Sendable {
    struct Block: Sendable {
        var number: Int
        /// Where its text stands in the document's flow.
        var flow: Range<Int>
        /// Its text: values are cut from here.
        var scalars: [Unicode.Scalar]
        /// The line as the model sees it.
        var line: String
    }

    /// A longer block is shown by its beginning; words are found in all of it.
    static let shown = 400

    private(set) var blocks: [Block] = []
    /// Lines of long runs of links (menus, tag clouds) that were left out.
    private(set) var leftOut = 0

    init(_ page: PageReading) {
        let kept = page.keptLines
        for (index, line) in page.lines[..<page.visibleCount].enumerated() {
            guard let flow = line.flow, flow.count == line.scalars.count, !line.scalars.isEmpty else { continue }
            guard kept[index] else {
                leftOut += 1
                continue
            }
            let number = blocks.count + 1
            blocks.append(Block(number: number, flow: flow, scalars: line.scalars, line: Outline.text(number, line)))
        }
    }

    /// "[12] # A heading", "[13] (Price) €12.50". Numbers come first, so that no line of the page can look like the outline's end.
    private static func text(_ number: Int, _ line: ReadLine) -> String {
        var text = "[\(number)] "
        if line.zone == "h" { text += "# " }
        let label = line.label.isEmpty ? line.columnHead : line.label
        if !label.isEmpty, label.utf8.count <= 80, label != line.text { text += "(\(oneLine(label))) " }
        text += oneLine(string(line.scalars.prefix(shown)))
        return line.scalars.count > shown ? text + "…" : text
    }

    /// Control and format characters become spaces: what a person can't see must not speak to the model.
    private static func oneLine(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
