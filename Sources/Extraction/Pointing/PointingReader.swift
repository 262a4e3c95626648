// Reading a page with a language model. The model sees numbered lines and answers with numbers and words; what it says is then looked up
// like a claim: the block must have been shown, the words must stand in it, the type must read a value there, and the evidence is checked
// once more at the end like every other. What doesn't hold is dropped, and the reason is kept.
//
// A page that doesn't fit into the model's context is read in parts, from the top. For one record, the first proven answer of each field
// stands; lists and records are collected. Which blocks were not read, and why, is said in `incomplete`.

import Documents

struct PointingReader: Sendable {
    let model: PointingModel
    /// Questions for one page; a model reads some hundred tokens a second.
    var mostQuestions = 8
    /// Records of one answer.
    var mostRecords = 20
    /// Of the model's work for the whole page; waiting for its turn, while it reads other pages, is not counted.
    var limit: Duration = .seconds(600)
    /// Of one answer, at most.
    var answerLimit: Duration = .seconds(180)

    /// What the questions about a page came to, for `--explain`.
    private struct Account {
        var questions = 0
        var promptTokens = 0
        var cachedTokens = 0
        var answerTokens = 0
        var answers = 0
        var faults: [String] = []

        /// Why a field has no value that nothing was dropped for.
        var whyNone: String {
            answers == 0 ? "the model gave no answer" : faults.isEmpty ? "the model found none" : "the model found none in what it read"
        }
    }

    private typealias Rejected = Work.Rejected

    func read(_ leaves: [Leaf], _ groups: [Leaf], isMany: Bool, into work: inout Work) async throws {
        var spent = Duration.zero
        let outline = Outline(PageReading(work.document))
        var account = Account()
        var board = Board(leaves: leaves, groups: isMany ? [] : groups, outline: outline, isMany: isMany)
        if outline.blocks.isEmpty {
            work.note(unread: "the page shows no text that the model could read")
        } else {
            do {
                let plan = try await plan(leaves, isMany ? [] : groups, isMany: isMany, most: work.request.limit, outline)
                var queue = plan.parts
                while let part = queue.first {
                    queue.removeFirst()
                    try Task.checkCancellation()
                    guard account.questions < mostQuestions, spent < limit else {
                        let why =
                            account.questions < mostQuestions
                            ? "its time of \(limit) a page was up" : "it is asked at most \(mostQuestions) times a page"
                        unread(([part] + queue).flatMap { [$0.lowerBound, $0.upperBound] }, outline, why, &work)
                        break
                    }
                    account.questions += 1
                    let question = plan.question(part, outline, deadline: min(answerLimit, limit - spent))
                    let start = ContinuousClock.now
                    do {
                        let reply = try await model.answer(question)
                        spent += .seconds(reply.seconds)
                        account.promptTokens += reply.promptTokens
                        account.cachedTokens += reply.cachedTokens
                        account.answerTokens += reply.answerTokens
                        guard let answer = PointingAnswer(reply.text, isWhole: reply.isWhole, shape: plan.shape) else {
                            account.faults.append("its answer is not what was asked for: \"\(reply.text.prefix(80))\"")
                            unread([part.lowerBound, part.upperBound], outline, "its answer is not what was asked for", &work)
                            continue
                        }
                        if answer.isCut {
                            work.note(
                                unread:
                                    "\(model.name) was cut short after \(reply.answerTokens) tokens about \(name(part, outline)): there may be more"
                            )
                        } else if let cap = plan.shape.cap, answer.rows.count >= cap, work.request.limit.map({ $0 > cap }) ?? true {
                            work.note(
                                unread:
                                    "\(model.name) may name at most \(cap) records an answer, and did for \(name(part, outline)): there may be more"
                            )
                        }
                        account.answers += 1
                        board.take(answer, from: part, into: &work)
                    } catch let failure as PointingModel.Failure where failure.isTooLong && part.count > 1 {
                        // The estimate was too low: the same again in halves.
                        spent += ContinuousClock.now - start
                        let middle = part.lowerBound + part.count / 2
                        queue.insert(contentsOf: [part.lowerBound...(middle - 1), middle...part.upperBound], at: 0)
                    } catch let failure as PointingModel.Failure {
                        spent += ContinuousClock.now - start
                        account.faults.append(failure.description)
                        unread([part.lowerBound, part.upperBound], outline, failure.description, &work)
                    }
                    if board.isSettled(limit: work.request.filter == nil ? work.request.limit : nil) { break }
                }
            } catch let failure as PointingModel.Failure {
                account.faults.append(failure.description)
                work.note(unread: "the page was not read: \(failure)")
            }
        }
        board.finish(groups, account.whyNone, into: &work)
        work.note(
            model: .of(
                ("name", .string(model.name)), ("blocks", .integer(outline.blocks.count)), ("leftOutLinkLines", .integer(outline.leftOut)),
                ("questions", .integer(account.questions)), ("promptTokens", .integer(account.promptTokens)),
                ("cachedTokens", .integer(account.cachedTokens)), ("answerTokens", .integer(account.answerTokens)),
                ("faults", account.faults.isEmpty ? nil : .array(account.faults.map(JSON.string)))))
    }

