"""A small shop on 127.0.0.1 whose pages are written by JavaScript: a style sheet, a script, data by fetch, eight images, and a pause of at
most 30 ms before the script writes. The same bytes for every visitor, made before the first is asked for, so that the site takes little of
the machine that the browsers share with it.

usage: site.py PAGES    prints the port, then serves /p/0 to /p/(PAGES - 1) until it is ended
"""
import asyncio, json, random, struct, sys, zlib

WORDS = "brass kettle walnut lamp linen towel copper pan oak shelf wool rug glass jar steel rack".split()


def png(seed, side=120):
    """Smooth colours with some noise, about as large as a thumbnail of a photograph."""
    r = random.Random(seed)
    slopes = [r.uniform(-1, 1) for _ in range(6)]
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            for channel in range(3):
                rows.append(int(128 + slopes[channel] * x + slopes[channel + 3] * y * 0.05 + r.randrange(4)) & 255)
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(bytes(rows), 6)) + chunk(b"IEND", b""))


def item(page, i):
    r = random.Random(page * 1000 + i)
    return {"name": " ".join(r.sample(WORDS, 3)) + f" {page}-{i}", "price": f"{r.randint(100, 99999) / 100:.2f} €",
            "stock": r.randint(0, 90), "text": " ".join(r.choices(WORDS, k=25)), "image": f"/i/{page}-{i % 8}.png"}


STYLE = """body{font:14px sans-serif;margin:8px} nav a{margin-right:6px} article{float:left;width:30%;margin:0 1% 8px}
.card{display:inline-block;width:220px;border:1px solid #ccc;margin:4px;vertical-align:top} table{border-collapse:collapse}
td,th{border:1px solid #ddd;padding:2px 6px} img{width:80px;height:80px} #done{clear:both}"""

# Three ways to write the same data: elements one by one, a table row by row, one big string.
SCRIPT = """
const kinds = {
  list(root, items) {
    for (const x of items) {
      const e = document.createElement('article');
      e.innerHTML = `<h2>${x.name}</h2><img src="${x.image}"><b>${x.price}</b><p>${x.text}</p>`;
      root.append(e);
    }
  },
  table(root, items) {
    const t = document.createElement('table');
    t.innerHTML = '<tr><th>Picture<th>Name<th>Price<th>Stock</tr>';
    for (const x of items) {
      const r = t.insertRow();
      r.insertCell().innerHTML = `<img src="${x.image}">`;
      for (const v of [x.name, x.price, x.stock]) r.insertCell().textContent = v;
    }
    root.append(t);
  },
  cards(root, items) {
    root.innerHTML = items.map(x => `<section class=card><img src="${x.image}"><dl><dt>Product</dt><dd>${x.name}</dd><dt>Price</dt>` +
      `<dd>${x.price}</dd><dt>In stock</dt><dd>${x.stock}</dd></dl><p>${x.text}</p></section>`).join('');
  },
};
const { page, kind, pause } = document.body.dataset;
fetch('/api/' + page).then(r => r.json()).then(d => setTimeout(() => {
  const root = document.getElementById('root');
  root.textContent = '';
  kinds[kind](root, d.items);
  const p = document.createElement('p');
  p.id = 'done';
  p.textContent = d.items.length + ' products';
  root.append(p);
}, +pause));
"""


def page(n):
    kind = ["list", "table", "cards"][n % 3]
    links = "".join(f"<a href=/p/{i}>Shelf {i}</a> " for i in range(10))
    return (f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop {n}</title><link rel=stylesheet href=/shop.css>"
            f'<script type="application/ld+json">{{"@type":"WebPage","position":{n}}}</script></head>'
            f"<body data-page={n} data-kind={kind} data-pause={n % 4 * 10}><header><h1>Shelf {n}</h1><nav>{links}</nav></header>"
            f"<main id=root>Loading</main><script src=/shop.js></script></body></html>")


def answer(kind, body, cache=False, status="200 OK"):
    keep = "Cache-Control: max-age=3600\r\n" if cache else "Cache-Control: no-store\r\n"
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{keep}\r\n".encode() + body


def answers(pages):
    images = [png(i) for i in range(8)]
    all = {"/shop.css": answer("text/css", STYLE.encode(), cache=True), "/shop.js": answer("text/javascript", SCRIPT.encode(), cache=True)}
    for n in range(pages):
        all[f"/p/{n}"] = answer("text/html; charset=utf-8", page(n).encode())
        items = [item(n, i) for i in range(20 + n % 30)]
        all[f"/api/{n}"] = answer("application/json", json.dumps({"items": items}).encode())
        for i in range(8):
            all[f"/i/{n}-{i}.png"] = answer("image/png", images[(n + i) % 8], cache=True)
    return all


class Visitor(asyncio.Protocol):
    """One connection: GET after GET; only the first line of each is looked at."""
    answers, missing = {}, answer("text/plain", b"no such page", status="404 Not Found")

    def __init__(self): self.waiting = b""

    def connection_made(self, transport): self.transport = transport

    def data_received(self, data):
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            words = self.waiting[:self.waiting.find(b"\r\n")].split(b" ")
            self.waiting = self.waiting[end + 4:]
            path = words[1].decode("latin-1") if len(words) > 1 else ""
            self.transport.write(self.answers.get(path, self.missing))
        if len(self.waiting) > 65536: self.transport.close()


async def main(pages):
    Visitor.answers = answers(pages)
    server = await asyncio.get_running_loop().create_server(Visitor, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1])))
    except KeyboardInterrupt:
        pass
