// What a page folds away, told from what it hides.
//
// An accordion, a tab, the second year of a list, the description under a course's title: a reader opens them, so they are content of the
// page, though nothing of them is drawn until then. Text that is hidden alone (orders to robots, decoys, templates, honeypots) is no
// content. Both look alike to the renderer (`display: none`), so what tells them apart is what stands beside them, which must be visible:
//
// - a closed `<details>`: everything below its summary;
// - a control that names the part: `aria-controls`, `data-target`, `data-bs-target`, or a link to its id;
// - the part says that it is a panel (`role=tabpanel`, the classes of the usual widgets);
// - a toggle directly before it: an element that says so (`aria-expanded`, "toggle", "accordion", …), or a heading, link, button, term or
//   row, where the same pair stands on the page at least twice;
// - one sibling of the same kind is shown and all others are hidden: tabs, slides;
// - in stored HTML, whose scripts have not run: a sibling that says the part is still loading.
//
// Menus, dialogs, cookie notices and the like are no content, opened or not. Only what is not laid out at all can be folded away: opacity,
// clipping, no size, a place off the page and `visibility: hidden` are ways to hide. What is hidden inside a folded part is judged by the
// same rules again.

/// Marks the nodes of a page that are folded away.
struct Folding {
    private var nodes: [Document.Node]
    private let source: Document.Source
    /// Ids that visible controls name.
    private var controlled: Set<String> = []
    /// How often a pair of toggle and hidden part stands on the page, and the letters of the largest.
    private var pairs: [Pair: (count: Int, letters: Int)] = [:]
    /// Something of the subtree is laid out; of rendered pages only.
    private var isLaidOut: [Bool] = []
    /// Characters of each subtree besides white space, as far as `leastText` needs them.
    private var letters: [Int] = []
    /// The element directly before, where no text stands between; -1 where there is none.
    private var before: [NodeID] = []
    private var families: [NodeID: Family] = [:]

    /// What the children of one parent say together.
    private struct Family {
        /// By kind: the shown elements, the first two of them.
        var shown: [String: [NodeID]] = [:]
        var isLoading = false
    }

    /// Shorter parts were not worth folding away: a decoy price beside the real one is.
    private static let leastText = 40

    private struct Pair: Hashable {
        var toggle: String
        var part: String
    }

    private init(_ nodes: [Document.Node], _ source: Document.Source) {
        self.nodes = nodes
        self.source = source
    }

    static func mark(_ nodes: consuming [Document.Node], source: Document.Source) -> [Document.Node] {
        var folding = Folding(nodes, source)
        folding.run()
        return folding.nodes
    }

    private mutating func run() {
        measure()
        if source == .rendered {
            isLaidOut = nodes.map { $0.box != nil }
            for node in nodes.indices.reversed() where isLaidOut[node] && nodes[node].parent >= 0 { isLaidOut[nodes[node].parent] = true }
        }
        foldDetails()
        var waiting = nodes.indices.filter { isCandidate($0) }
        guard !waiting.isEmpty else { return }
        for node in nodes.indices where nodes[node].kind == .element && isShown(node) { noteControl(node) }
        for node in waiting { count(node) }
        var next = 0
        while next < waiting.count {
            let node = waiting[next]
            next += 1
            guard isFolded(node) else { continue }
            unfold(node)
            let first = waiting.count
            var inner = node + 1
            while inner < nodes[node].end {
                if isHiddenItself(inner) {
                    if letters[inner] > 0, HTMLVisibility.isLeftOut(nodes[inner].name, nodes[inner].attributes) { waiting.append(inner) }
                    inner = nodes[inner].end
                } else {
                    unfold(inner)
                    noteControl(inner)
                    inner += 1
                }
            }
            for inner in waiting[first...] { count(inner) }
        }
    }

    private mutating func count(_ node: NodeID) {
        guard before[node] >= 0 else { return }
        let pair = Pair(toggle: kind(before[node]), part: kind(node))
        let known = pairs[pair] ?? (0, 0)
        pairs[pair] = (known.count + 1, max(known.letters, letters[node]))
    }

