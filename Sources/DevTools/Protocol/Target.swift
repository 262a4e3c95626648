package enum Target {
    package struct Created: Decodable, Sendable { package var targetId: String }
    package struct Attached: Decodable, Sendable { package var sessionId: String }
    package struct Context: Decodable, Sendable { package var browserContextId: String }

    package struct CreateBrowserContext: Command {
        package typealias Reply = Context
        package static let method = "Target.createBrowserContext"
        package var disposeOnDetach = true
        /// "HOST:PORT" or "socks5://HOST:PORT".
        package var proxyServer: String?
        package var proxyBypassList: String?
        package init(proxyServer: String? = nil, proxyBypassList: String? = nil) {
            (self.proxyServer, self.proxyBypassList) = (proxyServer, proxyBypassList)
        }
    }
    package struct DisposeBrowserContext: Command {
        package static let method = "Target.disposeBrowserContext"
        package var browserContextId: String
        package init(_ id: String) { browserContextId = id }
    }
    package struct CreateTarget: Command {
        package typealias Reply = Created
        package static let method = "Target.createTarget"
        package var url = "about:blank"
        package var browserContextId: String?
        package init(in context: String?) { browserContextId = context }
    }
    package struct AttachToTarget: Command {
        package typealias Reply = Attached
        package static let method = "Target.attachToTarget"
        package var targetId: String
        package var flatten = true
        package init(_ id: String) { targetId = id }
    }
    package struct CloseTarget: Command {
        package static let method = "Target.closeTarget"
        package var targetId: String
        package init(_ id: String) { targetId = id }
    }
    package struct Filter: Encodable, Sendable {
        package var type: String?
        package var exclude: Bool
        package init(type: String?, exclude: Bool) { (self.type, self.exclude) = (type, exclude) }
    }
    /// Events about every target, begun with one for each that exists.
    package struct SetDiscoverTargets: Command {
        package static let method = "Target.setDiscoverTargets"
        package var discover = true
        package var filter: [Filter]?
        package init(_ filter: [Filter]? = nil) { self.filter = filter }
    }
    /// Sessions of their own for frames in other processes.
    package struct SetAutoAttach: Command {
        package static let method = "Target.setAutoAttach"
        package var autoAttach = true
        package var waitForDebuggerOnStart = true
        package var flatten = true
        package var filter: [Filter]?
        package init(_ filter: [Filter]? = nil) { self.filter = filter }
    }

    package struct Info: Sendable {
        package var targetId = ""
        package var type = ""
        package var url = ""
        /// The target that opened this one, for popups.
        package var openerId: String?
        package var browserContextId: String?

        init(_ json: inout JSONReader) throws {
            var info = (id: "", type: "", url: "", opener: String?.none, context: String?.none)
            try json.object { key, json in
                switch key {
                case "targetId": info.id = try json.string()
                case "type": info.type = try json.string()
                case "url": info.url = try json.string()
                case "openerId": info.opener = try json.stringIfAny()
                case "browserContextId": info.context = try json.stringIfAny()
                default: try json.skip()
                }
            }
            (targetId, type, url, openerId, browserContextId) = (info.id, info.type, info.url, info.opener, info.context)
        }
    }
    package struct TargetCreated: Event {
        package static let method = "Target.targetCreated"
        package var targetInfo: Info
        package init(params: inout JSONReader) throws { targetInfo = try .member("targetInfo", of: &params) }
    }
    package struct TargetCrashed: Event {
        package static let method = "Target.targetCrashed"
        package var targetId = ""
        /// "crashed", "killed", "oom".
        package var status = ""
        package init(params: inout JSONReader) throws {
            var (targetId, status) = ("", "")
            try params.object { key, json in
                switch key {
                case "targetId": targetId = try json.string()
                case "status": status = try json.string()
                default: try json.skip()
                }
            }
            (self.targetId, self.status) = (targetId, status)
        }
    }
    package struct TargetDestroyed: Event {
        package static let method = "Target.targetDestroyed"
        package var targetId: String
        package init(params: inout JSONReader) throws { targetId = try params.string(named: "targetId") }
    }
    package struct AttachedToTarget: Event {
        package static let method = "Target.attachedToTarget"
        package var sessionId: String
        package var targetInfo: Info
        package init(params: inout JSONReader) throws {
            var sessionId = ""
            var info: Info?
            try params.object { key, json in
                switch key {
                case "sessionId": sessionId = try json.string()
                case "targetInfo": info = try Info(&json)
                default: try json.skip()
                }
            }
            guard let info else { throw DevToolsError(.unreadable, "Target.attachedToTarget without targetInfo") }
            (self.sessionId, targetInfo) = (sessionId, info)
        }
    }
    package struct DetachedFromTarget: Event {
        package static let method = "Target.detachedFromTarget"
        package var sessionId: String
        package init(params: inout JSONReader) throws { sessionId = try params.string(named: "sessionId") }
    }
}

extension Target.Info {
    fileprivate static func member(_ name: StaticString, of json: inout JSONReader) throws -> Self {
        var info: Self?
        try json.object { key, json in if key == name { info = try Self(&json) } else { try json.skip() } }
        guard let info else { throw DevToolsError(.unreadable, "a target event without \(name)") }
        return info
    }
}

extension JSONReader {
    /// The string member of that name of an object, read to its end; "" where there is none.
    mutating func string(named name: StaticString) throws -> String {
        var value = ""
        try object { key, json in if key == name { value = try json.stringIfAny() ?? "" } else { try json.skip() } }
        return value
    }
}

package enum Inspector {
    package struct Enable: Command {
        package static let method = "Inspector.enable"
        package init() {}
    }
    package struct TargetCrashed: Event {
        package static let method = "Inspector.targetCrashed"
        package init(params: inout JSONReader) throws { try params.skip() }
    }
}
