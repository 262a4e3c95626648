package import Documents
package import Hummingbird

/// What was sent with a request, within bounds.
package enum Body {
    /// In bytes.
    package static let usualLimit = 1 << 20
    package static let deepest = 64

    /// - Parameter type: "application/json"; another is a 415.
    static func text(of request: Request, type: String, limit: Int = usualLimit) async throws -> String {
        try check(contentType: request.headers[.contentType], is: type)
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType, "the body is encoded as \(encoding.prefix(40)); send it as it is")
        }
        let tooLarge = Problem(.bodyTooLarge, "the body has more than \(limit) bytes, which is the most that may be sent here")
        if let length = request.headers[.contentLength], Int(length) ?? .max > limit { throw tooLarge }
        var bytes = ByteBuffer()
        let cut = Problem(.malformedBody, "the body is not as long as Content-Length says, or its chunks can't be read")
        do {
            for try await chunk in request.body {
                guard bytes.readableBytes + chunk.readableBytes <= limit else { throw tooLarge }
                bytes.writeImmutableBuffer(chunk)
            }
        } catch {
            // What the parser throws is the sender's fault, not the server's.
            throw error is CancellationError || error is Problem ? error : cut
        }
        try Task.checkCancellation()
        if let length = request.headers[.contentLength], Int(length) != bytes.readableBytes { throw cut }
        guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
            throw Problem(.malformedBody, "the body is not UTF-8")
        }
        return text
    }

    /// The body as JSON, RFC 8259.
    package static func json(of request: Request, limit: Int = usualLimit) async throws -> JSON {
        let text = try await text(of: request, type: "application/json", limit: limit)
        do {
            return try JSON(parsing: text, maximumDepth: deepest)
        } catch {
            throw Problem(.malformedBody, "\(error)", faults: [.init(.body(""), error.reason)])
        }
    }

    /// What a form in a page sent.
    static func form(of request: Request, limit: Int = usualLimit) async throws -> QueryPairs {
        do { return try QueryPairs(try await text(of: request, type: "application/x-www-form-urlencoded", limit: limit)) } catch {
            guard let problem = error as? Problem, problem.kind == .invalidQuery else { throw error }
            throw Problem(.malformedBody, problem.detail)
        }
    }

    /// Any character set but UTF-8 is refused.
    static func check(contentType: String?, is type: String) throws(Problem) {
        guard let contentType else { throw Problem(.unsupportedMediaType, "Content-Type is missing; it must be \(type)") }
        let parts = contentType.split(separator: ";").map { $0.drop { $0 == " " }.lowercased() }
        guard parts.first.map({ $0.trimmingSuffix { $0 == " " } }) == type[...] else {
            throw Problem(.unsupportedMediaType, "Content-Type is \(contentType.prefix(80)); it must be \(type)")
        }
        for part in parts.dropFirst() where part.hasPrefix("charset=") {
            guard ["charset=utf-8", "charset=\"utf-8\""].contains(part) else {
                throw Problem(.unsupportedMediaType, "the body must be UTF-8, not \(part.prefix(40))")
            }
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isSpace: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}
