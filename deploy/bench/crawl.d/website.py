"""A site of many hosts on 127.0.0.1 at one port: crawl0.test, crawl1.test and so on, each a registrable domain of its own, by their Host
field. What it has and where a crawl would never end follows from the number of its pages and hosts, so that `proofs` knows it as well. Each
request is written down when it arrives, one line with one write: monotonic clock (nanoseconds), host, target, kind, name.

usage: website.py PAGES HOSTS TRAPS PORT LOG SECONDS    prints its port (any where PORT is 0), then serves. TRAPS: all, or few, without those
                                                        that cost hundreds of requests

Kinds: page (its name is the same for all its addresses), trap (its name is the trap's), noindex, robots, sitemap, redirect, disallowed,
nofollow, excluded, outside, probe (a name of 20 letters that nobody gave), and other: nothing of this site leads there.

Ends when it is told to (SIGTERM), when its parent is gone, or after SECONDS.
"""
import asyncio, collections, gzip, hashlib, html, os, random, re, signal, sys, time, urllib.parse

WORDS = """brass kettle walnut lamp linen towel copper pan oak shelf wool rug glass jar steel rack river morning market window garden letter
harbour winter bridge candle orchard meadow thunder village painter engine saddle barrel compass anchor feather lantern chimney cellar""".split()
TRACKING = re.compile(r"(utm_\w+|gclid|fbclid|sid|PHPSESSID)=", re.I)
TRAPS = {  # Name → requests that it may cost.
    "calendar": 100, "dated paths": 100, "facets": 500, "combinations": 1600, "deeper paths": 60, "relative menu": 100, "tokens": 160,
    "counter": 160, "empty lists": 160, "nested addresses": 10, "soft 404": 10, "soft 404 elsewhere": 10, "redirect loop": 70,
    "endless redirects": 70, "copies": 10, "print views": 10,
}
COSTLY = ("facets", "combinations", "relative menu")
LARGE = 5000  # Pages of a site on which the combinations are: they take a thousand requests.
FEWEST = 50  # Pages of a host.
MONTHS = "January February March April May June July August September October November December".split()
FACETS = {
    "colour": "red green blue grey teal", "size": "s m l xl xxl", "sort": "price name age rank size", "brand": "a b c d e", "view": "1 2 3 4 5"}


def words(r, count): return " ".join(r.choice(WORDS) for _ in range(count))


def months(number): return f"{number // 12}-{number % 12 + 1:02}"


