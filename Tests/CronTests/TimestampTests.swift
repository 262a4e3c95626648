import Cron
import Foundation
import Testing

@Suite struct TimestampTests {
    static let times = [
        ("2026-03-29T01:30:00Z", "UTC", "2026-03-29T01:30:00+00:00"), ("2026-03-29t01:30:00z", "UTC", "2026-03-29T01:30:00+00:00"),
        ("2026-03-29 01:30:00+05:45", "UTC", "2026-03-28T19:45:00+00:00"),
        ("2026-03-29T01:30:00-00:00", "UTC", "2026-03-29T01:30:00+00:00"),
        ("2026-03-29T01:30:00", "Europe/Berlin", "2026-03-29T01:30:00+01:00"),
        ("2026-07-01T00:00:00", "America/St_Johns", "2026-07-01T00:00:00-02:30"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        ("2011-12-31T00:00:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"), ("2016-12-31T23:59:60Z", "UTC", "2017-01-01T00:00:00+00:00"),
        ("1969-12-31T23:59:59.9999999999999999Z", "UTC", "1969-12-31T23:59:59+00:00"),
        ("9999-12-31T23:59:59.9999999999Z", "UTC", "9999-12-31T23:59:59+00:00"),
        ("0000-01-01T00:00:00Z", "UTC", "0000-01-01T00:00:00+00:00"),
        ("0000-01-01T00:00:00Z", "America/New_York", "0000-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "Asia/Tokyo", "9999-12-31T23:59:59+00:00"), ("2000-02-29T00:00:00Z", "UTC", "2000-02-29T00:00:00+00:00"),
        ("1880-01-01T00:00:00Z", "America/New_York", "1880-01-01T00:00:00+00:00"),
    ]

    /// A time is read with its offset or else in the zone, and told with the zone's offset.
    @Test(arguments: times) func readsAndWrites(_ text: String, _ name: String, _ told: String) throws {
        let zone = try Timestamp.zone(name)
        #expect(try Timestamp.write(Timestamp.read(text, in: zone), in: zone) == told)
    }

    /// A part of a second is kept.
    @Test func keepsFractions() throws { #expect(try time("1970-01-01T00:00:01.25Z").timeIntervalSince1970 == 1.25) }

    /// What is no time of RFC 3339 is refused, and the sentence names `from`.
    @Test(arguments: [
        "", "now", "2026-03-29", "2026-03-29T01:30", "2026-3-29T01:30:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00 Z", "+2026-01-01T00:00:00Z", "２026-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
        "2026-01-01T00:00:00,5Z",
    ]) func refuses(_ text: String) {
        let error = #expect(throws: CronError.self) { try time(text) }
        #expect(error?.description.hasPrefix("from \"\(text)\": ") == true)
    }

    /// Any Date can be told; those that RFC 3339 can't write trap nothing.
    @Test(arguments: [-1e12, 1e12, 1e300, -.infinity, .nan]) func writesAnyDate(_ seconds: TimeInterval) {
        #expect(Timestamp.write(Date(timeIntervalSince1970: seconds), in: utc).hasSuffix("+00:00"))
    }

    /// Zones are those of the IANA data base, its old names included.
    @Test(arguments: [
        "UTC", "Europe/Berlin", "US/Eastern", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT", "Asia/Calcutta", "W-SU",
    ])
    func knowsZones(_ name: String) throws { _ = try Timestamp.zone(name) }

    static let strangers = [
        ("", "it must be an IANA name, as Europe/Berlin or UTC"), ("Mars/Olympus", "it must be an IANA name, as Europe/Berlin or UTC"),
        ("PST", "it must be an IANA name, as Europe/Berlin or UTC"), ("GMT+3", "it must be an IANA name, as Europe/Berlin or UTC"),
        ("+02:00", "it must be an IANA name, as Europe/Berlin or UTC"),
        ("Europe/Berlin\0", "it must be an IANA name, as Europe/Berlin or UTC"),
        ("europe/berlin", "did you mean Europe/Berlin?"), ("utc", "did you mean UTC?"),
    ]

    /// No other name is taken for a zone, and the sentence says what would be.
    @Test(arguments: strangers) func refusesZones(_ name: String, _ advice: String) {
        let error = #expect(throws: CronError.self) { try Timestamp.zone(name) }
        #expect(error?.description == "zone \"\(name)\": there is no such time zone; \(advice)")
    }
}
