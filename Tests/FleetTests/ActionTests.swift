import Fleet
import GleanerTesting
import Testing

struct ActionLineTests {
    /// Each action is written as a line, and an action's own words are such a line again.
    @Test(arguments: [
        (##"click "#more""##, PageAction.click("#more")), ("click text=More", .click("text=More")), ("click 'text=Load more'", .click("text=Load more")),
        ("click-while .more 7", .clickWhile(".more", limit: 7)), (##"hover "nav > a""##, .hover("nav > a")),
        (##"fill "#q" """##, .fill("#q", text: "")), (##"type #q "a \"b\" \\""##, .type("#q", text: ##"a "b" \"##)),
        ("select #size 'Très grand'", .select("#size", option: "Très grand")), ("press Control+a", .press("Control+a")), ("press +", .press("+")),
        ("scroll -200", .scroll(-200)), ("scroll #end", .scrollTo("#end")), ("scroll-to-end", .scrollToEnd(limit: 50)),
        ("wait 1.5s", .wait(.milliseconds(1500))), ("wait 20ms", .wait(.milliseconds(20))), (" wait-for  #list ", .waitFor("#list")),
        (##"wait-for-text "24 results""##, .waitForText("24 results")),
    ])
    func lines(line: String, action: PageAction) throws {
        #expect(try PageAction(line) == action)
        #expect(try PageAction(action.description) == action)
    }

    /// What is none says why, and how it is written.
    @Test(arguments: [
        ("", "empty"), ("clik #a", "no action clik"), ("click", "click '#more'"), ("click #a #b", "click '#more'"), ("fill #q", "red shoes"),
        ("press Entr", "no key Entr"), ("press Hyper+a", "no key"), ("wait soon", "wait 2s"), ("wait 3600s", "ten minutes"), ("wait -1", "wait 2s"),
        ("scroll-to-end 0", "1 to 1000"), ("click-while #a many", "1 to 1000"), ("click '#a", "isn't closed"), ("scroll 99999999", "scroll 800"),
    ])
    func faults(line: String, words: String) {
        #expect {
            _ = try PageAction(line)
        } throws: { "\($0)".contains(words) }
    }
}

@Suite(.enabled(if: hasChromium), .serialized, .timeLimit(.minutes(3))) struct ActionTests {
    private func text(_ body: String, _ routes: [String: FixtureAnswer] = [:], _ lines: String..., limit: Duration = .seconds(20)) async throws -> String {
        let actions = try lines.map { try PageAction($0) }
        let routes = routes.merging(["/": html(body)]) { $1 }
        return try await withFleet(routes) { fleet, site in
            let page = try await fleet.page(site.url("/")) {
                $0.actions = actions
                $0.timeout = limit
            }
            return page.text
        }
    }

    /// A click loads more, and what comes is waited for.
    @Test func click() async throws {
        let body = """
            <ul id=list><li>one</li></ul><button id=more onclick="fetch('/more').then(r => r.text()).then(t => list.innerHTML += t)">More</button>
            """
        let more = ["/more": FixtureAnswer.text("<li>two</li>").after(.milliseconds(300))]
        #expect(try await text(body, more, ##"click "#more""##) == "one two More")
        #expect(try await text(body, more, "click text=more") == "one two More")
    }

    /// A click goes where a person's would: the page may lead on, and it is the page it led to that is read.
    @Test func clickLeadsOn() async throws {
        #expect(try await text("<a href=/next>on</a>", ["/next": html("<p>arrived</p>")], "click a") == "arrived")
    }

    /// An element is waited for: that it comes, can be seen, rests, is enabled.
    @Test func waitsForItsElement() async throws {
        let body = """
            <p id=said></p><div id=place></div><script>
            setTimeout(() => { place.innerHTML = '<button disabled style="position:absolute;left:0">go</button>'; move(0); }, 300);
            const move = n => { const b = place.firstChild; b.style.left = n * 10 + 'px'; b.onclick = () => { said.textContent = 'pressed at ' + b.style.left; };
              if (n < 20) setTimeout(move, 20, n + 1); else b.disabled = false; };
            </script>
            """
        #expect(try await text(body, [:], "click button").contains("pressed at 200px"))
    }

    /// In a shadow tree too.
    @Test func inAShadowTree() async throws {
        let body = """
            <div id=host></div><p id=said></p><script>
            const root = host.attachShadow({mode: "open"}); root.innerHTML = "<button>go</button>";
            root.querySelector("button").onclick = () => { said.textContent = "pressed"; };
            </script>
            """
        #expect(try await text(body, [:], "click button").contains("pressed"))
    }

    /// What can't be done says what stood in the way.
    @Test(arguments: [
        ("<p>nothing</p>", "click #more", "nothing matches it"), ("<button style='display:none'>b</button>", "click button", "can't be seen"),
        ("<button disabled>b</button>", "click button", "it is disabled"),
        ("<button>b</button><div id=veil style='position:fixed;inset:0'></div>", "click button", "<div id=veil> lies over it"),
        ("<select id=s><option>Small<option>Large</select>", "select #s Medium", "it has Small, Large"), ("<p>b</p>", "fill p x", "it is no field"),
        ("<p>b</p>", "wait-for-text ready", "does not say so"),
    ])
    func says(body: String, line: String, words: String) async throws {
        await #expect {
            _ = try await text(body, [:], line, limit: .seconds(4))
        } throws: { error in
            guard let error = error as? FleetError, let verb = line.split(separator: " ").first else { return false }
            return error.code == .actionFailed && error.message.contains(words) && error.message.contains(verb)
        }
    }

    /// Fields: text in the place of what was there, keys one by one, options by name, dates; a form is sent by Enter.
    @Test func fields() async throws {
        let body = """
            <form onsubmit="said.textContent = [q.value, d.value, s.value, keys].join('|'); return false"><input id=q value=old><input id=d type=date>
            <select id=s><option value=s>Small<option value=l>Large</select></form><p id=said></p>
            <script>let keys = 0; q.addEventListener("keydown", () => keys++);</script>
            """
        let said = try await text(
            body, [:], "fill '#q' new", "fill '#d' 2026-11-29", "select #s large", "type '#q' ' ab'", "press Enter")
        #expect(said.contains("new ab|2026-11-29|l|4"), "\(said)")
    }

    /// Keys held down together do what they do.
    @Test func heldKeys() async throws {
        let body = "<input id=q value='all of it'><p id=said></p><script>q.oninput = () => said.textContent = '<' + q.value + '>'</script>"
        #expect(try await text(body, [:], "type #q x", "press Control+a", "press Delete").contains("<>"))
    }

    /// A list that grows as one scrolls is read to its end, in the page and in a box of its own.
    @Test(arguments: ["", "height:300px;overflow-y:auto"]) func scrollsToTheEnd(style: String) async throws {
        let body = """
            <div id=box style="\(style)"><div id=list></div><div id=end style="height:10px"></div></div><script>
            let n = 0;
            const more = () => { for (let i = 0; i < 10 && n < 45; i++) list.insertAdjacentHTML("beforeend", `<p style="height:60px">row ${++n}</p>`); };
            more();
            new IntersectionObserver(e => { if (e[0].isIntersecting && n < 45) fetch("/rows").then(more); }, {root: \(style.isEmpty ? "null" : "box")}).observe(end);
            </script>
            """
        let rows = ["/rows": FixtureAnswer.text("").after(.milliseconds(50))]
        #expect(try await !text(body, rows).contains("row 45"))
        #expect(try await text(body, rows, "scroll-to-end").contains("row 45"))
    }

    /// Also where the page looks only now and then how far one has scrolled.
    @Test func scrollsWithPatience() async throws {
        let body = """
            <div id=list></div><script>
            let n = 0, isBusy = false;
            const more = () => { for (let i = 0; i < 10 && n < 45; i++) list.insertAdjacentHTML("beforeend", `<p style="height:100px">row ${++n}</p>`); };
            more();
            setInterval(() => {
              if (isBusy || n >= 45 || innerHeight + scrollY < document.body.scrollHeight - 50) return;
              isBusy = true; fetch("/rows").then(() => { more(); isBusy = false; });
            }, 900);
            </script>
            """
        #expect(try await text(body, ["/rows": .text("")], "scroll-to-end").contains("row 45"))
    }

    /// Pressed until it is gone, but no oftener than said.
    @Test(arguments: [(50, 6), (3, 4)]) func clickWhile(limit: Int, rows: Int) async throws {
        let body = """
            <ul id=list><li>row</li></ul><button id=more onclick="list.innerHTML += '<li>row</li>'; if (list.children.length > 5) this.remove()">More</button>
            """
        #expect(try await text(body, [:], "click-while #more \(limit)").split(separator: " ").filter { $0 == "row" }.count == rows)
    }
}
