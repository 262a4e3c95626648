package enum Network {
    /// Keeps no bodies: nobody asks for them, and a page may load gigabytes.
    package struct Enable: Command {
        package static let method = "Network.enable"
        package var maxTotalBufferSize = 0
        package var maxResourceBufferSize = 0
        package init() {}

        /// Keeps bodies of up to so many bytes. May be sent again to change that.
        package init(keeping bytes: Int) { (maxTotalBufferSize, maxResourceBufferSize) = (bytes &* 2, bytes) }
    }
    /// Body of an answer, as text where Chromium takes it for text. Refused where it was not kept.
    package struct GetResponseBody: Command {
        package static let method = "Network.getResponseBody"
        package var requestId: String
        package init(_ requestId: String) { self.requestId = requestId }

        package struct Reply: Decodable, Sendable {
            package var body: String
            package var base64Encoded: Bool
        }
    }
    package struct SetBlockedURLs: Command {
        package static let method = "Network.setBlockedURLs"
        package struct Pattern: Encodable, Sendable {
            var urlPattern: String
            var block = true
        }
        /// URLPattern syntax: "*://*:*/*.png".
        package var urlPatterns: [Pattern]
        package init(_ patterns: [String]) { urlPatterns = patterns.map { Pattern(urlPattern: $0) } }
    }
    package struct SetExtraHTTPHeaders: Command {
        package static let method = "Network.setExtraHTTPHeaders"
        package var headers: [String: String]
        package init(_ headers: [String: String]) { self.headers = headers }
    }
    package struct SetCacheDisabled: Command {
        package static let method = "Network.setCacheDisabled"
        package var cacheDisabled: Bool
        package init(_ isDisabled: Bool) { cacheDisabled = isDisabled }
    }

    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    package struct Response: Sendable {
        package var url = ""
        package var status = 0
        /// As Chromium folds them: a repeated header's values are joined by line feeds. Without `Set-Cookie`.
        package var headers: [Header] = []
        package var mimeType = ""

        init() {}
        init(_ json: inout JSONReader) throws {
            var response = Response()
            try json.object { key, json in
                switch key {
                case "url": response.url = try json.string()
                case "status": response.status = try json.integer()
                case "mimeType": response.mimeType = try json.string()
                case "headers": try json.object { name, json in response.headers.append(Header(name.text, try json.stringIfAny() ?? "")) }
                default: try json.skip()
                }
            }
            self = response
        }

        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package struct RequestWillBeSent: Event {
        package static let method = "Network.requestWillBeSent"
        package var requestId = ""
        package var loaderId = ""
        package var frameId = ""
        package var url = ""
        package var httpMethod = ""
        /// "Document", "Stylesheet", "Image", "Media", "Font", "Script", "XHR", "Fetch", "EventSource", "WebSocket", "Ping", …
        package var type = ""
        /// Set where this request follows a redirect: the answer that redirected.
        package var redirectResponse: Response?
        package init(params: inout JSONReader) throws {
            var event = Self()
            try params.object { key, json in
                switch key {
                case "requestId": event.requestId = try json.string()
                case "loaderId": event.loaderId = try json.string()
                case "frameId": event.frameId = try json.stringIfAny() ?? ""
                case "type": event.type = try json.stringIfAny() ?? ""
                case "redirectResponse": event.redirectResponse = try Response(&json)
                case "request":
                    try json.object { key, json in
                        switch key {
                        case "url": event.url = try json.string()
                        case "method": event.httpMethod = try json.string()
                        default: try json.skip()
                        }
                    }
                default: try json.skip()
                }
            }
            self = event
        }
        private init() {}
    }
    package struct ResponseReceived: Event {
        package static let method = "Network.responseReceived"
        package var requestId = ""
        package var frameId = ""
        package var type = ""
        package var response = Response()
        package init(params: inout JSONReader) throws {
            var event = Self()
            try params.object { key, json in
                switch key {
                case "requestId": event.requestId = try json.string()
                case "frameId": event.frameId = try json.stringIfAny() ?? ""
                case "type": event.type = try json.string()
                case "response": event.response = try Response(&json)
                default: try json.skip()
                }
            }
            self = event
        }
        private init() {}
    }
    package struct DataReceived: Event {
        package static let method = "Network.dataReceived"
        package var requestId: String
        /// Bytes after decompression.
        package var dataLength: Int
        package init(params: inout JSONReader) throws {
            var (id, length) = ("", 0)
            try params.object { key, json in
                switch key {
                case "requestId": id = try json.string()
                case "dataLength": length = try json.integer()
                default: try json.skip()
                }
            }
            (requestId, dataLength) = (id, length)
        }
    }
    package struct LoadingFinished: Event {
        package static let method = "Network.loadingFinished"
        package var requestId: String
        package init(params: inout JSONReader) throws { requestId = try params.string(named: "requestId") }
    }
    package struct LoadingFailed: Event {
        package static let method = "Network.loadingFailed"
        package var requestId = ""
        /// "net::ERR_…"
        package var errorText = ""
        package var isCanceled = false
        /// "csp", "mixed-content", "inspector", …
        package var blockedReason: String?
        package init(params: inout JSONReader) throws {
            var event = Self()
            try params.object { key, json in
                switch key {
                case "requestId": event.requestId = try json.string()
                case "errorText": event.errorText = try json.string()
                case "canceled": event.isCanceled = try json.bool()
                case "blockedReason": event.blockedReason = try json.stringIfAny()
                default: try json.skip()
                }
            }
            self = event
        }
        private init() {}
    }
    /// One event of a server-sent stream.
    package struct EventSourceMessageReceived: Event {
        package static let method = "Network.eventSourceMessageReceived"
        package var requestId: String
        package init(params: inout JSONReader) throws { requestId = try params.string(named: "requestId") }
    }
    package struct WebSocketCreated: Event {
        package static let method = "Network.webSocketCreated"
        package var requestId: String
        package init(params: inout JSONReader) throws { requestId = try params.string(named: "requestId") }
    }
    package struct WebSocketFrameReceived: Event {
        package static let method = "Network.webSocketFrameReceived"
        package var requestId: String
        package init(params: inout JSONReader) throws { requestId = try params.string(named: "requestId") }
    }
    package struct WebSocketClosed: Event {
        package static let method = "Network.webSocketClosed"
        package var requestId: String
        package init(params: inout JSONReader) throws { requestId = try params.string(named: "requestId") }
    }
}
