import Cron
import Foundation
import Testing

@Suite struct CronExpressionTests {
    static let fields = [
        Fires("a value", "5 9 * * *", from: "2026-02-27T09:05", "2026-02-28T09:05", "2026-03-01T09:05"),
        Fires("a fire is later than the time asked about", "* * * * *", from: "2026-01-01T00:00", "2026-01-01T00:01"),
        Fires("and may be less than a second later", "0 10 * * *", from: "2026-01-02T09:59:59.9999999999999999999Z", "2026-01-02T10:00"),
        Fires("a step", "*/25 * * * *", from: "2026-01-01T00:00", "2026-01-01T00:25", "2026-01-01T00:50", "2026-01-01T01:00"),
        Fires("a step that is longer than the field", "*/100 * * * *", from: "2026-01-01T00:00", "2026-01-01T01:00"),
        Fires(
            "a step from a value goes to the end", "0 17/3 * * *", from: "2026-01-01T12:00", "2026-01-01T17:00", "2026-01-01T20:00",
            "2026-01-01T23:00", "2026-01-02T17:00"),
        Fires(
            "a range with a step", "10-20/5 3 * * *", from: "2026-01-01T03:12", "2026-01-01T03:15", "2026-01-01T03:20", "2026-01-02T03:10"),
        Fires(
            "a list of everything", "1,7-8,58/1 0 * * *", from: "2026-01-01T00:00", "2026-01-01T00:01", "2026-01-01T00:07",
            "2026-01-01T00:08", "2026-01-01T00:58", "2026-01-01T00:59"),
        Fires("names in any case", "0 0 * FEB,oct Mon", from: "2026-02-23T00:00", "2026-10-05T00:00"),
        Fires("0 is Sunday", "0 0 * * 0", from: "2026-03-01T00:00", "2026-03-08T00:00"),
        Fires("7 is Sunday", "0 0 * * 7", from: "2026-03-01T00:00", "2026-03-08T00:00"),
        Fires(
            "a range up to 7 ends with Sunday", "0 0 * * sat-7", from: "2026-03-02T00:00", "2026-03-07T00:00", "2026-03-08T00:00",
            "2026-03-14T00:00"),
        Fires("tabs and more spaces", "\t0  6\t* *   * ", from: "2026-03-02T00:00", "2026-03-02T06:00"),
        Fires("the last day", "0 0 L * *", from: "2028-01-31T12:00", "2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00"),
        Fires("the last working day", "0 0 lw * *", from: "2026-01-01T00:00", "2026-01-30T00:00", "2026-02-27T00:00", "2026-03-31T00:00"),
        Fires("the last Friday", "0 0 * * friL", from: "2026-01-01T00:00", "2026-01-30T00:00", "2026-02-27T00:00"),
        Fires("the second Monday and the last Sunday", "0 0 * * 1#2,7L", from: "2026-03-01T00:00", "2026-03-09T00:00", "2026-03-29T00:00"),
        Fires(
            "a fifth Thursday comes in some months only", "0 0 * * 4#5", from: "2026-01-30T00:00", "2026-04-30T00:00", "2026-07-30T00:00"),
        Fires(
            "either day field", "0 0 13 * 5", from: "2026-03-01T00:00", "2026-03-06T00:00", "2026-03-13T00:00", "2026-03-20T00:00",
            "2026-03-27T00:00", "2026-04-03T00:00", "2026-04-10T00:00", "2026-04-13T00:00"),
        Fires("both where one begins with a star", "0 0 */1,13 * 5", from: "2026-03-01T00:00", "2026-03-06T00:00", "2026-03-13T00:00"),
        Fires("both where the other does", "0 0 13 * */5", from: "2026-03-01T00:00", "2026-03-13T00:00", "2026-09-13T00:00"),
        Fires("a star further on is no star", "0 0 13,*/31 * 5", from: "2026-03-01T12:00", "2026-03-06T00:00", "2026-03-13T00:00"),
        Fires("30 February, or else a Monday", "0 0 30 2 1", from: "2026-02-01T00:00", "2026-02-02T00:00"),
        Fires("29 February waits for eight years at times", "0 0 29 2 *", from: "2096-03-01T00:00", "2104-02-29T00:00"),
        Fires("29 February on a Sunday waits for forty", "0 0 29 2 */7", from: "2088-03-01T00:00", "2128-02-29T00:00"),
        Fires("before 1970", "0 0 1 1 *", from: "0003-06-01T00:00", "0004-01-01T00:00"),
    ]

