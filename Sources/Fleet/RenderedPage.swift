package import DevTools
package import Foundation

/// A page as a visit saw it.
package struct RenderedPage: Sendable {
    package struct Redirect: Sendable, Hashable {
        /// The address that led on.
        package var url: String
        /// 301, 302, 303, 307, 308; for those by the page, the status of the page that left.
        package var status: Int
        /// By `<meta http-equiv=refresh>` or a script, not by HTTP.
        package var isByPage: Bool
    }

    package struct Times: Sendable {
        /// From the order to the first byte of the document, from there to its load event, from there until it was ready, and for the
        /// captures. Seconds.
        package var answer = 0.0
        package var load = 0.0
        package var settle = 0.0
        package var capture = 0.0
    }

    /// As it was asked for.
    package var requestedURL: String
    /// Where the page stood when it was taken, with its fragment.
    package var finalURL: String
    /// HTTP status of the main document; nil where there was no HTTP (file:, data:). Any status may come with a page: 404 is no error here.
    package var status: Int?
    /// Headers of the main document, without `Set-Cookie`; values of a repeated header are joined by line feeds.
    package var headers: [Network.Header]
    package var contentType: String?
    package var redirects: [Redirect]
    /// The page waited for nothing more.
    package var isSettled: Bool
    /// What it still waited for, where it had not settled.
    package var unsettledReason: String?
    package var snapshot: DOMSnapshotCapture?
    /// Frames in processes of their own that did not answer: what they show is not in the snapshot.
    package var unreadFrames = 0
    /// Order of `snapshot.styles`.
    package var styles: [String]
    package var html: String?
    /// The document before any script, as text; nil where it was not asked for, or Chromium did not keep it.
    package var source: String?
    /// PNG.
    package var screenshot: Data?
    /// PNG.
    package var viewportScreenshot: Data?
    package var pdf: Data?
    package var requests: Int
    package var failedRequests: Int
    /// Bytes that the page loaded, after decompression.
    package var bytes: Int
    /// Alerts and such, all dismissed.
    package var dialogs: Int
    package var times: Times
}
