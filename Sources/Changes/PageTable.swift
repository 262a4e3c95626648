/// The pages of both runs, each once.
struct PageTable {
    enum Side { case old, new }

    struct Page {
        let key: String
        var old: DiffPage?
        var new: DiffPage?

        subscript(side: Side) -> DiffPage? { side == .old ? old : new }

        /// A page of a list has several in one of the runs.
        var mostRecords: Int { max(old?.records.count ?? 0, new?.records.count ?? 0) }
    }

    private struct Name: Hashable {
        let key: String
        /// An address that a run has twice is two pages.
        let occurrence: Int
    }

    private(set) var pages: [Page] = []
    /// Numbers of the pages, in the order of each run.
    private(set) var oldOrder: [Int] = []
    private(set) var newOrder: [Int] = []
    private var numbers: [Name: Int] = [:]

    init(old: [DiffPage], new: [DiffPage]) {
        oldOrder = add(old) { $0.old = $1 }
        newOrder = add(new) { $0.new = $1 }
    }

    private mutating func add(_ run: [DiffPage], _ put: (inout Page, DiffPage) -> Void) -> [Int] {
        var seen: [String: Int] = [:]
        return run.map { page in
            let name = Name(key: page.key, occurrence: seen[page.key, default: 0])
            seen[page.key, default: 0] += 1
            let number = numbers[name] ?? pages.count
            if number == pages.count {
                pages.append(Page(key: page.key))
                numbers[name] = number
            }
            put(&pages[number], page)
            return number
        }
    }

    /// Of each page whether the run of that side has records of it which the other run could not have seen, even if they were there:
    /// - the other run has the page, but not all of its records;
    /// - it hasn't the page, because what leads to it there failed;
    /// - the page is one of a list, and the page before or after it in that list failed there: a record may have slipped over.
    func unseen(of side: Side) -> [Bool] {
        let other: Side = side == .old ? .new : .old
        var unseen = pages.map { page in page[other].map { !$0.isWhole } ?? false }
        let isLost = unseen
        // Of pages that failed in both runs only the address tells whether they are of a list: "?page=2" and "?page=3" are alike.
        func shape(_ page: Page) -> String { page.key.filter { !$0.isNumber } }
        let shapes = Set(pages.lazy.filter { $0.mostRecords > 1 }.map(shape))
        for order in [oldOrder, newOrder] {
            let list = order.filter { pages[$0].mostRecords > 1 || pages[$0].mostRecords == 0 && shapes.contains(shape(pages[$0])) }
            for (one, next) in zip(list, list.dropFirst()) {
                if isLost[one] { unseen[next] = true }
                if isLost[next] { unseen[one] = true }
            }
        }
        var answers: [Int: Bool] = [:]
        for number in pages.indices where pages[number][other] == nil {
            unseen[number] = unseen[number] || couldNotBeFound(number, of: side, isLost, &answers)
        }
        return unseen
    }

    private func couldNotBeFound(_ page: Int, of side: Side, _ isLost: [Bool], _ answers: inout [Int: Bool]) -> Bool {
        let other: Side = side == .old ? .new : .old
        var (at, trail, answer) = (page, [Int](), false)
        while true {
            if let known = answers[at] {
                answer = known
                break
            }
            // Pages that lead to each other lead from nowhere.
            answers[at] = false
            trail.append(at)
            guard let parent = pages[at][side]?.foundOn.flatMap({ numbers[Name(key: $0, occurrence: 0)] }) else { break }
            if pages[parent][other] != nil {
                answer = isLost[parent]
                break
            }
            at = parent
        }
        for number in trail { answers[number] = answer }
        return answer
    }
}
