import ArgumentParser
import Store

/// How long what is stored is kept.
struct RetentionArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Remove snapshots that are older: 12h, 30d. Their records stay, but can't be verified again.", valueName: "age"))
    var keepSnapshots: String?

    @Option(help: ArgumentHelp("Remove the oldest snapshots beyond so much: 500MB, 20GB.", valueName: "size"))
    var snapshotLimit: String?

    @Option(help: ArgumentHelp("Remove events of runs that ended longer ago: 12h, 30d.", valueName: "age"))
    var keepEvents: String?

    @Option(help: ArgumentHelp("Remove the oldest events of ended runs beyond so many.", valueName: "n"))
    var eventLimit: Int?

    func retention() throws -> Retention {
        var retention = Retention()
        retention.snapshotAge = try keepSnapshots.map { try RetentionArguments.age($0, "--keep-snapshots") }
        retention.snapshotBytes = try snapshotLimit.map { try RetentionArguments.size($0, "--snapshot-limit") }
        retention.eventAge = try keepEvents.map { try RetentionArguments.age($0, "--keep-events") }
        if let eventLimit, eventLimit < 0 { throw CommandError.input("--event-limit \(eventLimit): must not be negative") }
        retention.events = eventLimit.map(Int64.init)
        return retention
    }

    /// Microseconds.
    private static func age(_ text: String, _ option: String) throws -> Int64 {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number >= 0, number * unit < 1e10 else {
            throw CommandError.input("\(option) \(text): write a number and s, m, h, d or w, as in 30d")
        }
        return Int64(number * unit * 1_000_000)
    }

    /// Bytes.
    private static func size(_ text: String, _ option: String) throws -> Int64 {
        let units = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1.0)]
        let upper = text.uppercased()
        guard let (name, unit) = units.first(where: { upper.hasSuffix($0.0) }),
            let number = Double(upper.dropLast(name.count).trimmingPrefix(" ")), number >= 0, number * unit < 1e18
        else { throw CommandError.input("\(option) \(text): write a number and B, KB, MB, GB or TB, as in 20GB") }
        return Int64(number * unit)
    }
}
