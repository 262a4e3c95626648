import Cron
import Foundation
import TestMaterial
import Testing

/// Cases that the authors of other cron libraries assert, as far as they are of our dialect: five fields, strictly later than the start,
/// without "?" and "#", asserted by cronsim or such that cronsim answers the same.
@Suite struct ConformanceTests {
    private struct Case: Decodable {
        var expr: String
        var tz: String?
        var start: String?
        var inclusive: Bool?
        var next: String?
        var next_list: [String]?
        var error: Bool?
        var source: String
        /// true, false, or words on why that can't be said.
        var cronsim_agrees: Agreement?

        enum Agreement: Decodable {
            case yes, other

            init(from decoder: any Decoder) throws {
                self = (try? decoder.singleValueContainer().decode(Bool.self)) == true ? .yes : .other
            }
        }

        var isCronsim: Bool { source.hasPrefix("cuu508/cronsim@") }

        var isOurs: Bool {
            expr.split(separator: " ").count == 5 && inclusive != true && !expr.contains { $0 == "?" || $0 == "#" }
                && (isCronsim || cronsim_agrees == .yes)
        }

        /// Consecutive fires. Those of croniter's lists are not.
        var expected: [String] {
            let list = next_list ?? next.map { [$0] } ?? []
            return (isCronsim ? list : Array(list.prefix(1))).map { tz == nil ? $0 + "+00:00" : $0 }
        }
    }

    private static let file = Material.file("data/conformance/cron/cron_cases.jsonl")

    private static func cases() throws -> [Case] {
        let lines = try String(contentsOf: #require(file), encoding: .utf8).split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }.filter(\.isOurs)
    }

    /// Every fire of our dialect comes at its time, told with its offset.
    @Test(.enabled(if: file != nil, "the collected cron cases are not on this machine")) func firesAsOthersSay() throws {
        let cases = try Self.cases().filter { $0.error != true }
        #expect(cases.count == 114)
        for example in cases {
            #expect(!example.expected.isEmpty)
            let request = try FireRequest(
                expression: example.expr, zone: example.tz, from: example.start, count: String(example.expected.count), now: .distantPast)
            #expect(request.answer == example.expected, "\(example.expr) in \(example.tz ?? "UTC") after \(example.start ?? "")")
        }
    }

    /// What others refuse is refused here.
    @Test(.enabled(if: file != nil, "the collected cron cases are not on this machine")) func refusesWhatOthersRefuse() throws {
        let cases = try Self.cases().filter { $0.error == true }
        #expect(cases.count == 66)
        for example in cases { #expect(throws: CronError.self, "\(example.expr)") { try CronExpression(example.expr) } }
    }
}
