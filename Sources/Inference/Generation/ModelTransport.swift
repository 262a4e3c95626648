/// How a model server is reached. `Fetching.Fetcher` does it; the closure keeps models and the network apart.
package struct ModelTransport: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var url: String
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]?
        /// For the whole answer.
        package var deadline: Duration
        /// So long may nothing come, also before the first byte.
        package var patience: Duration
    }

    package struct Response: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    package struct Failure: Error {
        package enum Kind: Sendable { case cancelled, timedOut, notReached, refused, broken }
        package var kind: Kind
        /// One sentence that names the address.
        package var message: String

        package init(_ kind: Kind, _ message: String) {
            self.kind = kind
            self.message = message
        }
    }

    /// The whole answer, whatever its status; the closure gets the body of a good one as it comes, and returns false to break it off.
    /// No redirects are followed.
    package var send: @Sendable (Request, @escaping @Sendable ([UInt8]) -> Bool) async throws(Failure) -> Response

    package init(send: @escaping @Sendable (Request, @escaping @Sendable ([UInt8]) -> Bool) async throws(Failure) -> Response) {
        self.send = send
    }
}
