package import Foundation

package enum Fetch {
    package struct Pattern: Encodable, Sendable {
        var urlPattern: String?
        var resourceType: String?
        package init(url: String? = nil, type: String? = nil) { (urlPattern, resourceType) = (url, type) }
    }
    /// Each request that fits a pattern waits for one of the commands below.
    package struct Enable: Command {
        package static let method = "Fetch.enable"
        package var patterns: [Pattern]
        package init(_ patterns: [Pattern]) { self.patterns = patterns }
    }
    package struct Disable: Command {
        package static let method = "Fetch.disable"
        package init() {}
    }
    package struct RequestPaused: Event {
        package static let method = "Fetch.requestPaused"
        package var requestId = ""
        package var resourceType = ""
        package var frameId = ""
        package var url = ""
        package init(params: inout JSONReader) throws {
            var event = Self()
            try params.object { key, json in
                switch key {
                case "requestId": event.requestId = try json.string()
                case "resourceType": event.resourceType = try json.string()
                case "frameId": event.frameId = try json.stringIfAny() ?? ""
                case "request": event.url = try json.string(named: "url")
                default: try json.skip()
                }
            }
            self = event
        }
        private init() {}
    }
    package struct ContinueRequest: Command {
        package static let method = "Fetch.continueRequest"
        package var requestId: String
        package init(_ id: String) { requestId = id }
    }
    package struct FailRequest: Command {
        package static let method = "Fetch.failRequest"
        package var requestId: String
        package var errorReason = "BlockedByClient"
        package init(_ id: String) { requestId = id }
    }
    package struct HeaderEntry: Encodable, Sendable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }
    package struct FulfillRequest: Command {
        package static let method = "Fetch.fulfillRequest"
        package var requestId: String
        package var responseCode = 200
        package var responseHeaders: [HeaderEntry]
        package var body: Data
        package init(_ id: String, headers: [HeaderEntry], body: Data) {
            (requestId, responseHeaders, self.body) = (id, headers, body)
        }
    }
}
