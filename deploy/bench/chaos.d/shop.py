"""Many small shops on 127.0.0.1: chaos0.test, chaos1.test and so on, each a registrable domain of its own, by their Host field. Each request
is written down when it arrives, one line with one write: monotonic clock, wall clock (both nanoseconds), method, host, path, kind.

usage: shop.py HOSTS PAGES LOG SECONDS    prints the port, then serves /p/0 to /p/(PAGES - 1) of each host

Ends when it is told to (SIGTERM), when its parent is gone, or after SECONDS.
"""
import asyncio, json, os, random, re, signal, sys, time

WORDS = "brass kettle walnut lamp linen towel copper pan oak shelf wool rug glass jar steel rack".split()
SINGLE, LIST, TABLE, LATE = range(4)


def kind(host, page): return (host + page) % 4


def items(host, page):
    """Name and price of each; the end of a name is found nowhere else on the site."""
    r = random.Random(host * 1000 + page)
    count = 1 if kind(host, page) == SINGLE else r.randint(3, 6)
    return [(f"{' '.join(r.sample(WORDS, 3)).capitalize()} {host}-{page}-{i}", f"{r.randint(100, 99999) / 100:.2f} €") for i in range(count)]


def keys(host, page): return {f"{host}-{page}-{i}" for i in range(len(items(host, page)))}


def address(host, page, port): return f"http://chaos{host}.test:{port}/p/{page}"


def place(url):
    """Host and page of an address, or of a name and a path written together."""
    found = re.fullmatch(r"(?:http://)?chaos(\d+)\.test(?::\d+)?/p/(\d+)", url)
    return found and (int(found[1]), int(found[2]))


SCRIPT = """
const { page, pause } = document.body.dataset;
fetch('/data/' + page).then(r => r.json()).then(items => setTimeout(() => {
  document.getElementById('root').innerHTML =
    '<ul>' + items.map(([name, price]) => `<li><h2>${name}</h2><p>Price: <b>${price}</b></p></li>`).join('') + '</ul>';
}, +pause));
"""


def document(host, page):
    of, rows = kind(host, page), items(host, page)
    if of == SINGLE:
        body = (f"<h1>{rows[0][0]}</h1><p>Made by hand, sent within two days.</p>"
                f"<dl><dt>Name</dt><dd>{rows[0][0]}</dd><dt>Price</dt><dd>{rows[0][1]}</dd></dl>")
    elif of == LIST:
        body = f"<h1>Shelf {page}</h1><ul>" + "".join(f"<li><h2>{n}</h2><p>Price: <b>{p}</b></p></li>" for n, p in rows) + "</ul>"
    elif of == TABLE:
        body = (f"<h1>Shelf {page}</h1><table><tr><th>Name</th><th>Price</th></tr>"
                + "".join(f"<tr><td>{n}</td><td>{p}</td></tr>" for n, p in rows) + "</table>")
    else:
        body = f"<h1>Shelf {page}</h1><main id=root>Loading</main><script src=/shop.js></script>"
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop {host}, page {page}</title>"
            f"<link rel=icon href=data:,></head><body data-page={page} data-pause={(host * 7 + page * 13) % 6 * 50}>{body}</body></html>")


def answer(type, body, status="200 OK"):
    return (f"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {len(body.encode())}\r\nCache-Control: no-store\r\n\r\n{body}").encode()


def respond(host, path, hosts, pages):
    """What a request is, and what it gets."""
    found = re.fullmatch(r"/(p|data)/(\d+)", path)
    if not 0 <= host < hosts: return "other", answer("text/plain", "no such host", "404 Not Found")
    if path == "/robots.txt": return "robots", answer("text/plain", "User-agent: *\nAllow: /\n")
    if path == "/shop.js": return "part", answer("text/javascript", SCRIPT)
    if not found or int(found[2]) >= pages: return "other", answer("text/plain", "no such page", "404 Not Found")
    if found[1] == "data": return "part", answer("application/json", json.dumps(items(host, int(found[2]))))
    return "document", answer("text/html; charset=utf-8", document(host, int(found[2])))


class Visitor(asyncio.Protocol):
    """One connection: GET after GET, none with a body."""
    hosts = pages = log = 0

    def __init__(self): self.waiting = b""

    def connection_made(self, transport): self.transport = transport

    def data_received(self, data):
        now, wall = time.monotonic_ns(), time.time_ns()
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head, self.waiting = self.waiting[:end].decode("latin-1"), self.waiting[end + 4:]
            line = head.split("\r\n")[0].split(" ")
            name = re.search(r"\r\nhost: *([^\r:]*)", head, re.I)
            name = name[1].strip().lower() if name else "-"
            path = re.sub(r"^https?://[^/]*", "", line[1]) if len(line) == 3 else "-"
            number = re.fullmatch(r"chaos(\d+)\.test", name)
            what, bytes = respond(int(number[1]) if number else -1, path, self.hosts, self.pages)
            os.write(self.log, f"{now}\t{wall}\t{line[0]}\t{name}\t{path}\t{what}\n".encode())
            self.transport.write(bytes if line[0] != "HEAD" else bytes[:bytes.find(b"\r\n\r\n") + 4])
        if len(self.waiting) > 65536: self.transport.close()


async def main(hosts, pages, log, seconds):
    parent, end, over = os.getppid(), time.monotonic() + seconds, asyncio.Event()
    Visitor.hosts, Visitor.pages = hosts, pages
    Visitor.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try: os.nice(-10)  # Its clock judges the farm: it must not wait for a processor that the browsers have.
    except PermissionError: pass
    for number in (signal.SIGTERM, signal.SIGINT): asyncio.get_running_loop().add_signal_handler(number, over.set)
    server = await asyncio.get_running_loop().create_server(Visitor, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    while not over.is_set() and os.getppid() == parent and time.monotonic() < end:
        try: await asyncio.wait_for(over.wait(), 1)
        except asyncio.TimeoutError: pass


if __name__ == "__main__": asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
