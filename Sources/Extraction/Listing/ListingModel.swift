import Documents

/// The two boosted-tree models that choose columns and families; read once from `listing-trees.json` by whoever knows where it lies.
package struct ListingModel: Sendable {
    let columns: Trees
    let families: Trees

    /// Reads the models' JSON. Throws when it is not JSON, when its features are not those this version computes, or when a tree points
    /// outside itself; nothing is retried, the file has to be replaced.
    package init(json: some Sequence<UInt8>) throws(ExtractionError) {
        let text = String(decoding: Array(json), as: UTF8.self)
        let parsed: JSON
        do {
            parsed = try JSON(parsing: text)
        } catch {
            throw ExtractionError(
                .model, "the listing model is no JSON; put the file of this release back in its place", underlying: error)
        }
        columns = try Trees(parsed["column"], named: "column", features: Listing.PairFeature.names)
        families = try Trees(parsed["family"], named: "family", features: Listing.FamilyFeature.names)
    }

    /// Sums of small trees, evaluated for eight rows at a time without a branch: every node of a tree is asked, a node that is passed on its
    /// right side strikes out the leaves on its left, and the first leaf left standing is the answer (QuickScorer, SIGIR 2015).
    struct Trees: Sendable {
        struct Node: Sendable {
            var threshold: Float
            var feature: Int32
            /// Leaves that stay when the feature is above the threshold.
            var kept: UInt32
        }

        private static let lanes = 8
        private static let mostLeaves = 32

        private(set) var nodes: [Node] = []
        /// Leaves of each tree from left to right.
        private(set) var leaves: [Float] = []
        /// First node and first leaf of each tree; one more at the end.
        private var starts: [(node: Int32, leaf: Int32)] = [(0, 0)]
        private let width: Int

        init(_ json: JSON?, named name: String, features: [String]) throws(ExtractionError) {
            func fail(_ reason: String) -> ExtractionError {
                ExtractionError(
                    .model, "the listing model's \(name) trees can't be used: \(reason); put the file of this release back in its place")
            }
            width = features.count
            guard let names = json?["features"]?.array?.compactMap(\.string), names == features else {
                throw fail("their features are not the \(features.count) of this version")
            }
            guard let trees = json?["trees"]?.array, !trees.isEmpty, trees.count <= 100_000 else { throw fail("there are none") }
            for tree in trees {
                guard let f = tree["f"]?.array, let t = tree["t"]?.array, let l = tree["l"]?.array, let r = tree["r"]?.array,
                    let v = tree["v"]?.array, f.count == t.count, f.count == l.count, f.count == r.count, v.count == f.count + 1,
                    f.count < 10_000
                else { throw fail("a tree lacks nodes or leaves") }
                guard v.count <= Trees.mostLeaves else { throw fail("a tree has more than \(Trees.mostLeaves) leaves") }
                var own: [(node: Node, left: Int, right: Int)] = []
                for index in f.indices {
                    guard let feature = f[index].int, features.indices.contains(feature), let threshold = t[index].double,
                        let left = l[index].int, let right = r[index].int,
                        // A child stands behind its parent, so that walking down ends.
                        left < 0 ? ~left < v.count : left > index && left < f.count,
                        right < 0 ? ~right < v.count : right > index && right < f.count
                    else { throw fail("a node points outside its tree") }
                    // The trees were grown on doubles of 32-bit features: the largest float below decides the same way.
                    var limit = Float(threshold)
                    if Double(limit) > threshold { limit = limit.nextDown }
                    own.append((Node(threshold: limit, feature: Int32(feature), kept: .max), left, right))
                }
                // Leaves from left to right; on the way up, each node learns which lie on its left side.
                var open: [(node: Int, stage: Int, first: Int)] = [(f.isEmpty ? -1 : 0, 0, 0)]
                let first = leaves.count
                var order = 0
                while var visit = open.popLast() {
                    if visit.node < 0 {
                        guard let value = v[~visit.node].double, value.isFinite, order < v.count else {
                            throw fail("a leaf is no number or met twice")
                        }
                        leaves.append(Float(value))
                        order += 1
                        continue
                    }
                    switch visit.stage {
                    case 0:
                        visit.first = order
                        visit.stage = 1
                        open.append(visit)
                        open.append((own[visit.node].left, 0, 0))
                    case 1:
                        let left = (UInt32.max >> UInt32(32 - (order - visit.first))) << UInt32(visit.first)
                        own[visit.node].node.kept = ~left
                        open.append((own[visit.node].right, 0, 0))
                    default: break
                    }
                }
                guard leaves.count - first == v.count else { throw fail("a leaf hangs on no node") }
                nodes += own.map(\.node)
                starts.append((Int32(nodes.count), Int32(leaves.count)))
            }
        }

        /// Probabilities of rows that lie one behind the other in `features`.
        func scores(_ features: [Float]) -> [Float] {
            let lanes = Trees.lanes
            let count = features.count / max(1, width)
            var results = [Float](repeating: 0, count: count)
            // Eight rows turned on their side: one vector a feature.
            var columns = [SIMD8<Float>](repeating: SIMD8(repeating: 0), count: width)
            var block = 0
            while block < count {
                let rows = min(lanes, count - block)
                for row in 0..<rows {
                    for column in 0..<width { columns[column][row] = features[(block + row) * width + column] }
                }
                let sums = sums(columns)
                for row in 0..<rows { results[block + row] = Float(1 / (1 + Listing.exp(-Double(sums[row])))) }
                block += rows
            }
            return results
        }

        private func sums(_ columns: [SIMD8<Float>]) -> SIMD8<Float> {
            var sums = SIMD8<Float>(repeating: 0)
            columns.withUnsafeBufferPointer { columns in
                nodes.withUnsafeBufferPointer { nodes in
                    for tree in 0..<starts.count - 1 {
                        var standing = SIMD8<UInt32>(repeating: .max)
                        for index in Int(starts[tree].node)..<Int(starts[tree + 1].node) {
                            let node = nodes[index]
                            let passed = columns[Int(node.feature)] .> node.threshold
                            standing.replace(with: standing & node.kept, where: passed)
                        }
                        let first = Int(starts[tree].leaf)
                        for lane in 0..<Trees.lanes { sums[lane] += leaves[first &+ standing[lane].trailingZeroBitCount] }
                    }
                }
            }
            return sums
        }
    }
}
