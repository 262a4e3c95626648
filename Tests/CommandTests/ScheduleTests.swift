import Documents
import Foundation
import Testing

@Suite struct ScheduleTests {
    /// Fires are told with the zone's offset, later than a time that may be the zone's own.
    @Test func firesAreToldInTheirZone() async throws {
        try await Command.with { gleaner, _ in
            let answer = try await gleaner(
                "schedule", "next", "30 2 * * *", "--zone", "Europe/Berlin", "--from", "2026-03-28T02:30:00.000", "--count", "2", "--json")
            #expect(answer.exit == 0, "\(answer.error)")
            #expect(answer.json["next"] == .array([.string("2026-03-29T03:00:00+02:00"), .string("2026-03-30T02:30:00+02:00")]))
        }
    }

    /// For people it is a line each, five from now on in UTC.
    @Test func aLineEach() async throws {
        try await Command.with { gleaner, _ in
            let lines = try await gleaner("schedule", "next", "@hourly").output.split(separator: "\n")
            #expect(lines.count == 5 && lines.allSatisfy { $0.hasSuffix(":00:00+00:00") }, "\(lines)")
        }
    }

    static let refused = [
        (["61 * * * *"], "minute"), (["0 0 30 2 *"], "day of month"), (["* * * *"], "expr"), (["@daily", "--zone", "Berlin"], "zone"),
        (["@daily", "--from", "today"], "from"), (["@daily", "--count", "0"], "count"), ([], "expression"),
        (["@daily", "--batch"], "--batch"),
    ]

    /// What can't be used is an input error that names the field.
    @Test(arguments: refused) func namesTheField(_ arguments: [String], _ field: String) async throws {
        try await Command.with { gleaner, _ in
            let answer = try await gleaner.start(["schedule", "next"] + arguments, input: "").outcome()
            #expect(answer.exit == 2)
            #expect(answer.output.isEmpty && answer.error.contains(field), "\(answer.error)")
        }
    }

    /// A batch answers every line in order and stops at none.
    @Test func aBatchAnswersEveryLine() async throws {
        let input = """
            {"expr": "0 12 * * *", "zone": "Asia/Tokyo", "from": "2026-01-01T00:00:00Z", "count": 1}
            {"expr": "0 12 * *", "zone": "UTC", "from": "2026-01-01T00:00:00Z", "count": 1}
            no JSON
            ["0 12 * * *"]
            {"zone": "UTC"}
            {"expr": 5}
            {"expr": "@daily", "zone": "Mars/Olympus"}
            {"expr": "@daily", "from": "2026-02-30T00:00:00Z"}
            {"expr": "@daily", "count": 1e400}

            {"expr": "@every 90m", "zone": null, "from": "2026-01-01T00:00:00.123456789", "count": 2}
            """
        try await Command.with { gleaner, _ in
            let answer = try await gleaner("schedule", "next", "--batch", input: input)
            #expect(answer.exit == 0, "\(answer.error)")
            let lines = try answer.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
            try #require(lines.count == 10)
            #expect(lines[0] == .of(("next", .array([.string("2026-01-01T12:00:00+09:00")]))))
            let names = ["expr", "not valid JSON", "must be an object", "expr is missing", "expr 5", "zone", "from", "count"]
            for (line, name) in zip(lines[1...8], names) { #expect(line["error"]?.string?.contains(name) == true, "\(line)") }
            #expect(lines[9] == .of(("next", .array([.string("2026-01-01T01:30:00+00:00"), .string("2026-01-01T03:00:00+00:00")]))))
        }
    }
}
