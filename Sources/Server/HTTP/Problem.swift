package import Documents
package import Hummingbird

/// Why a request was not answered as asked: problem details, RFC 9457.
///
/// Beside the standard's members there are `code`, which stays the same for ever, `errors` with the place of each fault, `retry` and
/// `retry_after` (seconds), which say whether and when the same request may succeed, and `request_id`, under which the log has it.
package struct Problem: Error, Hashable, CustomStringConvertible {
    /// What programs decide by. Routes add their own: `extension Problem.Kind { static let … }`.
    package struct Kind: Sendable, Hashable {
        package var code: String
        package var status: Int
        package var title: String
        /// Whether the same request may succeed later.
        package var mayPass: Bool

        package init(_ code: String, _ status: Int, _ title: String, mayPass: Bool = false) {
            self.code = code
            self.status = status
            self.title = title
            self.mayPass = mayPass
        }
    }

    package struct Fault: Sendable, Hashable {
        package enum Place: Sendable, Hashable {
            /// An RFC 6901 pointer into the body; "" is all of it.
            case body(String)
            case query(String)
            case header(String)
            case path(String)
        }

        package var place: Place
        package var detail: String

        package init(_ place: Place, _ detail: String) {
            self.place = place
            self.detail = detail
        }
    }

    /// No more faults than these are listed; how many there are beyond stands in the detail.
    package static let mostFaults = 20

    package var kind: Kind
    /// What happened, to what, and what to do. It is shown to whoever asked.
    package var detail: String
    package var faults: [Fault]
    package var retryAfter: Duration?
    /// Beside the usual ones.
    package var headers: HTTPFields

    package init(_ kind: Kind, _ detail: String, faults: [Fault] = [], retryAfter: Duration? = nil, headers: HTTPFields = [:]) {
        self.kind = kind
        self.detail = detail
        self.faults = faults
        self.retryAfter = retryAfter
        self.headers = headers
    }

    package var description: String { "\(kind.code): \(detail)" }
}

// MARK: - Kinds

extension Problem.Kind {
    package static let malformedBody = Self("malformed-body", 400, "The body can't be read")
    package static let invalidQuery = Self("invalid-query", 400, "The query can't be understood")
    package static let invalidHeader = Self("invalid-header", 400, "A header can't be understood")
    package static let unauthenticated = Self("unauthenticated", 401, "A key is needed")
    package static let missingScope = Self("missing-scope", 403, "The key may not do this")
    package static let crossSite = Self("cross-site", 403, "The request comes from another site")
    package static let notFound = Self("not-found", 404, "There is nothing here")
    package static let methodNotAllowed = Self("method-not-allowed", 405, "This can't be done here")
    package static let bodyTooLarge = Self("body-too-large", 413, "The body is too large")
    package static let addressTooLong = Self("address-too-long", 414, "The address is too long")
    package static let unsupportedMediaType = Self("unsupported-media-type", 415, "The body is of another type")
    package static let unknownHost = Self("unknown-host", 421, "This is not that host")
    /// The body is JSON, and says something that can't be.
    package static let invalidFields = Self("invalid-fields", 422, "The body can't be understood")
    package static let tooManyRequests = Self("too-many-requests", 429, "Too many requests", mayPass: true)
    package static let headersTooLarge = Self("headers-too-large", 431, "The headers are too large")
    package static let internalFault = Self("internal-fault", 500, "A fault of the server")
    /// The farm is ending, or waits for its store.
    package static let unavailable = Self("unavailable", 503, "Not at the moment", mayPass: true)
    package static let tooSlow = Self("too-slow", 503, "It took too long", mayPass: true)

    /// Those that any route may answer.
    package static let common: [Self] = [
        .malformedBody, .invalidQuery, .invalidHeader, .unauthenticated, .missingScope, .crossSite, .notFound, .methodNotAllowed,
        .bodyTooLarge, .addressTooLong, .unsupportedMediaType, .unknownHost, .invalidFields, .tooManyRequests, .headersTooLarge,
        .internalFault, .unavailable, .tooSlow,
    ]
}

// MARK: - From errors

extension Problem {
    /// What is answered for an error that a handler threw. One that isn't known here tells nothing of itself: that is for the log.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case is CancellationError:
            self.init(.unavailable, "the server is ending; ask again in a moment", retryAfter: .seconds(5))
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(.notFound, "no such address; /docs lists all there are")
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            self.init(.bodyTooLarge, "the body is larger than may be sent here")
        default: self.init(.internalFault, "the server failed in a way that was not foreseen; its log says more under this request_id")
        }
    }
}

// MARK: - Written

extension Problem {
    /// - Parameter requestID: under which the log has it.
    package func json(requestID: String) -> JSON {
        .of(
            ("type", .string("/docs#problem-\(kind.code)")), ("title", .string(kind.title)), ("status", .integer(kind.status)),
            ("detail", .string(detail)), ("code", .string(kind.code)),
            ("errors", faults.isEmpty ? nil : .array(faults.prefix(Problem.mostFaults).map(\.json))),
            ("retry", .bool(kind.mayPass)), ("retry_after", retryAfter.map { .integer($0.wholeSeconds) }),
            ("request_id", .string(requestID)))
    }

    package func response(requestID: String) -> Response {
        var fields = headers
        fields[.contentType] = "application/problem+json"
        if let retryAfter { fields[.retryAfter] = String(retryAfter.wholeSeconds) }
        return Response(
            status: .init(code: kind.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: json(requestID: requestID).text())))
    }
}

extension Problem.Fault {
    fileprivate var json: JSON {
        let (name, value) =
            switch place {
            case .body(let pointer): ("pointer", pointer)
            case .query(let name): ("parameter", name)
            case .header(let name): ("header", name)
            case .path(let name): ("path", name)
            }
        return .of((name, .string(value)), ("detail", .string(detail)))
    }
}

extension Problem.Fault.Place {
    /// The member of that name, or the item of that number.
    func child(_ step: String) -> Self {
        switch self {
        case .body(let pointer): .body(pointer + "/" + JSON.escapePointer(step))
        case .query(let name): .query(name.isEmpty ? step : name)
        case .header, .path: self
        }
    }
}

extension Duration {
    /// Rounded up, at least one: what Retry-After can say.
    var wholeSeconds: Int64 {
        let (seconds, rest) = components
        return max(1, rest > 0 ? seconds &+ 1 : seconds)
    }
}
