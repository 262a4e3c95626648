"""Started by ../spidyquotes, whose head says what this shows."""
import argparse, collections, contextlib, datetime, http.client, http.server, json, os, re, socket, subprocess, threading, time
import crawl
from farm import Failure, Process, say

HOST = "quotes.test"
FLOOR = 0.7  # seconds: HostClock.floor
QUOTES = "text, author, tags:list"
AUTHORS = "name, born:date, birthplace, description"
Answer = collections.namedtuple("Answer", "at path status location")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Witness:
    """Hands requests on to the site and writes down when they came. `instead`: a text that is changed on its way, and into what."""

    def __init__(self, port):
        self.log, self.instead, self.site = [], None, port
        witness = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_): pass

            def do_GET(self):
                at = time.monotonic()
                site = http.client.HTTPConnection("127.0.0.1", witness.site, timeout=30)
                try:
                    site.request("GET", self.path, headers={"Host": self.headers["Host"], "Cookie": self.headers.get("Cookie", "")})
                    answer = site.getresponse()
                    body = answer.read()
                finally: site.close()
                witness.log.append(Answer(at, self.path, answer.status, re.sub("^https?://[^/]*", "", answer.getheader("Location", ""))))
                if witness.instead: body = body.replace(*(text.encode() for text in witness.instead))
                self.send_response(answer.status)
                for name in ("Content-Type", "Location", "Retry-After", "Set-Cookie"):
                    if answer.getheader(name): self.send_header(name, answer.getheader(name))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_): pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def documents(self, since=0):
        return [one for one in self.log[since:] if not one.path.startswith(("/static/", "/api/", "/robots.txt", "/sitemap", "/favicon"))]

    def early(self, since=0):
        """Pairs of visits that began too close to each other. Where a page led on within its host, both are one visit."""
        began, led = [], set()
        for one in sorted(self.documents(since)):
            if one.path not in led: began.append(one)
            led = {*led - {one.path}, one.location}
        return [f"{a.path} → {b.path} after {b.at - a.at:.3f} s" for a, b in zip(began, began[1:]) if b.at - a.at < FLOOR]


class Spidyquotes:
    def __init__(self, options, folder, stack, *mode):
        self.options, self.folder, self.stack = options, folder, stack
        os.makedirs(f"{folder}/tmp", 0o711)
        self.environment = {**os.environ, "TMPDIR": f"{folder}/tmp", "GLEANER_DATA": f"{folder}/data"}
        port = free_port()
        site = Process([f"{options.dir}/run", str(port), *mode], f"{folder}/site.log")
        stack.callback(site.stop)
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1): break
            if not site.is_running: raise Failure(f"the site did not start:\n{site.written()[-1500:]}")
            time.sleep(0.1)
        else: raise Failure("the site did not answer within 30 s")
        self.witness = Witness(port)
        stack.callback(self.witness.server.shutdown)

    def gleaner(self, *arguments, good=(0,)):
        process = Process(
            [self.options.gleaner, *arguments], f"{self.folder}/gleaner.log", self.environment,
            output=(output := open(f"{self.folder}/output", "wb")))
        self.stack.callback(lambda: process.is_running and process.stop(patience=10))
        try: status = process.child.wait(900)
        except subprocess.TimeoutExpired: raise Failure(f"gleaner {arguments[0]} was not over after 900 s")
        finally: output.close()
        if status not in good: raise Failure(f"gleaner {arguments[0]} ended with {status}:\n{process.written()[-2000:]}")
        with open(output.name) as file: return status, file.read()

    def crawl(self, path, fields, *options):
        """Records as they are exported, and the exit status. Ended with 5 where some pages are partial."""
        status, text = self.gleaner(
            "crawl", f"http://{HOST}:{self.witness.port}{path}", "--fields", fields, "--resolve", f"{HOST}:127.0.0.1", "--allow-address",
            f"127.0.0.1/32:{self.witness.port}", "--format", "ndjson", "--quiet", "--at-once", str(self.options.at_once), *options,
            good=(0, 3, 5))
        return [json.loads(line) for line in text.splitlines()], status


def lines(path):
    with open(path) as file: return [json.loads(line) for line in file]


def plain(value): return re.sub(r"\s+", " ", value if isinstance(value, str) else json.dumps(value) if value else "").strip()


def quoted(text): return plain(text).strip("“”\"")


def compare_quotes(records, wanted):
    """Quotes that are missing, records that are none, those that are there twice, and wrong values by field with examples."""
    known = {quoted(quote["text"]): quote for quote in wanted}
    seen, wrong, strange = collections.Counter(), collections.defaultdict(list), []
    for record in records:
        quote = known.get(quoted(record.get("text")))
        if not quote:
            strange.append(f"{record.get('_url')}: {json.dumps(record, ensure_ascii=False)[:160]}")
            continue
        seen[quoted(quote["text"])] += 1
        for field, value, right in [
            ("text", plain(record.get("text")), plain(quote["text"])), ("author", plain(record.get("author")), quote["author"]["name"]),
            ("tags", record.get("tags") or [], quote["tags"]),
        ]:
            if value != right: wrong[field].append(f"{record['_url']}: {field} is {value!r}, on the page {right!r}")
    missing = [text for text in known if text not in seen]
    return missing, strange, [text for text, n in seen.items() if n > 1], wrong


