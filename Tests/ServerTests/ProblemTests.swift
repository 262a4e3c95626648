import Documents
import Hummingbird
import Server
import Testing

@Suite struct ProblemTests {
    /// It is written as RFC 9457 says, with all faults.
    @Test func writes() throws {
        let problem = Problem(
            .tooManyRequests, "wait",
            faults: [.init(.body("/a"), "x"), .init(.query("b"), "y"), .init(.header("C"), "z"), .init(.path("d"), "w")],
            retryAfter: .milliseconds(1_001))
        #expect(
            problem.json(requestID: "r1").text()
                == #"{"type":"/docs#problem-too-many-requests","title":"Too many requests","status":429,"detail":"wait","#
                + #""code":"too-many-requests","errors":[{"pointer":"/a","detail":"x"},{"parameter":"b","detail":"y"},"#
                + #"{"header":"C","detail":"z"},{"path":"d","detail":"w"}],"retry":true,"retry_after":2,"request_id":"r1"}"#)
        let response = problem.response(requestID: "r1")
        #expect(response.status.code == 429)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.retryAfter] == "2")
    }

    /// Waiting times are whole seconds, never none.
    @Test(arguments: [(Duration.zero, "1"), (.milliseconds(1), "1"), (.seconds(1), "1"), (.milliseconds(1_500), "2"), (.seconds(90), "90")])
    func roundsUp(_ wait: Duration, _ seconds: String) {
        #expect(Problem(.unavailable, "", retryAfter: wait).response(requestID: "").headers[.retryAfter] == seconds)
    }

    struct Secret: Error, CustomStringConvertible { var description: String { "password is hunter2" } }

    static let errors: [(any Error, Problem.Kind)] = [
        (Problem(.missingScope, "x"), .missingScope), (CancellationError(), .unavailable), (HTTPError(.notFound), .notFound),
        (HTTPError(.contentTooLarge, message: "x"), .bodyTooLarge), (HTTPError(.badRequest, message: "hunter2"), .internalFault),
        (Secret(), .internalFault),
    ]

    /// Errors that are known become their problem; others tell nothing of themselves.
    @Test(arguments: 0..<errors.count) func comesFromErrors(_ number: Int) {
        let (error, kind) = Self.errors[number]
        let problem = Problem(error)
        #expect(problem.kind == kind)
        #expect(!problem.json(requestID: "").text().contains("hunter2"))
    }

    /// Each code is one problem's.
    @Test func codesAreUnique() {
        #expect(Set(Problem.Kind.common.map(\.code)).count == Problem.Kind.common.count)
    }
}