    /// Fields mean what Debian's cron means by them.
    @Test(arguments: fields) func fires(_ example: Fires) throws { try example.check() }

    /// A name fires as its five fields do.
    @Test(arguments: [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"), ("@Hourly", "0 * * * *"),
    ]) func names(_ name: String, _ fields: String) throws { #expect(try CronExpression(name) == CronExpression(fields)) }

    /// Expressions are equal by what they mean, with the star that decides about days and clock changes.
    @Test(arguments: [
        ("0 0 * * sun", "00 0 * * 7", true), ("0 0 * jan-mar *", "0 0 * 1,2,3 *", true), ("@every 90m", "@every 1h30m", true),
        ("0 0 * * *", "0 0 1-31 * *", false), ("0 0 * * *", "0 1 * * *", false), ("@every 24h", "@daily", false),
    ]) func equality(_ a: String, _ b: String, _ areEqual: Bool) throws {
        #expect(try (CronExpression(a) == CronExpression(b)) == areEqual)
    }

    /// An expression describes itself as it was typed.
    @Test func description() throws { #expect(try CronExpression("  0\t 6 * *   MON ").description == "0 6 * * MON") }

    static let refused = [
        ("", "expr \"\": nothing is there; write five fields, as in \"0 6 * * 1-5\", or a name, as @daily"),
        ("* * * *", "expr \"* * * *\": it has 4 fields and must have five: minute, hour, day of month, month, day of week"),
        ("0 * * * * *", "expr \"0 * * * * *\": it has 6 fields and must have five: minute, hour, day of month, month, day of week"),
        (
            "@reboot",
            "expr \"@reboot\": it must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every with a period"
        ),
        (
            "@daily 5",
            "expr \"@daily 5\": it must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or @every with a period"
        ),
        ("@every 1.5h", "expr \"@every 1.5h\": after @every comes one period from 1s to 3650d, as in 90m, 1h30m or 45s"),
        ("60 * * * *", "minute \"60\": 60 is out of range, it must be 0 to 59"),
        ("0 24 * * *", "hour \"24\": 24 is out of range, it must be 0 to 23"),
        ("0 0 0 * *", "day of month \"0\": 0 is out of range, it must be 1 to 31"),
        ("0 0 * january *", "month \"january\": \"january\" is not understood, it must be 1 to 12 or jan to dec"),
        ("0 0 * * mon-8", "day of week \"mon-8\": 8 is out of range, it must be 0 to 7 or sun to sat"),
        ("0 0 ? * *", "day of month \"?\": \"?\" is not known here; write * for any"),
        (
            "0 0 15W * *",
            "day of month \"15W\": the working day nearest to a date is not known here; LW is the last working day of the month"
        ),
        ("0 0 * * fri-sun", "day of week \"fri-sun\": fri-sun runs backwards; write fri-7, where 7 is Sunday"),
        ("0 22-2 * * *", "hour \"22-2\": 22-2 runs backwards; write 22-23,0-2"),
        ("0 1-2-3 * * *", "hour \"1-2-3\": \"1-2-3\" is no range; write one as 0-23, it must be 0 to 23"),
        ("*/0 * * * *", "minute \"*/0\": the step in \"*/0\" must be a whole number from 1, as in */5"),
        (
            "*/99999999999999999999 * * * *",
            "minute \"*/99999999999999999999\": the step in \"*/99999999999999999999\" must be a whole number from 1, as in */5"
        ),
        ("1/2/3 * * * *", "minute \"1/2/3\": \"1/2/3\" has more than one \"/\"; write a step as */5 or 1-9/2"),
        ("1,,2 * * * *", "minute \"1,,2\": nothing stands beside a comma; write a list as 1,2,3"),
        ("1- * * * *", "minute \"1-\": a value is missing, it must be 0 to 59"),
        ("0 0 * * 1#6", "day of week \"1#6\": after \"#\" comes which one of the month, 1 to 5, as in 1#2 for the second Monday"),
        ("0 0 30 feb *", "day of month \"30\": it never comes with month \"feb\" and day of week \"*\"; choose days that these have"),
        (
            "0 0 31 2,4,6,9,11 *",
            "day of month \"31\": it never comes with month \"2,4,6,9,11\" and day of week \"*\"; choose days that these have"
        ),
        ("0 0 */31 * 5L", "day of month \"*/31\": it never comes with month \"*\" and day of week \"5L\"; choose days that these have"),
    ]

    /// What can't be used is refused with a sentence that names the field, what is wrong and what would be right.
    @Test(arguments: refused) func refuses(_ text: String, _ sentence: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description == sentence)
    }

    /// Characters that look like digits, letters or signs, and whatever else comes in, are refused and trap nothing.
    @Test(arguments: [
        "¹ * * * *", "٣ * * * *", "１ * * * *", "1\u{301} * * * *", "*\u{301} * * * *", "* * * * *\u{0}", "−1 * * * *", "1–5 * * * *",
        "0\u{A0}0 * * *",
        "@every ３m", "@every 1İ", "@every", "@", "#", "* * * * #", "* * * * L", "* * * * 5L-6", "* * LWW * *", "* * L-3 * *", "* * 1-L * *",
        "9999999999 * * * *", "18446744073709551616 * * * *", "-9223372036854775808 * * * *", "👍 * * * *",
    ]) func refusesOddText(_ text: String) { #expect(throws: CronError.self) { try CronExpression(text) } }

    /// A text of any length is shortened in the sentence that refuses it.
    @Test func shortensWhatItRefuses() {
        let error = #expect(throws: CronError.self) { try CronExpression(String(repeating: "x", count: 100_000)) }
        #expect(error?.text.count == 60)
    }

    /// Past the year 9999, and after what is no date, nothing fires.
    @Test(arguments: [1e12, 1e300, .infinity, .nan]) func firesNoMore(after seconds: TimeInterval) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(try CronExpression("@yearly").next(after: date, in: utc) == nil)
        #expect(try CronExpression("@every 1h").next(after: date, in: utc) == nil)
    }

    /// The last fires before the year 10000 are fewer than were asked for.
    @Test func endsWithTheYear9999() throws {
        #expect(try CronExpression("0 12 * * *").fires(after: time("9999-12-28T12:00:00Z"), in: utc, count: 9).count == 2)
        #expect(try CronExpression("@every 1h").fires(after: time("9999-12-31T12:00:00Z"), in: utc, count: 9).isEmpty)
    }

    /// Any date before the year 0 is the year 0.
    @Test func beginsWithTheYear0() throws {
        let next = try CronExpression("@monthly").next(after: Date(timeIntervalSince1970: -.infinity), in: utc)
        #expect(next.map { Timestamp.write($0, in: utc) } == "0000-02-01T00:00:00+00:00")
    }

    /// Rare dates are found without going through all days of a zone: those of seven thousand years come at once.
    @Test(.timeLimit(.minutes(1))) func rareDatesAreCheap() throws {
        let berlin = try Timestamp.zone("Europe/Berlin")
        #expect(try CronExpression("30 2 29 2 */7").fires(after: time("2000-01-01T00:00:00Z"), in: berlin, count: 250).count == 250)
    }
}
