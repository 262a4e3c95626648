import Documents
import Foundation

@testable import Extraction

/// The bundled tree models, as the repository has them.
enum ListingFixture {
    static let model: ListingModel = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../Sources/Extraction/Listing/Models/listing-trees.json")
        guard let bytes = try? Data(contentsOf: file), let model = try? ListingModel(json: bytes) else {
            preconditionFailure("the tree models are not at \(file.path)")
        }
        return model
    }()

    static func read(_ html: String, _ fields: [Field], prompt: String = "", url: String = "https://example.org/list") -> ListingResult {
        ListingReader(model).read(Document(html: html, url: url), fields: fields, prompt: prompt)
    }

    /// Records as rows of texts in the order of the fields, "-" where one is missing.
    static func rows(_ result: ListingResult, _ count: Int) -> [[String]] {
        result.records.map { record in
            (0..<count).map { field in
                record.cells.first { $0.field == field }.map { $0.span.text.replacing("\n", with: " ") } ?? "-"
            }
        }
    }

    /// A page with what pages have around their list: navigation, a sidebar, a footer, a cookie notice.
    static func page(_ main: String, title: String = "Acme") -> String {
        """
        <!doctype html><html><head><title>\(title)</title></head><body>
        <header><nav class="main-nav"><ul><li><a href="/">Home</a></li><li><a href="/products">Products</a></li><li><a href="/about">About us</a></li>
        <li><a href="/blog">Blog</a></li><li><a href="/contact">Contact</a></li></ul></nav></header>
        <main>\(main)</main>
        <aside class="sidebar"><h3>Popular</h3><ul><li><a href="/blog/how-we-work">How we work</a></li><li><a href="/blog/our-story">Our story</a></li>
        <li><a href="/blog/ten-years">Ten years of Acme</a></li></ul></aside>
        <footer><ul class="footer-links"><li><a href="/privacy">Privacy</a></li><li><a href="/terms">Terms</a></li><li><a href="/imprint">Imprint</a></li>
        <li><a href="/press">Press</a></li></ul><p>© 2026 Acme Ltd</p></footer>
        <div class="cookie-consent"><p>We use cookies.</p><button>Accept</button><button>Decline</button></div>
        </body></html>
        """
    }
}