    // MARK: Parts

    private struct Plan {
        var shape: PointingShape
        var head: String
        var tail: String
        /// Indices of blocks.
        var parts: [ClosedRange<Int>]

        func question(_ part: ClosedRange<Int>, _ outline: Outline, deadline: Duration) -> PointingModel.Question {
            let lines = outline.blocks[part].map(\.line).joined(separator: "\n")
            return PointingModel.Question(
                system: PointingQuestion.system, text: head + lines + "\n" + tail,
                grammar: shape.grammar(blocks: (part.lowerBound + 1)...(part.upperBound + 1)), tokenBudget: shape.tokenBudget,
                deadline: deadline)
        }
    }

    private func plan(_ leaves: [Leaf], _ groups: [Leaf], isMany: Bool, most: Int?, _ outline: Outline) async throws -> Plan {
        let context = try await model.contextTokens()
        var shape = PointingShape(leaves: leaves, groups: groups, cap: nil)
        if isMany {
            shape.cap = PointingShape.cap(of: leaves, within: context * 2 / 5, most: min(mostRecords, max(1, most ?? mostRecords)))
        }
        let (head, tail) = (PointingQuestion.head(shape), PointingQuestion.tail(shape))
        let counts = try await model.tokenCounts([PointingQuestion.system, head, tail] + outline.blocks.map { $0.line + "\n" })
        guard counts.count == outline.blocks.count + 3 else {
            throw PointingModel.Failure("\(model.name) counted something else than it was given")
        }
        // Marks of the chat template, and what joins differently than it stands alone.
        let room = context - shape.tokenBudget - counts[..<3].reduce(0, +) - 48
        guard room >= 64 else {
            throw PointingModel.Failure(
                "the context of \(model.name), \(context) tokens, is too small for \(leaves.count + groups.count) fields: ask for fewer, or take another model"
            )
        }
        var parts: [ClosedRange<Int>] = []
        var first = 0
        var sum = 0
        for (index, count) in counts[3...].enumerated() {
            if index > first, sum + count > room {
                parts.append(first...(index - 1))
                (first, sum) = (index, 0)
            }
            sum += count
        }
        parts.append(first...(outline.blocks.count - 1))
        return Plan(shape: shape, head: head, tail: tail, parts: parts)
    }

    private func name(_ part: ClosedRange<Int>, _ outline: Outline) -> String {
        "lines \(part.lowerBound + 1) to \(part.upperBound + 1) of \(outline.blocks.count)"
    }

    private func unread(_ bounds: [Int], _ outline: Outline, _ why: String, _ work: inout Work) {
        guard let low = bounds.min(), let high = bounds.max() else { return }
        work.note(unread: "\(model.name) did not read \(name(low...high, outline)): \(why)")
    }

    // MARK: Answers

    /// What was proven so far.
    private struct Board {
        let leaves: [Leaf]
        let groups: [Leaf]
        let outline: Outline
        let isMany: Bool
        private var rejected: [Int: [Rejected]] = [:]
        /// Elements of lists, by leaf.
        private var listed: [Int: [Span.Place]] = [:]
        private var grouped: [Int: Int] = [:]
        private var settled: Set<Int> = []
        private var records = 0
        private var seen: Set<[Span.Place?]> = []

        init(leaves: [Leaf], groups: [Leaf], outline: Outline, isMany: Bool) {
            (self.leaves, self.groups, self.outline, self.isMany) = (leaves, groups, outline, isMany)
        }

        /// Nothing that could still come would be taken.
        func isSettled(limit: Int?) -> Bool {
            if isMany { return limit.map { records >= $0 } ?? false }
            return groups.isEmpty && !leaves.contains(where: \.isList) && settled.count == leaves.count
        }

        mutating func take(_ answer: PointingAnswer, from part: ClosedRange<Int>, into work: inout Work) {
            if isMany {
                for row in answer.rows { takeRecord(row, part, &work) }
            } else if let row = answer.rows.first {
                takeSingle(row, part, &work)
            }
        }

        private mutating func takeSingle(_ row: PointingAnswer.Row, _ part: ClosedRange<Int>, _ work: inout Work) {
            work.records = 1
            for (number, leaf) in leaves.enumerated() {
                for pointer in row.leaves[number] {
                    guard let (value, score) = proven(pointer, leaf, number, part, work) else { continue }
                    if leaf.isList {
                        guard !listed[number, default: []].contains(value.span.place) else { continue }
                        let count = listed[number, default: []].count
                        listed[number, default: []].append(value.span.place)
                        work.set(record: 0, "\(leaf.pointer)/\(count)", value, method: .model, score: score, rejected: [])
                    } else if settled.insert(number).inserted {
                        work.set(record: 0, leaf.pointer, value, method: .model, score: score, rejected: rejected[number] ?? [])
                    } else {
                        work.noteRejected(
                            leaf.pointer, Rejected(text: value.span.text, score: score, why: "an earlier part of the page had answered"))
                    }
                }
            }
            for (number, group) in groups.enumerated() {
                let parts = Leaf.all(of: group.field.fields).leaves
                for element in row.groups[number] {
                    let values = zip(parts, element.leaves).map { leaf, pointers in
                        pointers.first.flatMap { proven($0, leaf, nil, part, work) }
                    }
                    let places = values.map { $0?.value.span.place }
                    guard places.contains(where: { $0 != nil }), seen.insert(places).inserted else { continue }
                    let index = grouped[number, default: 0]
                    grouped[number] = index + 1
                    for (leaf, found) in zip(parts, values) {
                        guard let (value, score) = found else { continue }
                        let pointer = "\(group.pointer)/\(index)\(leaf.pointer)" + (leaf.isList ? "/0" : "")
                        work.set(record: 0, pointer, value, method: .model, score: score, rejected: [])
                    }
                }
            }
        }