    /// Sizes and neighbours of all nodes, in one pass each: a hostile page has a million of them in one row or one column.
    private mutating func measure() {
        letters = Array(repeating: 0, count: nodes.count)
        before = Array(repeating: -1, count: nodes.count)
        var last = before
        for node in nodes.indices.dropFirst() {
            let parent = nodes[node].parent
            switch nodes[node].kind {
            case .element:
                before[node] = last[parent]
                last[parent] = node
            case .text: if !Folding.isBlank(nodes[node].text) { last[parent] = -1 }
            case .document, .shadowRoot: last[parent] = -1
            }
        }
        for node in nodes.indices.reversed() {
            let here = nodes[node]
            if here.kind == .text {
                for byte in here.text.utf8 where byte > 32 && byte & 0xC0 != 0x80 {
                    letters[node] += 1
                    if letters[node] == Folding.leastText { break }
                }
            }
            if here.kind == .element, Flow.silent.contains(here.name) { letters[node] = 0 }
            if here.parent >= 0 { letters[here.parent] = min(letters[here.parent] + letters[node], Folding.leastText) }
        }
    }

    private mutating func unfold(_ node: NodeID) {
        nodes[node].isHidden = false
        nodes[node].isFolded = true
    }

    /// The top of a part that is not laid out, with text in it.
    private func isCandidate(_ node: NodeID) -> Bool {
        let here = nodes[node]
        guard here.kind == .element, here.isHidden, !here.isFolded, !Flow.silent.contains(here.name), here.name != "noscript" else {
            return false
        }
        if here.parent >= 0, nodes[here.parent].isHidden, source == .html || !isLaidOut[here.parent] { return false }
        switch source {
        case .rendered: return !isLaidOut[node] && letters[node] > 0
        case .html: return HTMLVisibility.isLeftOut(here.name, here.attributes) && letters[node] > 0
        }
    }

    /// By its own attributes and style: the layout says nothing of what is inside a part that was not laid out.
    private func isHiddenItself(_ node: NodeID) -> Bool {
        nodes[node].kind == .element && HTMLVisibility.isHidden(nodes[node].name, nodes[node].attributes)
    }

    // MARK: What stands beside it

    private mutating func isFolded(_ node: NodeID) -> Bool {
        guard !isBesideContent(node) else { return false }
        if let id = attribute("id", node), controlled.contains(id) { return true }
        if hasToggle(node) { return true }
        guard letters[node] >= Folding.leastText else { return false }
        return isPanel(node) || isOneOfTabs(node) || isStillLoading(node)
    }

    /// Closed `<details>`: below the summary nothing is shown, and all of it is content.
    private mutating func foldDetails() {
        var node = 0
        while node < nodes.count {
            let here = nodes[node]
            guard here.name == "details", here.kind == .element, isShown(node), attribute("open", node) == nil else {
                node += 1
                continue
            }
            let summary = children(of: node).first { nodes[$0].name == "summary" }
            guard let summary, isShown(summary) else {
                node = here.end
                continue
            }
            var inner = node + 1
            while inner < here.end {
                if inner == summary {
                    inner = nodes[summary].end
                } else if isHiddenItself(inner) || (nodes[inner].parent == node && source == .rendered && isBesideContent(inner)) {
                    inner = nodes[inner].end
                } else {
                    if source == .html || !hasSize(inner) { unfold(inner) }
                    inner += 1
                }
            }
            node = here.end
        }
    }

    /// Of rendered pages: it has a box that shows something.
    private func hasSize(_ node: NodeID) -> Bool { nodes[node].box.map { $0.width > 0 && $0.height > 0 } ?? false }