def add_quotes(report, records, wanted, strict):
    """`strict`: with goals."""
    missing, strange, twice, wrong = compare_quotes(records, wanted)
    goal = 0 if strict else None
    report.add("quotes", len(wanted) - len(missing), len(wanted) if strict else None, examples=missing)
    report.add("records that are none", len(strange), goal, examples=strange)
    report.add("quotes that came twice", len(twice), goal, examples=twice)
    for field in ("text", "author", "tags"): report.add(f"wrong {field}", len(wrong[field]), goal, examples=wrong[field])
    if not strict:
        for one in [*strange[:2], *(values[0] for values in wrong.values() if values)]: say(one)


def add_authors(report, records, wanted):
    """A place may be told with or without its "in"."""
    known = {plain(author["name"]): author for author in wanted}
    seen, wrong, strange = set(), collections.defaultdict(list), []
    for record in records:
        author = known.get(plain(record.get("name")))
        if not author:
            strange.append(f"{record.get('_url')}: {json.dumps(record, ensure_ascii=False)[:160]}")
            continue
        seen.add(plain(record["name"]))
        born = datetime.datetime.strptime(author["born_at"], "%B %d, %Y").date().isoformat()
        for field, *right in [
            ("born", born), ("birthplace", author["born_in"], author["born_in"].removeprefix("in ")),
            ("description", author["description"]),
        ]:
            value = plain(record.get(field))
            if value not in map(plain, right):
                wrong[field].append(f"{record['_url']}: {field} is {value[:120]!r}, not {plain(right[0])[:120]!r}")
    missing = sorted(set(known) - seen)
    report.add("authors", len(seen), len(wanted), examples=missing)
    report.add("records that are none", len(strange), 0, examples=strange)
    report.add("authors that came twice", len(records) - len(strange) - len(seen), 0)
    for field in ("born", "birthplace", "description"): report.add(f"wrong {field}", len(wrong[field]), 0, examples=wrong[field])


def polite(report, site, since):
    early = site.witness.early(since)
    report.add("documents", len(site.witness.documents(since)))
    report.add("visits that began early", len(early), 0, examples=early)
    return len(site.witness.log)


def run(report, options, folder, stack):
    quotes, authors = lines(f"{options.dir}/data/quotesdb.jl"), lines(f"{options.dir}/data/authorsdb.jl")
    site = Spidyquotes(options, f"{folder}/plain", stack)

    def kind(title, path, *arguments, strict=False):
        say(title)
        report.section(title)
        since = len(site.witness.log)
        records, status = site.crawl(path, QUOTES, *arguments)
        add_quotes(report, records, quotes, strict)
        report.add("exit status", status)
        polite(report, site, since)

    kind("plain pages", "/", "--include", "/page/*/", "--name", "plain", "--many", strict=True)

    say("authors")
    report.section("authors")
    since = len(site.witness.log)
    records, status = site.crawl("/", AUTHORS, "--include", "/page/*/", "--include", "/author/**", "--read", "/author/**", "--one")
    add_authors(report, records, authors)
    report.add("exit status", status)
    polite(report, site, since)

    kind("drawn by script", "/js/", "--include", "/js/**", "--many")
    # What comes by one hand's work is had by an action; pages that clicks replace, and a login, are not.
    kind("drawn late by script, pages turned by links", "/js-delayed/?delay=1000", "--include", "/js-delayed/**", "--many", "--limit", "2", "--action", "wait-for .quote")
    kind("pages turned by clicks", "/js-onclick/", "--include", "/js-onclick/**", "--many")
    kind("more comes by scrolling", "/scroll", "--scope", "page", "--many", "--action", "scroll-to-end 30", "--timeout", "90")
    kind("layout tables", "/tableful/", "--include", "/tableful/page/*/", "--many")
    kind("one at random", "/random", "--scope", "page", "--one")
    kind("login form", "/login", "--scope", "page", "--one")

    say("throttled")
    report.section("one request a second, else 429")
    slow = Spidyquotes(options, f"{folder}/throttled", stack, "--throttle")
    records, status = slow.crawl("/", QUOTES, "--include", "/page/*/", "--many")
    add_quotes(report, records, quotes, True)
    report.add("answers with 429", sum(one.status == 429 for one in slow.witness.log))
    report.add("exit status", status)
    polite(report, slow, 0)

    # OPTIONAL, the last step: what changed since the run before of the same name, once there is a command that says so.
    if subprocess.run([options.gleaner, "runs", "diff", "--help"], capture_output=True).returncode == 0:
        say("what changed")
        report.section("what changed (gleaner runs diff)")
        site.witness.instead = ("It is our choices, Harry", "It is our choices, Larry")
        site.crawl("/", QUOTES, "--include", "/page/*/", "--name", "plain", "--many")
        status, text = site.gleaner("runs", "diff", "last", good=(0, 1))
        say(text[:2000])
        report.add("the changed quote is named", "Larry" in text, True)
        report.add("lines", len(text.splitlines()))
        report.add("exit status", status)


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench/spidyquotes")
    parser.add_argument("dir", type=os.path.abspath)
    parser.add_argument("--gleaner", type=os.path.abspath, required=True)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--keep", action="store_true")
    crawl.work(lambda report, folder, stack, options: run(report, options, folder, stack), parser.parse_args(), "spidyquotes-")


if __name__ == "__main__": main()
