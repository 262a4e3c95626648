import Foundation
import Politeness
import Testing

@Suite struct RetryAfterTests {
    /// Seconds or an HTTP date in any of its three forms; anything else is no answer.
    @Test(
        arguments: [
            ("120", 120), ("0", 0), ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
            ("Sun Nov  6 08:49:47 1994", 10),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("-1", nil), ("+1", nil), ("1.0", nil), ("soon", nil), ("", nil),
        ] as [(String, Double?)])
    func readsRetryAfter(_ value: String, _ seconds: Double?) {
        #expect(RetryAfter.seconds(value, now: Date(timeIntervalSince1970: 784_111_777)) == seconds)
    }
}
