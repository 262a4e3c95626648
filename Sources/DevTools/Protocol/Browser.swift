// The commands and events that we use, by hand, in one file a domain, named as in the protocol (Chrome DevTools Protocol, "tot").

package enum Browser {
    package struct Version: Decodable, Sendable {
        /// "HeadlessChrome/156.0.8078.79"
        package var product: String
        package var userAgent: String
    }
    package struct GetVersion: Command {
        package typealias Reply = Version
        package static let method = "Browser.getVersion"
        package init() {}
    }
    package struct Close: Command {
        package static let method = "Browser.close"
        package init() {}
    }
    package struct SetDownloadBehavior: Command {
        package static let method = "Browser.setDownloadBehavior"
        /// "deny" or "default".
        package var behavior: String
        package var browserContextId: String?
        package init(_ behavior: String, in context: String?) { (self.behavior, browserContextId) = (behavior, context) }
    }
    /// Grants these and refuses every other permission.
    package struct GrantPermissions: Command {
        package static let method = "Browser.grantPermissions"
        package var permissions: [String]
        package var browserContextId: String?
        package init(_ permissions: [String], in context: String?) { (self.permissions, browserContextId) = (permissions, context) }
    }
}
