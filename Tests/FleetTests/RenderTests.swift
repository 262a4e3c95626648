import DevTools
import Fleet
import Foundation
import GleanerTesting
import Synchronization
import Testing

@Suite(.enabled(if: hasChromium), .serialized) struct RenderTests {
    /// A page comes with its status, headers, text, boxes and final address, and tells the site who asked.
    @Test func page() async throws {
        try await withFleet(["/": html("<h1>Hello</h1><p>World</p>").header("X-Test", "yes")]) { fleet, site in
            let page = try await fleet.page(site.url("/"))
            #expect(page.status == 200)
            #expect(page.headers.first { $0.name.lowercased() == "x-test" }?.value == "yes")
            #expect(page.contentType == "text/html")
            #expect(page.finalURL == site.url("/"))
            #expect(page.text == "Hello World")
            #expect(page.isSettled)
            let agent = site.log.requests.first?.header("User-Agent") ?? ""
            #expect(agent.contains("Chrome/") && agent.hasSuffix(" Gleaner/0.0-test (+https://example.org/bot)"))
            #expect(!agent.contains("Headless"))
            #expect(site.log.requests.first?.header("Accept-Language")?.hasPrefix("en-US") == true)
        }
    }

    /// Content that scripts bring after the load event is there: by fetch and timer, in a frame, in a shadow tree.
    @Test func lateContent() async throws {
        let late = html(
            """
            <main id=m>soon</main><div id=s></div><iframe src=/frame></iframe>
            <script>
            addEventListener("load", () => fetch("/data").then(r => r.json()).then(d => setTimeout(() => { m.textContent = d.text; }, 300)));
            setTimeout(() => { s.attachShadow({mode: "open"}).innerHTML = "<p>from the shadow</p>"; }, 500);
            </script>
            """)
        let frame = html("<p id=p>frame soon</p><script>setTimeout(() => { p.textContent = 'frame done'; }, 700)</script>")
        try await withFleet(["/": late, "/frame": frame, "/data": .json(#"{"text":"fetched"}"#).after(.milliseconds(200))]) { fleet, site in
            let page = try await fleet.page(site.url("/"))
            #expect(page.isSettled)
            for text in ["fetched", "from the shadow", "frame done"] { #expect(page.text.contains(text)) }
        }
    }

    /// A frame of another site, which runs in a process of its own, is waited for and stands below its element.
    @Test func frameOfAnotherSite() async throws {
        let inner = html("<p id=p>soon</p><script>setTimeout(() => { p.textContent = 'from elsewhere'; }, 300)</script>")
        try await withFixtureSite(["/in": inner]) { other in
            try await withFleet(["/": html("<p>outside</p><iframe src='\(other.url("/in", host: "localhost"))'></iframe>")]) { fleet, site in
                let page = try await fleet.page(site.url("/"))
                #expect(page.text.contains("outside") && page.text.contains("from elsewhere"))
                #expect(page.snapshot?.documents.first?.contentDocument.count == 1)
            }
        }
    }

    /// A frame of another site whose script never ends is stopped and read; the page says that it was not quiet.
    @Test func endlessScriptInAFrame() async throws {
        let inner = html("<p>frozen</p><script>onload = () => setTimeout(() => { for (;;) {} }, 50)</script>")
        try await withFixtureSite(["/in": inner]) { other in
            try await withFleet(["/": html("<p>outside</p><iframe src='\(other.url("/in", host: "localhost"))'></iframe>")]) { fleet, site in
                let page = try await fleet.page(site.url("/")) {
                    $0.settleLimit = .seconds(1)
                    $0.timeout = .seconds(20)
                }
                #expect(page.text == "outside frozen")
                #expect(page.unsettledReason == "a script that does not end")
            }
        }
    }

    /// A page that never rests is taken after the limit and says what it waited for.
    @Test func endlessPage() async throws {
        let routes = ["/": FixtureAnswer.endless("<!doctype html><p>begin</p>", then: "<p>more</p>", every: .milliseconds(50))]
        try await withFleet(routes) { fleet, site in
            let page = try await fleet.page(site.url("/")) { $0.settleLimit = .seconds(1) }
            #expect(!page.isSettled)
            #expect(page.unsettledReason != nil)
            #expect(page.text.hasPrefix("begin"))
        }
    }

    /// A script that never ends can't hold us; what stood before it is read.
    @Test func endlessScript() async throws {
        let page = html("<p>before</p><script>onload = () => { for (;;) {} }</script>")
        try await withFleet(["/": page, "/ok": html("fine")]) { fleet, site in
            let outcome = await failure {
                let page = try await fleet.page(site.url("/")) {
                    $0.settleLimit = .seconds(1)
                    $0.timeout = .seconds(12)
                }
                #expect(!page.isSettled)
            }
            #expect(outcome == nil || outcome?.code == .unresponsive)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// The selector that is waited for decides; one that never comes, and one that is none, are faults of their own.
    @Test func waitFor() async throws {
        let page = html("<p>first</p><script>setTimeout(() => { document.body.innerHTML = '<b class=late>second</b>'; }, 3000)</script>")
        try await withFleet(["/": page]) { fleet, site in
            let found = try await fleet.page(site.url("/")) { $0.waitFor = "b.late" }
            #expect(found.text == "second")
            let absent = await failure {
                _ = try await fleet.page(site.url("/")) {
                    $0.waitFor = "b.never"
                    $0.timeout = .seconds(3)
                }
            }
            #expect(absent?.code == .selectorAbsent)
            let invalid = await failure { _ = try await fleet.page(site.url("/")) { $0.waitFor = "b[[" } }
            #expect(invalid?.code == .selectorInvalid)
        }
    }

    /// Redirects by HTTP and by the page itself are recorded, and the page at their end is read.
    @Test func redirects() async throws {
        let routes = [
            "/": FixtureAnswer.redirect(to: "/two", status: 301), "/two": .redirect(to: "/three"),
            "/three": html("moved", head: "<meta http-equiv=refresh content='0; url=/four'>"), "/four": html("here"),
        ]
        try await withFleet(routes) { fleet, site in
            let page = try await fleet.page(site.url("/"))
            #expect(page.finalURL == site.url("/four"))
            #expect(page.text == "here")
            #expect(page.redirects.map(\.status) == [301, 302, 200])
            #expect(page.redirects.map(\.isByPage) == [false, false, true])
            #expect(page.redirects.map(\.url) == [site.url("/"), site.url("/two"), site.url("/three")])
        }
    }

    /// Where a page leads on to an address that the gate refuses, nothing is sent there: by HTTP, by a refresh, by a script. The visit's own
    /// address is not asked about, and what the gate allows goes on.
    @Test(arguments: ["/http", "/refresh", "/script", "/allowed"]) func gate(path: String) async throws {
        let routes = [
            "/http": FixtureAnswer.redirect(to: "/forbidden"), "/allowed": .redirect(to: "/fine"),
            "/refresh": html("moved", head: "<meta http-equiv=refresh content='0; url=/forbidden'>"),
            "/script": html("moved<script>location = '/forbidden'</script>"), "/forbidden": html("no"), "/fine": html("fine"),
        ]
        try await withFleet(routes) { fleet, site in
            let asked = Mutex<[String]>([])
            let text = Mutex("")
            let fault = await failure {
                let page = try await fleet.page(site.url(path)) {
                    $0.gate = { url in
                        asked.withLock { $0.append(url) }
                        return !url.hasSuffix("/forbidden")
                    }
                }
                text.withLock { $0 = page.text }
            }
            if path == "/allowed" { #expect(fault == nil && text.withLock { $0 } == "fine") }
            #expect(site.log.requests(to: "/forbidden").isEmpty)
            #expect(asked.withLock { $0 } == [site.url(path == "/allowed" ? "/fine" : "/forbidden")])
        }
    }

    /// A status that says "no" comes with its page; an answer without content is a fault.
    @Test func statuses() async throws {
        try await withFleet(["/gone": html("gone away", head: "").status(410), "/empty": .status(204)]) { fleet, site in
            let missing = try await fleet.page(site.url("/nothing")) { $0.mimeTypes.insert("text/plain") }
            #expect(missing.status == 404)
            let gone = try await fleet.page(site.url("/gone"))
            #expect(gone.status == 410 && gone.text == "gone away")
            let empty = await failure { _ = try await fleet.page(site.url("/empty")) }
            #expect(empty?.code == .noContent)
        }
    }

    /// What is no page ends with its type: data, documents, downloads.
    @Test(arguments: [
        ("application/json", false), ("application/pdf", false), ("image/png", false), ("application/octet-stream", true),
        ("text/html", true),
    ])
    func otherContent(type: String, isDownload: Bool) async throws {
        var answer = FixtureAnswer.bytes(Array("{}".utf8), type: type)
        if isDownload { answer = answer.header("Content-Disposition", "attachment; filename=x") }
        try await withFleet(["/": answer, "/ok": html("fine")]) { [answer] fleet, site in
            _ = answer
            let error = await failure { _ = try await fleet.page(site.url("/")) }
            #expect(error?.code == .notHTML)
            #expect(error?.contentType == type)
            #expect(error?.status == 200)
            // The tab is as good as before.
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// Faults of the way there have codes of their own.
    @Test func netErrors() async throws {
        try await withFleet { fleet, site in
            let codes = [
                ("http://127.0.0.1:9999/", FleetError.Code.connectionRefused), ("http://nothing.invalid/", .nameNotResolved),
                ("https://127.0.0.1:\(site.port)/", .tls), ("http://", .badAddress), ("nonsense", .badAddress),
                ("unknown:thing", .badAddress),
            ]
            for (url, code) in codes {
                let error = await failure { _ = try await fleet.page(url) }
                #expect(error?.code == code, "\(url)")
                #expect(error?.message.contains(url) == true)
            }
            let proxied = await failure { _ = try await fleet.page(site.url("/"), network: .proxy("127.0.0.1:9999")) }
            #expect(proxied?.code == .proxy)
            #expect(site.log.requests.isEmpty)
        }
    }

    /// A document over the limit is stopped, and nothing of it is kept.
    @Test func tooLarge() async throws {
        let filler = String(repeating: "<p>filler</p>", count: 5000)
        try await withFleet(["/": .endless("<!doctype html>", then: filler, every: .zero), "/ok": html("fine")]) { fleet, site in
            let error = await failure { _ = try await fleet.page(site.url("/")) { $0.documentLimit = 4 << 20 } }
            #expect(error?.code == .tooLarge)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// A server that never answers ends at the deadline; the next visit works.
    @Test func deadline() async throws {
        try await withFleet(["/": .silence, "/ok": html("fine")]) { fleet, site in
            let error = await failure { _ = try await fleet.page(site.url("/")) { $0.timeout = .milliseconds(700) } }
            #expect(error?.code == .deadline)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// Dialogs are dismissed, leaving is never refused, popups don't stay.
    @Test func dialogs() async throws {
        let page = html(
            """
            <p id=p></p><script>
            alert("one"); const c = confirm("two"), q = prompt("three", "x");
            p.textContent = `${c} ${q}`; open("/popup"); onbeforeunload = e => { e.preventDefault(); e.returnValue = "stay"; };
            </script>
            """)
        try await withFleet(["/": page, "/ok": html("fine"), "/popup": html("popup")]) { fleet, site in
            let first = try await fleet.page(site.url("/"))
            #expect(first.text == "false null")
            #expect(first.dialogs == 3)
            let next = try await fleet.page(site.url("/ok")).text
            #expect(next == "fine")
        }
    }

    /// HTML that stands in for the network is rendered at its address, and nothing else is asked of anybody.
    @Test func givenContent() async throws {
        try await withFleet(["/x.png": .text("x"), "/data": .text("x")]) { fleet, site in
            let source = """
                <!doctype html><meta charset=utf-8><p>Grüße</p><p id=p></p><img src=/x.png>
                <script>p.textContent = location.href; fetch("/data").catch(() => { document.body.append("refused"); });
                new WebSocket("ws://127.0.0.1:\(site.port)/");</script>
                """
            let url = "https://example.com/article?id=1"
            for _ in 0..<2 {
                let page = try await fleet.page(url, network: .none) { $0.content = .init(Array(source.utf8)) }
                #expect(page.finalURL == url)
                #expect(page.status == nil)
                #expect(page.text.contains("Grüße") && page.text.contains(url) && page.text.contains("refused"))
            }
            let local = try await fleet.page(site.url("/here"), network: .none) { $0.content = .init(Array(source.utf8)) }
            #expect(local.text.contains("refused"))
            #expect(site.log.requests.isEmpty)
        }
    }

    /// HTML, screenshots and a document for print come from the same visit.
    @Test func captures() async throws {
        try await withFleet(["/": html("<p>Hello</p><div style='height:3000px'></div>")]) { fleet, site in
            let page = try await fleet.page(site.url("/")) { $0.captures = [.html, .screenshot, .viewportScreenshot, .pdf] }
            let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
            #expect(page.snapshot == nil)
            #expect(page.html?.hasPrefix("<!DOCTYPE html>") == true && page.html?.contains("<p>Hello</p>") == true)
            #expect(page.screenshot?.starts(with: png) == true && page.viewportScreenshot?.starts(with: png) == true)
            // IHDR: width and height.
            func size(_ data: Data?) -> [UInt32] {
                guard let data, data.count > 24 else { return [] }
                let bytes = Array(data)
                return [16, 20].map { at in bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
            }
            #expect(size(page.viewportScreenshot) == [1280, 800])
            #expect(size(page.screenshot).first == 1280 && (size(page.screenshot).last ?? 0) > 3000)
            #expect(page.pdf?.starts(with: Array("%PDF".utf8)) == true)
        }
    }

    /// Frames happen: animation frames, observers, lazy images and idle callbacks all run. A launch flag that stops them fails here.
    @Test func framesHappen() async throws {
        let page = html(
            """
            <p id=p></p><img id=i loading=lazy src=/x.svg width=10 height=10><script>
            const seen = new Set(), done = s => { seen.add(s); p.textContent = [...seen].sort().join(" "); };
            let n = 0; requestAnimationFrame(function f() { ++n < 3 ? requestAnimationFrame(f) : done("frames"); });
            new IntersectionObserver(() => done("intersection")).observe(p);
            new ResizeObserver(() => done("resize")).observe(p);
            requestIdleCallback(() => done("idle")); i.onload = () => done("lazy");
            p.animate({opacity: [0, 1]}, 100).finished.then(() => done("animation"));
            </script>
            """)
        let image = FixtureAnswer.bytes(Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), type: "image/svg+xml")
        try await withFleet(["/": page, "/x.svg": image]) { fleet, site in
            let text = try await fleet.page(site.url("/")).text
            #expect(text == "animation frames idle intersection lazy resize")
        }
    }

    /// A page that breaks every built-in it can reach is read all the same.
    @Test func hostileBuiltins() async throws {
        let page = html(
            """
            <p id=p>ok</p><script>
            for (const name of ["Promise", "performance", "WeakMap", "setTimeout", "requestAnimationFrame", "MutationObserver", "Reflect"])
              try { Object.defineProperty(globalThis, name, { get() { throw new Error("no"); } }); } catch {}
            Object.prototype.then = f => {}; Array.prototype.push = () => { throw 1; };
            Function.prototype.call = Function.prototype.apply = () => { throw 2; };
            Document.prototype.getElementsByTagName = () => { throw 3; }; document.getAnimations = () => { throw 4; };
            </script>
            """)
        try await withFleet(["/": page]) { fleet, site in
            let page = try await fleet.page(site.url("/")) { $0.timeout = .seconds(20) }
            #expect(page.text == "ok")
        }
    }
}

extension FixtureAnswer {
    func status(_ status: Int) -> Self {
        var copy = self
        copy.status = status
        return copy
    }
}
