import Documents

/// The two boosted-tree models that choose columns and families; read once from `listing-trees.json` by whoever knows where it lies.
package struct ListingModel: Sendable {
    let columns: Trees
    let families: Trees

    /// Reads the models' JSON. Throws when it is not JSON, when its features are not those this version computes, or when a tree points
    /// outside itself; nothing is retried, the file has to be replaced.
    package init(json: some Sequence<UInt8>) throws(ListingModelError) {
        let text = String(decoding: Array(json), as: UTF8.self)
        let parsed: JSON
        do {
            parsed = try JSON(parsing: text)
        } catch {
            throw ListingModelError(message: "The listing model is \(error). Put the file of this release back in its place.", underlying: error)
        }
        columns = try Trees(parsed["column"], named: "column", features: Listing.PairFeature.names)
        families = try Trees(parsed["family"], named: "family", features: Listing.FamilyFeature.names)
    }

    /// Sums of small trees. All nodes lie in one array, so that a tree is in the cache while rows pass it.
    struct Trees: Sendable {
        struct Node: Sendable {
            var threshold: Float
            var feature: UInt16
            /// Offset of the next node in the tree; a leaf is `~index`.
            var left: Int16
            var right: Int16
        }

        private(set) var nodes: [Node] = []
        private(set) var leaves: [Float] = []
        /// First node and first leaf of each tree.
        private var starts: [(node: Int32, leaf: Int32)] = []
        private let width: Int
        /// Leaves of trees without a split.
        private var constant: Float = 0

        init(_ json: JSON?, named name: String, features: [String]) throws(ListingModelError) {
            func fail(_ reason: String) -> ListingModelError {
                ListingModelError(
                    message: "The listing model's \(name) trees can't be used: \(reason). Put the file of this release back in its place.")
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
                if f.isEmpty {
                    constant += Float(v[0].double ?? 0)
                    continue
                }
                starts.append((Int32(nodes.count), Int32(leaves.count)))
                for index in f.indices {
                    guard let feature = f[index].int, features.indices.contains(feature), let threshold = t[index].double,
                        let left = l[index].int, let right = r[index].int,
                        // A child stands behind its parent, so that walking down ends.
                        (left < 0 ? ~left < v.count : left > index && left < f.count),
                        (right < 0 ? ~right < v.count : right > index && right < f.count)
                    else { throw fail("a node points outside its tree") }
                    // The trees were grown on doubles of 32-bit features: the largest float below decides the same way.
                    var limit = Float(threshold)
                    if Double(limit) > threshold { limit = limit.nextDown }
                    nodes.append(Node(threshold: limit, feature: UInt16(feature), left: Int16(left), right: Int16(right)))
                }
                for leaf in v {
                    guard let value = leaf.double, value.isFinite else { throw fail("a leaf is no number") }
                    leaves.append(Float(value))
                }
            }
        }

        /// Probabilities of rows that lie one behind the other in `features`.
        func scores(_ features: [Float]) -> [Float] {
            let count = features.count / max(1, width)
            var sums = [Float](repeating: constant, count: count)
            features.withUnsafeBufferPointer { features in
                nodes.withUnsafeBufferPointer { nodes in
                    leaves.withUnsafeBufferPointer { leaves in
                        sums.withUnsafeMutableBufferPointer { sums in
                            var block = 0
                            while block < count {
                                let end = min(count, block + 32)
                                for start in starts {
                                    let first = Int(start.node)
                                    let leaf = Int(start.leaf)
                                    for row in block..<end {
                                        let base = row &* width
                                        var at = 0
                                        repeat {
                                            let node = nodes[first &+ at]
                                            at = Int(features[base &+ Int(node.feature)] <= node.threshold ? node.left : node.right)
                                        } while at >= 0
                                        sums[row] += leaves[leaf &+ ~at]
                                    }
                                }
                                block = end
                            }
                        }
                    }
                }
            }
            for row in sums.indices { sums[row] = Float(1 / (1 + Listing.exp(-Double(sums[row])))) }
            return sums
        }
    }
}

/// The listing model's file is not one that this version can use.
package struct ListingModelError: Error, CustomStringConvertible {
    package let message: String
    package let underlying: (any Error)?

    init(message: String, underlying: (any Error)? = nil) {
        self.message = message
        self.underlying = underlying
    }

    package var description: String { message }
}
