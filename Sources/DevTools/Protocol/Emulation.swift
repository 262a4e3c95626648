package enum Emulation {
    package struct SetDeviceMetricsOverride: Command {
        package static let method = "Emulation.setDeviceMetricsOverride"
        package var width: Int
        package var height: Int
        package var deviceScaleFactor: Double
        package var mobile: Bool
        package init(width: Int, height: Int, deviceScaleFactor: Double = 1, mobile: Bool = false) {
            (self.width, self.height, self.deviceScaleFactor, self.mobile) = (width, height, deviceScaleFactor, mobile)
        }
    }
    package struct Brand: Encodable, Sendable {
        package var brand: String
        package var version: String
        package init(_ brand: String, _ version: String) { (self.brand, self.version) = (brand, version) }
    }
    /// What `Sec-CH-UA*` headers and `navigator.userAgentData` say.
    package struct UserAgentMetadata: Encodable, Sendable {
        package var brands: [Brand]
        package var fullVersionList: [Brand]
        package var platform: String
        package var platformVersion: String
        package var architecture: String
        package var model: String
        package var mobile: Bool
        package var bitness: String
        package init(brands: [Brand], fullVersionList: [Brand], platform: String, platformVersion: String, architecture: String) {
            (self.brands, self.fullVersionList) = (brands, fullVersionList)
            (self.platform, self.platformVersion, self.architecture) = (platform, platformVersion, architecture)
            (model, mobile, bitness) = ("", false, "64")
        }
    }
    package struct SetUserAgentOverride: Command {
        package static let method = "Emulation.setUserAgentOverride"
        package var userAgent: String
        package var acceptLanguage: String?
        package var userAgentMetadata: UserAgentMetadata?
        package init(_ userAgent: String, acceptLanguage: String?, metadata: UserAgentMetadata?) {
            (self.userAgent, self.acceptLanguage, userAgentMetadata) = (userAgent, acceptLanguage, metadata)
        }
    }
    package struct SetLocaleOverride: Command {
        package static let method = "Emulation.setLocaleOverride"
        /// ICU form: "en_US".
        package var locale: String
        package init(_ locale: String) { self.locale = locale }
    }
    package struct SetTimezoneOverride: Command {
        package static let method = "Emulation.setTimezoneOverride"
        package var timezoneId: String
        package init(_ zone: String) { timezoneId = zone }
    }
    /// Pages behave as if their tab were in front, though several are open.
    package struct SetFocusEmulationEnabled: Command {
        package static let method = "Emulation.setFocusEmulationEnabled"
        package var enabled = true
        package init() {}
    }
}

package enum Security {
    package struct SetIgnoreCertificateErrors: Command {
        package static let method = "Security.setIgnoreCertificateErrors"
        package var ignore: Bool
        package init(_ ignore: Bool) { self.ignore = ignore }
    }
}

package enum DOMSnapshot {
    /// Ask with `DevToolsClient.reply(to:)` and read with `DOMSnapshotCapture(reply:)`: JSONDecoder costs more than the browser's work.
    package struct CaptureSnapshot: Command {
        package static let method = "DOMSnapshot.captureSnapshot"
        package var computedStyles: [String]
        package init(styles: [String]) { computedStyles = styles }
    }
}

package enum DOM {
    package struct Owner: Decodable, Sendable { package var backendNodeId: Int }
    /// The element that holds a frame.
    package struct GetFrameOwner: Command {
        package typealias Reply = Owner
        package static let method = "DOM.getFrameOwner"
        package var frameId: String
        package init(_ frame: String) { frameId = frame }
    }
}