    /// Notes the ids that a control names, where it is one.
    private mutating func noteControl(_ node: NodeID) {
        var names: [Substring] = []
        for attribute in nodes[node].attributes {
            switch attribute.name {
            case "aria-controls": names += attribute.value.split { $0 == " " }
            case "data-target", "data-bs-target": if attribute.value.hasPrefix("#") { names.append(attribute.value.dropFirst()) }
            case "href" where nodes[node].name == "a": if attribute.value.hasPrefix("#") { names.append(attribute.value.dropFirst()) }
            case "data-toggle", "data-bs-toggle": if !["collapse", "tab", "pill", "list"].contains(attribute.value) { return }
            case "aria-haspopup": if attribute.value != "false" { return }
            default: break
            }
        }
        for name in names where !name.isEmpty { controlled.insert(String(name)) }
    }

    /// A menu, a dialog, a notice: no content of the page even when it is opened.
    private func isBesideContent(_ node: NodeID) -> Bool {
        var above = node
        var distance = 0
        while above > 0, distance < 200 {
            let here = nodes[above]
            if ["nav", "dialog", "menu", "footer"].contains(here.name) { return true }
            if let role = attribute("role", above), Folding.roles.contains(role) { return true }
            if distance < 3, here.name != "body", here.name != "html" {
                for name in ["class", "id"] where Folding.says(Folding.besideWords, attribute(name, above)) { return true }
            }
            above = here.parent
            distance += 1
        }
        return false
    }

    private static let roles: Set<String> = [
        "navigation", "menu", "menubar", "dialog", "alertdialog", "alert", "listbox", "tooltip", "search", "contentinfo", "status",
    ]
    private static let besideWords: Set<String> = [
        "modal", "modaal", "popup", "popover", "tooltip", "dropdown", "nav", "navbar", "navigation", "submenu", "megamenu", "menu", "cookie",
        "cookies", "consent", "gdpr", "overlay", "lightbox", "offcanvas", "dialog", "share", "sharing", "social", "newsletter", "login",
        "template", "honeypot", "sr",
    ]

    private func isPanel(_ node: NodeID) -> Bool {
        if attribute("role", node) == "tabpanel" { return true }
        let classes = (attribute("class", node) ?? "").lowercased().split { $0 == " " || $0 == "\n" || $0 == "\t" }
        return classes.contains { Folding.panels.contains(String($0)) }
    }

    private static let panels: Set<String> = [
        "tab-pane", "tabpanel", "tab-panel", "tab-content", "tabcontent", "tabs-panel", "ui-tabs-panel", "accordion-body", "accordion-content",
        "accordion-collapse", "accordion-panel", "panel-collapse", "collapse", "ui-accordion-content", "collapsible-body",
        "collapsible-content", "accordion__content", "accordion__panel", "accordion__body", "faq-answer", "carousel-item", "swiper-slide",
        "slick-slide",
    ]

    private func hasToggle(_ node: NodeID) -> Bool {
        let toggle = before[node]
        guard toggle >= 0, isShown(toggle), letters[toggle] > 0 else { return false }
        // Of a row of folded parts a single one may be short.
        guard let pair = pairs[Pair(toggle: kind(toggle), part: kind(node))], pair.letters >= Folding.leastText else { return false }
        if isToggle(toggle) || children(of: toggle).contains(where: { isToggle($0) && isShown($0) }) { return true }
        return pair.count >= 2 && Folding.headings.contains(nodes[toggle].name) && kind(toggle) != kind(node)
    }

    private static let headings: Set<String> = ["h1", "h2", "h3", "h4", "h5", "h6", "a", "button", "dt", "legend", "summary", "tr"]

    private func isToggle(_ node: NodeID) -> Bool {
        guard nodes[node].kind == .element else { return false }
        if let state = attribute("aria-expanded", node), state == "false", attribute("aria-haspopup", node) == nil { return true }
        return Folding.says(Folding.toggleWords, attribute("class", node))
    }

    private static let toggleWords: Set<String> = [
        "toggle", "toggler", "toggles", "accordion", "accordian", "expand", "expander", "expandable", "collapse", "collapsed", "collapsible",
        "trigger", "showhide", "unfold",
    ]