        private mutating func takeRecord(_ row: PointingAnswer.Row, _ part: ClosedRange<Int>, _ work: inout Work) {
            var values: [(pointer: String, value: Typing.Value, score: Double)] = []
            var places: [Span.Place?] = []
            for (number, leaf) in leaves.enumerated() {
                let found = row.leaves[number].compactMap { proven($0, leaf, number, part, work) }
                places.append(found.first?.value.span.place)
                for (index, (value, score)) in found.enumerated() {
                    values.append((leaf.isList ? "\(leaf.pointer)/\(index)" : leaf.pointer, value, score))
                }
            }
            // Small models say the same record again and again.
            guard !values.isEmpty, seen.insert(places).inserted else { return }
            for (pointer, value, score) in values {
                work.set(record: records, pointer, value, method: .model, score: score, rejected: [])
            }
            records += 1
            work.records = records
        }

        func finish(_ groups: [Leaf], _ whyNone: String, into work: inout Work) {
            if !isMany { work.records = 1 }
            for record in 0..<work.records {
                for (number, leaf) in leaves.enumerated() where !work.has(record, leaf.pointer) && !work.has(record, leaf.pointer + "/0") {
                    let rejected = rejected[number] ?? []
                    let reason =
                        isMany || rejected.isEmpty
                        ? whyNone : "what the model pointed at was dropped: \(rejected[0].why)"
                    work.miss(record: record, leaf.pointer, reason, rejected: isMany ? [] : rejected)
                }
                for (number, group) in groups.enumerated() where isMany || grouped[number] == nil {
                    work.miss(
                        record: record, group.pointer, isMany ? "lists inside repeated records are not read yet" : whyNone,
                        rejected: [])
                }
            }
            if isMany, !rejected.isEmpty {
                for (number, list) in rejected.sorted(by: { $0.key < $1.key }) {
                    for one in list.prefix(3) { work.noteRejected(leaves[number].pointer, one) }
                }
            }
        }

        /// The value that a pointer proves; nil, and noted, where it proves none.
        private mutating func proven(
            _ pointer: PointingAnswer.Pointer, _ leaf: Leaf, _ number: Int?, _ part: ClosedRange<Int>, _ work: Work
        ) -> (value: Typing.Value, score: Double)? {
            func drop(_ why: String) -> (value: Typing.Value, score: Double)? {
                if let number, rejected[number, default: []].count < 8 {
                    rejected[number, default: []].append(Rejected(text: pointer.words, score: 0, why: why))
                }
                return nil
            }
            guard part.contains(pointer.block - 1), outline.blocks.indices.contains(pointer.block - 1) else {
                return drop("line \(pointer.block) was not shown to it")
            }
            let block = outline.blocks[pointer.block - 1]
            switch WordsInBlock.find(pointer.words, in: block.scalars) {
            case .absent: return drop("its words don't stand in line \(block.number)")
            case .onlyInside where leaf.type == .text: return drop("its words are only a part of a word or number of line \(block.number)")
            case .onlyInside:
                // "12" of "€12.50": the sum as it is printed, not the piece.
                guard let value = work.typing.value(at: .flow(block.flow), for: leaf) else {
                    return drop("line \(block.number) shows no \(leaf.type.rawValue)")
                }
                return (value, 0.5)
            case .found(let range):
                let place = (block.flow.lowerBound + range.lowerBound)..<(block.flow.lowerBound + range.upperBound)
                let isAll = range.count == block.scalars.count
                if leaf.type != .text, leaf.field.choices.isEmpty, !isAll {
                    // The whole of what is printed there: "€12.50" where the words are "12.50".
                    for reading in Values.find(leaf.type, in: block.scalars, hints: work.hints)
                    where reading.range.lowerBound <= range.lowerBound && range.upperBound <= reading.range.upperBound {
                        let wider = (block.flow.lowerBound + reading.range.lowerBound)..<(block.flow.lowerBound + reading.range.upperBound)
                        if let value = work.typing.value(at: .flow(wider), for: leaf) { return (value, 0.7) }
                    }
                }
                guard let value = work.typing.value(at: .flow(place), for: leaf) else {
                    return drop(
                        "\"\(pointer.words.isEmpty ? String(block.line.prefix(60)) : String(pointer.words.prefix(60)))\" is no \(leaf.type.rawValue)"
                    )
                }
                return (value, isAll ? 0.5 : 0.7)
            }
        }
    }
}
