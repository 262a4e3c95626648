// The client of deploy/bench/robots: verdicts of Gleaner's reader of robots.txt on cases that rounds.py writes, a line each: the file's
// path, the agent, the address, with tabs between them. Then a line in is an order, and a line out its answer:
//
//   parsed N     N times all cases, the file read anew for each       → seconds, verdicts that allow
//   kept N       N times all cases, each file read before the clock starts
//   verdicts 1   nothing is measured                                  → "1" or "0" a case

import Foundation
import Politeness

struct Case {
    var file: [UInt8]
    var kept: RobotsFile
    var agent: String
    var url: String
}

/// From a list of cases; files are read once.
func cases(listedIn path: String) throws -> [Case] {
    var files: [Substring: (bytes: [UInt8], file: RobotsFile)] = [:]
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw CocoaError(.fileReadCorruptFile) }
        if files[parts[0]] == nil {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: String(parts[0]))))
            files[parts[0]] = (bytes, RobotsFile(bytes))
        }
        guard let (bytes, file) = files[parts[0]] else { throw CocoaError(.fileReadUnknown) }
        return Case(file: bytes, kept: file, agent: String(parts[1]), url: String(parts[2]))
    }
}

guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: robots-bench CASES\n".utf8))
    exit(2)
}
let all = try cases(listedIn: CommandLine.arguments[1])
while let order = readLine() {
    let words = order.split(separator: " ")
    guard words.count == 2, let times = Int(words[1]), times > 0 else { exit(2) }
    let start = ContinuousClock.now
    var allowed = 0
    switch words[0] {
    case "parsed":
        for _ in 0..<times { for one in all where RobotsFile(one.file).verdict(for: one.agent, on: one.url).isAllowed { allowed += 1 } }
    case "kept":
        for _ in 0..<times { for one in all where one.kept.verdict(for: one.agent, on: one.url).isAllowed { allowed += 1 } }
    case "verdicts":
        print(all.map { RobotsFile($0.file).verdict(for: $0.agent, on: $0.url).isAllowed ? "1" : "0" }.joined())
    default: exit(2)
    }
    if words[0] != "verdicts" { print((ContinuousClock.now - start) / .seconds(1), allowed) }
    fflush(nil)
}