    /// One of its siblings of the same kind is shown, itself and all the others are not.
    private mutating func isOneOfTabs(_ node: NodeID) -> Bool {
        guard nodes[node].parent >= 0, nodes[node].name != "tr", nodes[node].name != "li" || hasElements(node, atLeast: 3) else {
            return false
        }
        let own = kind(node)
        guard let shown = family(of: node).shown[own], shown.count == 1, letters[shown[0]] >= Folding.leastText else { return false }
        // Without a class that they share, they must be built alike.
        return own.contains(".") || (hasElements(node, atLeast: 2) && childNames(shown[0]) == childNames(node))
    }

    private mutating func isStillLoading(_ node: NodeID) -> Bool {
        source == .html && nodes[node].parent >= 0 && family(of: node).isLoading
    }

    /// As it is before anything is unfolded in it.
    private mutating func family(of node: NodeID) -> Family {
        let parent = nodes[node].parent
        if let known = families[parent] { return known }
        var family = Family()
        for child in children(of: parent) where nodes[child].kind == .element && isShown(child) {
            let kind = kind(child)
            if family.shown[kind, default: []].count < 2 { family.shown[kind, default: []].append(child) }
            for name in ["class", "id"] where Folding.says(Folding.loadingWords, attribute(name, child)) { family.isLoading = true }
        }
        families[parent] = family
        return family
    }

    private static let loadingWords: Set<String> = ["loading", "loader", "spinner", "preloader", "skeleton"]

    // MARK: The table

    private func attribute(_ name: String, _ node: NodeID) -> String? { nodes[node].attributes.first { $0.name == name }?.value }

    private func isShown(_ node: NodeID) -> Bool {
        if nodes[node].isFolded { return true }
        return source == .html ? !nodes[node].isHidden : isLaidOut[node] && (!nodes[node].isHidden || nodes[node].box == nil)
    }

    private func children(of node: NodeID) -> some Sequence<NodeID> {
        let end = nodes[node].end
        return sequence(state: node + 1) { next -> NodeID? in
            guard next < end else { return nil }
            defer { next = nodes[next].end }
            return next
        }
    }

    private func hasElements(_ node: NodeID, atLeast least: Int) -> Bool {
        var count = 0
        for inner in node + 1..<nodes[node].end where nodes[inner].kind == .element {
            count += 1
            if count >= least { return true }
        }
        return false
    }

    private func childNames(_ node: NodeID) -> [String] { children(of: node).prefix(8).map { nodes[$0].name }.filter { !$0.isEmpty } }

    /// Tag and classes without those that say a state: equal for parts of one kind, shown or hidden.
    private func kind(_ node: NodeID) -> String {
        var classes: [String] = []
        for name in (attribute("class", node) ?? "").lowercased().split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" }) {
            if !Folding.says(Folding.stateWords, String(name)) { classes.append(String(name)) }
        }
        return classes.isEmpty ? nodes[node].name : nodes[node].name + "." + classes.sorted().joined(separator: ".")
    }

    private static let stateWords: Set<String> = [
        "active", "inactive", "current", "selected", "open", "opened", "closed", "show", "shown", "hide", "hidden", "visible", "invisible",
        "collapsed", "expanded", "first", "last", "odd", "even", "in", "out", "on", "off", "fade", "none",
    ]

    /// Whether one of the words of a class or an id is among those.
    private static func says(_ known: Set<String>, _ text: String?) -> Bool { text.map { words($0).contains { known.contains($0) } } ?? false }

    /// "Accordion-Body_2" → accordion, body.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        var wasLower = false
        for byte in text.utf8 {
            switch byte {
            case 97...122:
                word.append(byte)
                wasLower = true
            case 65...90:
                if wasLower { end() }
                word.append(byte | 32)
                wasLower = false
            default:
                end()
                wasLower = false
            }
        }
        end()
        return words
    }

    private static func isBlank(_ text: String) -> Bool { text.utf8.allSatisfy { $0 <= 32 } }
}
