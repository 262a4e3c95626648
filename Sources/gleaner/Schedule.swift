import ArgumentParser
import Cron
import Documents
import Foundation

struct Schedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs by the clock.",
        discussion: """
            gleaner schedule add nightly "0 3 * * *" --zone Europe/Berlin -- crawl https://example.org/ "name and price"
            gleaner schedule add prices "@every 90m" --overlap replace -- extract https://example.org/7 "the price"
            gleaner schedule list

            A farm (gleaner serve) starts the runs. Each is compared with the one before it by gleaner runs diff.
            """,
        subcommands: [Add.self, List.self, Show.self, Pause.self, Resume.self, Run.self, Remove.self, Next.self], defaultSubcommand: List.self)

    struct Next: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say when an expression fires next.",
            discussion: """
                gleaner schedule next "30 2 * * mon-fri" --zone Europe/Berlin
                gleaner schedule next "@every 90m" --from 2026-01-01T00:00:00Z --count 3 --json
                gleaner schedule next --batch < questions.ndjson

                Five fields as Debian's cron reads them (minute, hour, day of month, month, day of week), @yearly, @monthly, @weekly, @daily, \
                @hourly, or @every with a period. Where clocks change, times of a day that are skipped fire at the change, and repeated ones \
                the first time only; an expression whose minute or hour begins with * follows the wall clock instead.

                --batch reads lines {"expr": "…", "zone": "…", "from": "…", "count": 5} and answers {"next": […]} for each, in order; a line \
                that can't be used gets {"error": "…"}. All but expr may be absent: then the options count.
                """)

        @Argument(help: ArgumentHelp("The expression, in quotes.", valueName: "expr"))
        var expression: String?

        @Option(help: ArgumentHelp("Time zone by its IANA name.", valueName: "zone"))
        var zone = "UTC"

        @Option(
            help: ArgumentHelp(
                "Fires after this time (RFC 3339); without an offset it is the zone's own time. Default: now.", valueName: "time"))
        var from: String?

        @Option(help: ArgumentHelp("How many, 1 to \(FireRequest.counts.upperBound).", valueName: "n"))
        var count = String(FireRequest.usualCount)

        @Flag(help: "As JSON: {\"next\": […]}.") var json = false
        @Flag(help: "Many questions: NDJSON in, NDJSON out.") var batch = false

        func validate() throws {
            if batch, expression != nil { throw ValidationError("--batch reads expressions from standard input: give none beside it") }
            if !batch, expression == nil { throw ValidationError("the expression is missing: gleaner schedule next \"0 6 * * *\"") }
        }

        func run() throws {
            guard let expression else { return answerLines() }
            let times: [String]
            do {
                times = try FireRequest(expression: expression, zone: zone, from: from, count: count, now: Date()).answer
            } catch {
                throw CommandError.input(error.description)
            }
            if json {
                print(Next.json(times).text(pretty: true))
            } else {
                print(times.isEmpty ? "never again" : times.joined(separator: "\n"))
            }
        }

        private static func json(_ times: [String]) -> JSON { .of(("next", .array(times.map(JSON.string)))) }

        private func answerLines() {
            while let line = readLine() {
                if line.allSatisfy(\.isWhitespace) { continue }
                let answer: JSON
                do { answer = Next.json(try request(line).answer) } catch { answer = .of(("error", .string(String(describing: error)))) }
                print(answer.description)
                // Whoever asks may wait for it before the next question.
                fflush(nil)
            }
        }

        private func request(_ line: String) throws -> FireRequest {
            let input = try JSON(parsing: line)
            guard input.members != nil else { throw LineFault(description: "the line must be an object with expr, zone, from and count") }
            guard let expression = try text("expr", of: input) else { throw LineFault(description: "expr is missing") }
            return try FireRequest(
                expression: expression, zone: try text("zone", of: input) ?? zone, from: try text("from", of: input) ?? from,
                count: try number("count", of: input) ?? count, now: Date())
        }

        /// nil where the member is absent or null.
        private func text(_ name: String, of input: JSON) throws(LineFault) -> String? {
            switch input[name] {
            case nil, .null: return nil
            case .string(let text): return text
            case .some(let other): throw LineFault(description: "\(name) \(other): it must be a string")
            }
        }

        /// As it is spelled.
        private func number(_ name: String, of input: JSON) throws(LineFault) -> String? {
            switch input[name] {
            case nil, .null: return nil
            case .number(let spelling): return spelling
            case .some(let other): throw LineFault(description: "\(name) \(other): it must be a number")
            }
        }

        /// A line that is no question.
        private struct LineFault: Error, CustomStringConvertible {
            var description: String
        }
    }
}
