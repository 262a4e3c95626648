package import Documents

extension RunDiff {
    /// All of it.
    package var json: JSON {
        .of(
            ("summary", .string(summary)), ("by", .array(identity.map(JSON.string))), ("byFound", .bool(isIdentityFound)),
            (
                "counts",
                .of(
                    ("before", .integer(recordsBefore)), ("now", .integer(recordsNow)), ("new", .integer(new.count)),
                    ("gone", .integer(gone.count)),
                    ("changed", .integer(changed.count)), ("moved", .integer(moved.count)), ("unchanged", .integer(unchanged)),
                    ("unseenNow", .integer(unseenNow.count)), ("unseenBefore", .integer(unseenBefore.count)),
                    ("pagesNow", .integer(pagesNow)),
                    ("pagesFailed", .integer(failedNow)))
            ),
            (
                "drift",
                .array(
                    drift.map {
                        .of(
                            ("field", .string($0.name)), ("before", .integer($0.before)), ("now", .integer($0.now)),
                            ("text", .string(sentence($0))))
                    })
            ),
            (
                "fields",
                .array(
                    fields.map {
                        .of(
                            ("field", .string($0.name)), ("changed", .integer($0.changed)), ("added", .integer($0.added)),
                            ("removed", .integer($0.removed)), ("before", .integer($0.before)), ("now", .integer($0.now)))
                    })
            ),
            (
                "pages",
                .array(
                    pages.map {
                        .of(
                            ("page", .string($0.key)), ("before", $0.before.map { .string($0.rawValue) } ?? .null),
                            ("now", $0.now.map { .string($0.rawValue) } ?? .null), ("wasWhole", .bool($0.wasWhole)),
                            ("isWhole", .bool($0.isWhole)))
                    })
            ),
            ("new", .array(new.map(RunDiff.json))), ("gone", .array(gone.map(RunDiff.json))),
            ("changed", .array(changed.map(RunDiff.json))),
            ("moved", .array(moved.map { .of(("name", $0.name), ("from", RunDiff.json($0.old)), ("to", RunDiff.json($0.new))) })),
            ("unseenNow", .array(unseenNow.map(RunDiff.json))), ("unseenBefore", .array(unseenBefore.map(RunDiff.json))),
            ("notes", .array(notes.map(JSON.string))))
    }

    private static func json(_ place: Place) -> JSON { .of(("page", .string(place.page)), ("record", .integer(place.record))) }

    private static func json(_ record: Record) -> JSON {
        .of(("page", .string(record.place.page)), ("record", .integer(record.place.record)), ("value", record.value))
    }

    private static func json(_ pair: Pair) -> JSON {
        .of(
            ("page", .string(pair.new.page)), ("record", .integer(pair.new.record)), ("was", pair.old == pair.new ? nil : json(pair.old)),
            ("field", .string(pair.field)), ("name", pair.name),
            (
                "values",
                .array(
                    pair.leaves.map {
                        .of(("path", .string($0.path)), ("kind", .string($0.kind.rawValue)), ("old", $0.old), ("new", $0.new))
                    })
            ))
    }
}
