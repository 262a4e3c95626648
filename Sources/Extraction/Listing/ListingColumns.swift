extension Listing {
    /// Cells of equal keys over the sampled records of a family.
    struct Column {
        var key: Keys.ID
        var kind: Kind
        /// First label that any of its cells has; -1 for none.
        var label: Int32
        /// Element of its first cell.
        var element: Int32
        var position: Int32
        var isHead: Bool
        /// By sampled record: number of the cell, -1 where the record has none.
        var cells: [Int32]
        var count = 0
        /// Element of a column with the same values that was merged into this one and is no part of a longer text; -1 for none. Its
        /// class and heading speak for the values too.
        var twin: Int32 = -1
        var isTwinHead = false
        /// Share of its cells that stand in links.
        var link: Float = 0

        var coverage: Float { Float(count) / Float(cells.count) }
    }

    enum Columns {
        /// At most twenty records, spread evenly.
        static func sample(_ count: Int) -> [Int] {
            let limit = Limit.sample
            if count <= limit { return Array(0..<count) }
            var indices: [Int] = []
            for step in 0..<limit {
                let index = step * (count - 1) / (limit - 1)
                if indices.last != index { indices.append(index) }
            }
            return indices
        }

        static func read(_ cells: inout Cells, _ family: Family, _ sampled: [Int], _ scratch: inout Scratch) -> [Column] {
            cells.enter(family)
            scratch.begin()
            var columns: [Column] = []
            for (slot, index) in sampled.enumerated() {
                let record = family.record(index)
                for range in [cells.read(record, of: family), cells.context(of: family, record)] {
                    for number in range {
                        let cell = cells.cells[number]
                        let place = scratch.place(of: cell.key, next: columns.count)
                        if place == columns.count {
                            columns.append(
                                Column(
                                    key: cell.key, kind: cell.kind, label: -1, element: cell.element, position: cell.position,
                                    isHead: cell.isHead, cells: [Int32](repeating: -1, count: sampled.count)))
                        }
                        if columns[place].cells[slot] < 0 { columns[place].cells[slot] = Int32(number) }
                    }
                }
            }
            let need = sampled.count > 3 ? max(2, 0.2 * Double(sampled.count)) : 1
            var kept: [Column] = []
            var known: [UInt64: Int] = [:]
            for var column in columns {
                var hash: UInt64 = 1
                var links = 0
                var firstLabel: Int32?
                for cell in column.cells {
                    guard cell >= 0 else {
                        hash = Families.mix(hash, UInt64.max, 1)
                        continue
                    }
                    let own = cells.cells[Int(cell)]
                    hash = Families.mix(hash, UInt64(own.value), 1)
                    column.count += 1
                    if own.isLink { links += 1 }
                    if firstLabel == nil { firstLabel = own.label }
                    if column.label < 0 { column.label = own.label }
                }
                if Double(column.count) < ((firstLabel ?? -1) < 0 ? need : 1) { continue }
                column.link = Float(links) / Float(max(1, column.count))
                if let other = known[hash] {
                    let label = kept[other].label
                    // Equal values under two headings stay two columns.
                    if column.label < 0 || label < 0 || column.label == label {
                        if column.label >= 0, label < 0 { kept[other].label = column.label }
                        if column.kind == .text, kept[other].twin < 0 || (column.isHead && !kept[other].isTwinHead) {
                            kept[other].twin = column.element
                            kept[other].isTwinHead = column.isHead
                        }
                        continue
                    }
                }
                known[hash] = kept.count
                kept.append(column)
                if kept.count >= Limit.columns { break }
            }
            return kept
        }

        /// Finds a key's column without a dictionary.
        struct Scratch {
            private var stamp: [Int32] = []
            private var places: [Int32] = []
            private var round: Int32 = 0

            mutating func begin() { round += 1 }

            mutating func place(of key: Keys.ID, next: Int) -> Int {
                while stamp.count <= Int(key) {
                    stamp.append(0)
                    places.append(0)
                }
                if stamp[Int(key)] != round {
                    stamp[Int(key)] = round
                    places[Int(key)] = Int32(next)
                }
                return Int(places[Int(key)])
            }
        }
    }
}
