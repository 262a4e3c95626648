import Documents

/// What lines and candidates ask of elements, laid out once for all nodes below the body.
struct PathTree {
    /// The body, or the page where it has none.
    private(set) var root: NodeID = 0
    /// Arrays are indexed by node; nodes outside the body keep the defaults.
    private(set) var parent: [Int32] = []
    /// The nearest block element or root, the node itself included.
    private(set) var block: [Int32] = []
    /// Steps from the page's root element, the body being 1; 0 outside the body.
    private(set) var depth: [Int32] = []
    /// Equal for nodes with equal tag names all the way up.
    private(set) var general: [Int32] = []
    private(set) var headings: [Headings] = []
    private(set) var zone: [Zone] = []
    /// The element before it under the same parent; -1 for a first one.
    private(set) var previous: [Int32] = []
    private(set) var childCount: [Int32] = []
    /// Number among the cells of its row, from 0.
    private(set) var cell: [Int32] = []
    private(set) var isBlock: [Bool] = []
    /// Elements of the body whose attributes are looked at, in document order: not those inside silent ones.
    private(set) var elements: [NodeID] = []
    /// Nodes of documents in frames.
    private(set) var frames: [Range<NodeID>] = []

    /// Headings that a node is in.
    struct Headings: OptionSet {
        let rawValue: UInt8
        static let h1 = Headings(rawValue: 1)
        static let h2or3 = Headings(rawValue: 2)
        static let h4to6 = Headings(rawValue: 4)
    }

    enum Zone: UInt8 {
        case none, nav, footer, header, aside, heading

        var name: String {
            switch self {
            case .none: ""
            case .nav: "nav"
            case .footer: "footer"
            case .header: "header"
            case .aside: "aside"
            case .heading: "h"
            }
        }
    }

    init() {}

    init(_ document: Document) {
        let nodes = document.nodes
        guard !nodes.isEmpty else { return }
        root = document.first("body") ?? document.first("frameset") ?? 0
        parent = nodes.map { Int32(truncatingIfNeeded: $0.parent) }
        block = Array(repeating: Int32(truncatingIfNeeded: root), count: nodes.count)
        depth = Array(repeating: 0, count: nodes.count)
        general = depth
        headings = Array(repeating: [], count: nodes.count)
        zone = Array(repeating: .none, count: nodes.count)
        previous = Array(repeating: -1, count: nodes.count)
        childCount = depth
        cell = depth
        isBlock = Array(repeating: false, count: nodes.count)
        var lastChild: [Int32] = previous
        var cells: [Int32] = depth
        var names: [Step: Int32] = [:]
        var skipEnd = 0
        for ancestor in document.ancestors(of: root) where PathTree.zone(nodes[ancestor].name) != .none {
            zone[root] = PathTree.zone(nodes[ancestor].name)
        }
        for node in document.subtree(of: root) {
            let current = nodes[node]
            if current.kind == .document, node != root { frames.append(document.subtree(of: node)) }
            guard current.kind != .text else { continue }
            let isRoot = node == root
            let above = isRoot ? node : current.parent
            let own = PathTree.zone(current.name)
            zone[node] = own == .none ? zone[above] : own
            headings[node] = headings[above].union(PathTree.headings(current.name))
            isBlock[node] = isRoot || current.kind != .element || Flow.blocks.contains(current.name)
            block[node] = isBlock[node] ? Int32(truncatingIfNeeded: node) : block[above]
            depth[node] = isRoot ? 1 : depth[above] + (current.kind == .element ? 1 : 0)
            let step = Step(above: isRoot ? -1 : general[above], name: current.name)
            let number = names[step] ?? Int32(truncatingIfNeeded: names.count)
            names[step] = number
            general[node] = number
            guard current.kind == .element else { continue }
            if !isRoot {
                previous[node] = lastChild[above]
                lastChild[above] = Int32(truncatingIfNeeded: node)
                childCount[above] += 1
                if current.name == "td" || current.name == "th" {
                    cell[node] = cells[above]
                    cells[above] += 1
                }
            }
            if node >= skipEnd {
                elements.append(node)
                if Flow.silent.contains(current.name) { skipEnd = current.end }
            }
        }
    }

    private struct Step: Hashable {
        var above: Int32
        var name: String
    }

    private static func zone(_ name: String) -> Zone {
        switch name {
        case "nav": .nav
        case "footer": .footer
        case "header": .header
        case "aside": .aside
        case "h1", "h2", "h3", "h4", "h5", "h6": .heading
        default: .none
        }
    }

    private static func headings(_ name: String) -> Headings {
        switch name {
        case "h1": .h1
        case "h2", "h3": .h2or3
        case "h4", "h5", "h6": .h4to6
        default: []
        }
    }

    /// Parents as far as the root's; nil above it.
    func parent(of node: NodeID) -> NodeID? {
        let above = Int(parent[node])
        return above < 0 ? nil : above
    }

    /// Depth of the lowest node that is above both, or is one of them.
    func sharedDepth(_ a: NodeID, _ b: NodeID) -> Int {
        var (a, b) = (a, b)
        // A parent has a lower number than its children.
        while a != b {
            let lower = max(a, b)
            guard let above = parent(of: lower) else { return 0 }
            if lower == a { a = above } else { b = above }
        }
        return Int(depth[a])
    }

    func isInFrame(_ node: NodeID) -> Bool { frames.contains { $0.contains(node) } }
}