class Answer(collections.namedtuple("Answer", "kind name status headers body")):
    @property
    def bytes(self):
        body = self.body if isinstance(self.body, bytes) else self.body.encode()
        head = "".join(f"{key}: {value}\r\n" for key, value in self.headers.items())
        return f"HTTP/1.1 {self.status} -\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Website:
    def __init__(self, pages, hosts, port, traps="all"):
        self.port, self.hosts = port, [f"crawl{n}.test" for n in range(hosts)]
        self.tables = [self.table(n, pages // hosts + (n < pages % hosts)) for n in range(hosts)]
        names = [name for name in TRAPS if traps == "all" or name not in COSTLY]
        if pages < LARGE and "combinations" in names: names.remove("combinations")
        self.traps = {name: n % hosts for n, name in enumerate(names)}
        # The start's host is asked for an address that can't exist; others aren't.
        self.traps["soft 404"], self.traps["soft 404 elsewhere"] = 0, 1
        self.served, self.fresh = collections.Counter(), 0

    # MARK: what there is

    def table(self, host, count):
        """Canonical targets of a host's pages → kind and number."""
        fixed = ["/", "/café", "/fresh/1", "/private/public-1", "/tagged/1", "/member/1", "/member/2", "/links", "/links-header", "/about"]
        rest = count - len(fixed)
        archives, only, docs, news = min(36, rest // 10), rest * 15 // 100, rest // 10, rest // 4
        shop = rest - archives - only - docs - news
        lists, indexes = -(-shop // 21), -(-news // 16)
        table = {path: ("fixed", n) for n, path in enumerate(fixed)}
        table |= {f"/archive/{months(2020 * 12 + n)}": ("archive", n) for n in range(archives)}
        table |= {f"/only/{n}": ("only", n) for n in range(only)}
        table |= {f"/docs/part-{'ab'[n % 2]}/guide-{n}": ("docs", n) for n in range(docs)}
        table |= {"/news/" if n == 0 else f"/news/page/{n + 1}/": ("news", n) for n in range(indexes)}
        table |= {self.story(host, n): ("article", n) for n in range(news - indexes)}
        table |= {"/list" if n == 0 else f"/list?page={n + 1}": ("list", n) for n in range(lists)}
        table |= {f"/item/{n}": ("item", n) for n in range(shop - lists)}
        return table

    @staticmethod
    def story(host, n): return f"/news/{2019 + n % 7}/{n % 12 + 1:02}/{random.Random(f'{host} {n}').choice(WORDS)}-{n}"

    def count(self, host, kind): return sum(of == kind for of, _ in self.tables[host].values())

    def names(self): return {host + path for host, table in zip(self.hosts, self.tables) for path in table}

    def items(self):
        """Name of each page that has a record → what the record has."""
        return {f"{name}/item/{n}": self.goods(host, n) for host, name in enumerate(self.hosts) for n in range(self.count(host, "item"))}

    @staticmethod
    def goods(host, n):
        """Name and price; the end of a name is found nowhere else on the site."""
        r = random.Random(f"item {host} {n}")
        return f"{words(r, 3).capitalize()} {host}-{n}", f"{r.randint(100, 99999) / 100:.2f}"

    def origin(self, host): return f"http://{self.hosts[host % len(self.hosts)]}:{self.port}"

    # MARK: answers

    def respond(self, name, target):
        if name == "elsewhere.test": return self.page("outside", "", "Elsewhere", "<p>Nobody was to come here.</p>")
        if name not in self.hosts: return Answer("other", "", 404, {"Content-Type": "text/plain"}, "no such host")
        host = self.hosts.index(name)
        path, _, query = target.partition("?")
        path = re.sub(r";jsessionid=\w+", "", urllib.parse.unquote(path), flags=re.I)
        kept = "&".join(part for part in query.split("&") if part and not TRACKING.match(part))
        canonical = path + ("?" + kept if kept else "")
        if canonical in self.tables[host]: return self.known(host, canonical)
        return self.other(host, path, kept) or self.trap(host, path, kept) or self.missing(host, path)

    @staticmethod
    def page(kind, name, title, body, head="", status=200, **headers):
        text = (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title><link rel=icon href=data:,>{head}</head>"
                f"<body><h1>{title}</h1>{body}</body></html>")
        fields = {key.replace("_", "-"): value for key, value in headers.items()}
        return Answer(kind, name, status, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", **fields}, text)

    def known(self, host, canonical):
        kind, n = self.tables[host][canonical]
        title, body, head, headers = getattr(self, kind)(host, n)
        # With a base of its own "#top" would be another page.
        footer = "" if kind == "docs" else self.footer()
        return self.page("page", self.hosts[host] + canonical, title, body + footer, head, **headers)

    @staticmethod
    def footer():
        return ('<footer><a href="#top">top</a> <a href="mailto:shop@crawl.test">mail</a> <a href="javascript:void(0)">menu</a> '
                '<a href="tel:+100">call</a> <a href="/">home</a></footer>')

    def fixed(self, host, n):
        r = random.Random(f"fixed {host} {n}")
        text, head, headers = f"<p>{words(r, 30)} {host}-{n}.</p>", "", {}
        if n == 0: return f"Shop {host}", text + self.home(host), head, headers
        if n == 7: head, text = "<meta name=robots content=nofollow>", text + '<a href="/hidden/1">hidden</a>'
        if n == 8: headers, text = {"X_Robots_Tag": "nofollow"}, text + '<a href="/hidden/2">hidden</a>'
        title = ["", "Café", "Fresh", "Public", "Tagged", "Member one", "Member two", "Links", "More links", "About"][n]
        return f"{title} of {host}", text, head, headers

    def home(self, host):
        session = hashlib.md5(str(host).encode()).hexdigest()
        links = [
            "list", "./news/", "/docs/part-a/guide-0", "/about?utm_source=home", "/caf%C3%A9", "/caf%c3%a9#menu", "/café?fbclid=1", "/links",
            "/links-header", "/private/public-1", "/private/secret-1", "/list?sort=price", "/excluded/1", "/tags", "/old/1", "/door/1",
            "/away/1", f"/member/1;jsessionid={session}", f"/member/1?sid={session}", f"/member/2?PHPSESSID={session[:16]}", "/member/2",
            "/x/../about#team", f"//elsewhere.test:{self.port}/", *(f"/moved/{n}?gclid=7" for n in range(3)),
            *(f"/archive/{months(2020 * 12 + n)}" for n in range(36)),
        ]
        if host == 0: links += [f"{self.origin(n)}/?utm_campaign=start" for n in range(1, len(self.hosts))]
        links += [f"{self.origin(host + 1)}/item/0?utm_source=neighbour#reviews"] + [
            link for name, at in self.traps.items() if at == host for link in self.entries(name)]
        links = [link for link in links if not link.startswith("/archive/") or link in self.tables[host]]
        return "<nav>" + " ".join(f'<a href="{html.escape(link)}">{n}</a>' for n, link in enumerate(links)) + (
            ' <a rel="nofollow" href="/sponsored/1">partner</a> <a rel="sponsored noopener" href="/sponsored/2">partner</a></nav>')

    def list(self, host, n):
        last, first = self.count(host, "list") - 1, n * 20
        rows = "".join(
            f'<li><a href="/item/{k}{"?utm_medium=list" if k % 3 == 0 else ""}">{self.goods(host, k)[0]}</a></li>'
            for k in range(first, min(first + 20, self.count(host, "item"))))
        pager = ('<a href="/list">first</a> ' if n else "") + (f'<a href="?page={n + 2}">next</a>' if n < last else "")
        return f"Shelf {n + 1} of {host}", f"<ul>{rows}</ul>{pager}", "", {}

    def item(self, host, n):
        name, price = self.goods(host, n)
        r, count = random.Random(f"links {host} {n}"), self.count(host, "item")
        near = f"../item/{r.randrange(count)}#reviews"
        far = r.randrange(len(self.hosts))
        far = f"//{self.hosts[far]}:{self.port}/item/{r.randrange(self.count(far, 'item'))}?utm_source=partner&amp;utm_campaign={n}"
        return name, (
            f"<dl><dt>Name</dt><dd>{name}</dd><dt>Price</dt><dd>{price} €</dd></dl><p>{words(r, 20).capitalize()}.</p>"
            f'<a href="{near}">like it</a> <a href="{far}">elsewhere</a> <a href="#reviews">reviews</a>'
        ), f'<link rel=canonical href="/item/{n}">', {}

    def news(self, host, n):
        rows = "".join(f'<li><a href="{self.story(host, k)}">{self.headline(host, k)}</a></li>'
                       for k in range(n * 15, min(n * 15 + 15, self.count(host, "article"))))
        more = n + 1 < self.count(host, "news")
        return f"News {n + 1} of {host}", f"<ul>{rows}</ul>", f'<link rel=next href="/news/page/{n + 2}/">' if more else "", {}

    def headline(self, host, n): return words(random.Random(f"headline {host} {n}"), 5).capitalize()

    def article(self, host, n):
        r = random.Random(f"article {host} {n}")
        text = "".join(f"<p>{words(r, 25).capitalize()} {host}-{n}.</p>" for _ in range(3))
        return self.headline(host, n), f"<article>{text}</article>", "", {}

    def archive(self, host, n):
        r = random.Random(f"archive {host} {n}")
        rows = "".join(f"<li>{words(r, 9).capitalize()}</li>" for _ in range(6))
        return f"Archive {months(2020 * 12 + n)} of {host}", f"<ul>{rows}</ul>", "", {}

    def docs(self, host, n):
        count = self.count(host, "docs")
        links = " ".join(f'<a href="part-{"ab"[k % 2]}/guide-{k}">guide {k}</a>' for k in {2 * n + 1, 2 * n + 2, max(0, n - 1)} if k < count)
        return f"Guide {n} of {host}", f"<p>{words(random.Random(f'docs {host} {n}'), 40)}.</p>{links}", '<base href="/docs/">', {}

    def only(self, host, n): return f"Rarity {n} of {host}", f"<p>{words(random.Random(f'only {host} {n}'), 40)}.</p>", "", {}

    def other(self, host, path, query):
        """What is no page but belongs to the site."""
        here = self.hosts[host]
        if path == "/robots.txt":
            # The first names all hosts' lists: a crawl looks for those of its start alone.
            maps = "".join(f"Sitemap: {self.origin(n)}/sitemap-index.xml\n" for n in (range(len(self.hosts)) if host == 0 else [host]))
            text = f"User-agent: *\nDisallow: /private/\nAllow: /private/public\nDisallow: /*?sort=\n\n{maps}"
            return Answer("robots", here, 200, {"Content-Type": "text/plain"}, text)
        if path.startswith("/sitemap"): return self.sitemap(host, path)
        if path.startswith("/private/") or path == "/list" and query.startswith("sort="):
            return self.page("disallowed", here + path, "Secret", "")
        if path.startswith(("/hidden/", "/sponsored/")): return self.page("nofollow", here + path, "Not wanted", "")
        if path.startswith("/excluded/"): return self.page("excluded", here + path, "Excluded", "")
        if path == "/tags":
            return self.page("noindex", here + path, "Tags", '<a href="/tagged/1">tagged</a>', "<meta name=robots content='noindex, follow'>")
        number = path.rpartition("/")[2]
        to = {
            "/moved/": f"/item/{number}", "/old/": "/fresh/1", "/door/": "/private/secret-2",
            "/away/": f"http://elsewhere.test:{self.port}/landing",
        }.get(path[:-len(number)])
        if to: return self.page("redirect", here + path, "Moved", "", status=302 if path == "/old/1" else 301, Location=to)

    def sitemap(self, host, path):
        origin, table = self.origin(host), self.tables[host]
        if path == "/sitemap-index.xml":
            tag, places = "sitemap", ["/sitemap-1.xml", "/sitemap-2.xml.gz"]
        else:
            tag, half = "url", int(path == "/sitemap-2.xml.gz")
            places = [key for key, (kind, n) in table.items() if kind == "only" and n % 2 == half]
            places += ["/item/0?utm_source=map", "/private/secret-3", "/excluded/2"]
        rows = "".join(f"<{tag}><loc>{origin}{html.escape(place)}</loc></{tag}>" for place in places)
        of = "sitemapindex" if tag == "sitemap" else "urlset"
        text = f'<?xml version="1.0" encoding="UTF-8"?><{of} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{of}>'.encode()
        if path.endswith(".gz"): return Answer("sitemap", path, 200, {"Content-Type": "application/gzip"}, gzip.compress(text))
        return Answer("sitemap", path, 200, {"Content-Type": "application/xml"}, text)

    # MARK: where a crawl would never end

    def entries(self, trap):
        """Where the home page leads into it."""
        return {
            "calendar": ["/calendar?month=2026-11"], "dated paths": ["/events/2026/11/"], "facets": ["/shop"], "combinations": ["/filter"],
            "deeper paths": ["/deep/"], "relative menu": ["/menu/"], "tokens": ["/ticket?token=0"], "counter": ["/roll?n=1"],
            "empty lists": ["/more?offset=10"], "nested addresses": ["/go?to=%2F"], "soft 404": [f"/gone/{n}" for n in range(10)],
            "soft 404 elsewhere": [f"/gone/{n}" for n in range(10)], "redirect loop": ["/loop/a"], "endless redirects": ["/forever/1"],
            "copies": [f"/item/copy-{n}" for n in range(10)], "print views": [f"/item/{n}?view=print" for n in range(10)],
        }[trap]

    def trap(self, host, path, query):
        """Where a trap has cost twice what it may, nothing leads on any more, so that a crawl that is caught ends as well."""
        for name, at in self.traps.items():
            made = at == host and self.trapped(name, host, path, query)
            if not made: continue
            self.served[name] += 1
            title, body, links, *head = made
            if isinstance(links, str):
                return self.page("trap", name, title, body, status=302, Location=links if self.served[name] < 2 * TRAPS[name] else "/about")
            if self.served[name] > 2 * TRAPS[name]: links = []
            body += " ".join(f'<a href="{html.escape(link)}">{n}</a>' for n, link in enumerate(links))
            return self.page("trap", name, title, body, *head)

    def trapped(self, name, host, path, query):
        """Title, text and links (of a redirect, its target) of a trap's page; None where the address is not the trap's."""
        hint = f"<p>{words(random.Random(name), 60).capitalize()}.</p>"
        value = query.partition("=")[2]
        if name in ("calendar", "dated paths"):
            found = re.fullmatch(r"/calendar\?month=(\d+)-(\d+)" if name == "calendar" else r"/events/(\d+)/(\d+)/\?", path + "?" + query)
            if not found: return
            month = int(found[1]) * 12 + int(found[2]) - 1
            grid = " ".join(str(day) for day in range(1, 31))
            links = [f"/calendar?month={months(m)}" if name == "calendar" else f"/events/{months(m).replace('-', '/')}/" for m in (month - 1, month + 1)]
            return f"{MONTHS[month % 12]} {month // 12}", hint + f"<p>{grid}</p><p>No events in {MONTHS[month % 12]}.</p>", links
        if name in ("facets", "combinations") and path == ("/shop" if name == "facets" else "/filter"):
            known = {f"{key}={value}" for key, all in FACETS.items() for value in all.split()}
            chosen = dict(part.split("=", 1) for part in query.split("&") if part in known)
            others = [{**chosen, key: value} for key, all in FACETS.items() for value in all.split() if chosen.get(key) != value]
            links = [f"{path}?" + "&".join(f"{key}={other[key]}" for key in FACETS if key in other) for other in others]
            shown = chosen if name == "combinations" else {key: chosen[key] for key in ("colour", "size") if key in chosen}
            return "Shop", hint + f"<p>Chosen: {' '.join(f'{key} {value}' for key, value in shown.items()) or 'nothing'}.</p>", links
        if name == "deeper paths" and path.startswith("/deep/"): return "Deep", hint, ["a/", "b/"]
        if name == "relative menu" and path.startswith("/menu/"): return "Menu", hint, ["about/", "news/", "shop/", "contact/", "help/"]
        if name == "tokens" and path == "/ticket":
            self.fresh += 3
            tokens = [hashlib.md5(f"token {self.fresh + n}".encode()).hexdigest()[:12] for n in range(3)]
            return "Ticket", hint, [f"/ticket?token={token}" for token in tokens]
        if name == "counter" and path == "/roll": return "Roll", hint, [f"/roll?n={int(value) + 1}"]
        if name == "empty lists" and path == "/more": return "More", hint + "<p>No more entries.</p>", [f"/more?offset={int(value) + 10}"]
        if name == "nested addresses" and path == "/go":
            return "Go", hint + f"<p>From {len(value)}.</p>", ["/go?to=" + urllib.parse.quote(f"{path}?{query}", safe="")]
        if name.startswith("soft 404") and path.startswith("/gone/"): return self.lost(path)
        if name == "redirect loop" and path in ("/loop/a", "/loop/b"): return "Loop", "", "/loop/b" if path == "/loop/a" else "/loop/a"
        if name == "endless redirects" and path.startswith("/forever/"): return "Forever", "", f"/forever/{int(path.rpartition('/')[2]) + 1}"
        if name in ("copies", "print views") and (of := self.original(path + ("?" + query if query else ""))) in self.tables[host]:
            if (name == "copies") != path.startswith("/item/copy-"): return
            title, body, head, _ = self.item(host, int(of.rpartition("/")[2]))
            return title, body + self.footer(), [], head if name == "print views" else ""

    @staticmethod
    def original(target):
        """Of what page a copy or print view is; None where it is neither."""
        found = re.fullmatch(r"/item/(?:copy-(\d+)|(\d+)\?view=print)", target)
        return found and f"/item/{found[1] or found[2]}"

    @staticmethod
    def lost(path):
        text = f"We looked everywhere and could not find {html.escape(path)}. It may have been moved, or was never here."
        return "Sorry", f"<p>{text}</p>", ["/"]

    def missing(self, host, path):
        kind = "probe" if re.fullmatch(r"/[a-z]{20}", path) else "other"
        if host in (self.traps["soft 404"], self.traps["soft 404 elsewhere"]):
            title, body, _ = self.lost(path)
            return self.page(kind, path, title, body + '<a href="/">0</a>')
        return self.page(kind, path, "Not found", "", status=404)


class Visitor(asyncio.Protocol):
    """One connection: GET after GET, none with a body."""
    site = log = None

    def __init__(self): self.waiting = b""

    def connection_made(self, transport): self.transport = transport

    def data_received(self, data):
        now = time.monotonic_ns()
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head, self.waiting = self.waiting[:end].decode("latin-1"), self.waiting[end + 4:]
            line = head.split("\r\n")[0].split(" ")
            name = re.search(r"\r\nhost: *([^\r:]*)", head, re.I)
            name = name[1].strip().lower() if name else "-"
            target = re.sub(r"^https?://[^/]*", "", line[1]) if len(line) == 3 else "-"
            answer = self.site.respond(name, target)
            os.write(self.log, f"{now}\t{name}\t{target}\t{answer.kind}\t{answer.name}\n".encode())
            self.transport.write(answer.bytes if line[0] != "HEAD" else answer.bytes[:answer.bytes.find(b"\r\n\r\n") + 4])
        if len(self.waiting) > 65536: self.transport.close()


async def main(pages, hosts, traps, port, log, seconds):
    parent, end, over = os.getppid(), time.monotonic() + seconds, asyncio.Event()
    Visitor.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for number in (signal.SIGTERM, signal.SIGINT): asyncio.get_running_loop().add_signal_handler(number, over.set)
    server = await asyncio.get_running_loop().create_server(Visitor, "127.0.0.1", port, backlog=256)
    port = server.sockets[0].getsockname()[1]
    Visitor.site = Website(pages, hosts, port, traps)
    print(port, flush=True)
    while not over.is_set() and os.getppid() == parent and time.monotonic() < end:
        try: await asyncio.wait_for(over.wait(), 1)
        except asyncio.TimeoutError: pass


if __name__ == "__main__":
    pages, hosts, traps, port, log, seconds = sys.argv[1:]
    asyncio.run(main(int(pages), int(hosts), traps, int(port), log, float(seconds)))
