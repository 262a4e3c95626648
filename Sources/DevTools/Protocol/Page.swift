package import Foundation

package enum Page {
    package struct Enable: Command {
        package static let method = "Page.enable"
        package init() {}
    }
    package struct SetLifecycleEventsEnabled: Command {
        package static let method = "Page.setLifecycleEventsEnabled"
        package var enabled = true
        package init() {}
    }
    package struct Navigated: Decodable, Sendable {
        package var frameId: String
        /// Nil where the address differs in its fragment only: no document was loaded.
        package var loaderId: String?
        /// "net::ERR_…"; the document is then Chromium's error page.
        package var errorText: String?
        package var isDownload: Bool?
    }
    /// Replies when the navigation has committed or failed.
    package struct Navigate: Command {
        package typealias Reply = Navigated
        package static let method = "Page.navigate"
        package var url: String
        package var referrer: String?
        package init(_ url: String, referrer: String? = nil) { (self.url, self.referrer) = (url, referrer) }
    }
    package struct StopLoading: Command {
        package static let method = "Page.stopLoading"
        package init() {}
    }
    package struct AddScriptToEvaluateOnNewDocument: Command {
        package static let method = "Page.addScriptToEvaluateOnNewDocument"
        package var source: String
        /// Also in the documents that exist already.
        package var runImmediately = true
        package init(_ source: String) { self.source = source }
    }
    package struct HandleJavaScriptDialog: Command {
        package static let method = "Page.handleJavaScriptDialog"
        package var accept: Bool
        package init(accept: Bool) { self.accept = accept }
    }
    package struct Blob: Decodable, Sendable { package var data: Data }
    package struct Viewport: Encodable, Sendable {
        package var x, y, width, height, scale: Double
        package init(x: Double, y: Double, width: Double, height: Double, scale: Double = 1) {
            (self.x, self.y, self.width, self.height, self.scale) = (x, y, width, height, scale)
        }
    }
    package struct CaptureScreenshot: Command {
        package typealias Reply = Blob
        package static let method = "Page.captureScreenshot"
        package var format = "png"
        package var clip: Viewport?
        package var captureBeyondViewport: Bool?
        package var optimizeForSpeed = true
        package init(clip: Viewport? = nil) {
            self.clip = clip
            captureBeyondViewport = clip == nil ? nil : true
        }
    }
    package struct PrintToPDF: Command {
        package typealias Reply = Blob
        package static let method = "Page.printToPDF"
        package var printBackground = true
        package init() {}
    }
    package struct Rectangle: Decodable, Sendable { package var x, y, width, height: Double }
    package struct LayoutMetrics: Decodable, Sendable { package var cssContentSize: Rectangle }
    package struct GetLayoutMetrics: Command {
        package typealias Reply = LayoutMetrics
        package static let method = "Page.getLayoutMetrics"
        package init() {}
    }

    package struct LifecycleEvent: Event {
        package static let method = "Page.lifecycleEvent"
        package var frameId: String
        package var loaderId: String
        /// "init", "DOMContentLoaded", "load", …
        package var name: String
        package init(params: inout JSONReader) throws {
            var (frame, loader, name) = ("", "", "")
            try params.object { key, json in
                switch key {
                case "frameId": frame = try json.string()
                case "loaderId": loader = try json.string()
                case "name": name = try json.string()
                default: try json.skip()
                }
            }
            (frameId, loaderId, self.name) = (frame, loader, name)
        }
    }
    package struct FrameNavigated: Event {
        package static let method = "Page.frameNavigated"
        package var frameId: String
        package var parentId: String?
        package var loaderId: String
        /// With its fragment.
        package var url: String
        /// Set where Chromium shows its error page.
        package var unreachableURL: String?
        package init(params: inout JSONReader) throws {
            var frame = (id: "", parent: String?.none, loader: "", url: "", fragment: "", unreachable: String?.none)
            try params.object { key, json in
                guard key == "frame" else { return try json.skip() }
                try json.object { key, json in
                    switch key {
                    case "id": frame.id = try json.string()
                    case "parentId": frame.parent = try json.stringIfAny()
                    case "loaderId": frame.loader = try json.string()
                    case "url": frame.url = try json.string()
                    case "urlFragment": frame.fragment = try json.stringIfAny() ?? ""
                    case "unreachableUrl": frame.unreachable = try json.stringIfAny()
                    default: try json.skip()
                    }
                }
            }
            (frameId, parentId, loaderId, url, unreachableURL) =
                (frame.id, frame.parent, frame.loader, frame.url + frame.fragment, frame.unreachable)
        }
    }
    /// The address changed without a document being loaded (history API, fragment).
    package struct NavigatedWithinDocument: Event {
        package static let method = "Page.navigatedWithinDocument"
        package var frameId: String
        package var url: String
        package init(params: inout JSONReader) throws {
            var (frame, url) = ("", "")
            try params.object { key, json in
                switch key {
                case "frameId": frame = try json.string()
                case "url": url = try json.string()
                default: try json.skip()
                }
            }
            (frameId, self.url) = (frame, url)
        }
    }
    package struct FrameDetached: Event {
        package static let method = "Page.frameDetached"
        package var frameId: String
        /// "remove", or "swap" where the frame goes on in another process.
        package var reason: String
        package init(params: inout JSONReader) throws {
            var (frame, reason) = ("", "")
            try params.object { key, json in
                switch key {
                case "frameId": frame = try json.string()
                case "reason": reason = try json.string()
                default: try json.skip()
                }
            }
            (frameId, self.reason) = (frame, reason)
        }
    }
    /// A `<meta http-equiv=refresh>` or `Refresh` header, or a script, will load another document in `delay` seconds.
    package struct FrameScheduledNavigation: Event {
        package static let method = "Page.frameScheduledNavigation"
        package var frameId: String
        package var delay: Double
        package init(params: inout JSONReader) throws {
            var (frame, delay) = ("", 0.0)
            try params.object { key, json in
                switch key {
                case "frameId": frame = try json.string()
                case "delay": delay = try json.number()
                default: try json.skip()
                }
            }
            (frameId, self.delay) = (frame, delay)
        }
    }
    package struct FrameClearedScheduledNavigation: Event {
        package static let method = "Page.frameClearedScheduledNavigation"
        package var frameId: String
        package init(params: inout JSONReader) throws { frameId = try params.string(named: "frameId") }
    }
    /// The page has begun to go elsewhere of its own accord.
    package struct FrameRequestedNavigation: Event {
        package static let method = "Page.frameRequestedNavigation"
        package var frameId: String
        package init(params: inout JSONReader) throws { frameId = try params.string(named: "frameId") }
    }
    package struct JavaScriptDialogOpening: Event {
        package static let method = "Page.javascriptDialogOpening"
        /// "alert", "confirm", "prompt", "beforeunload".
        package var type: String
        package init(params: inout JSONReader) throws { type = try params.string(named: "type") }
    }
}
