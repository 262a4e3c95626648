"""Started by ../crawl, whose head says what this shows."""
import argparse, contextlib, glob, json, os, random, re, shutil, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(f"{HERE}/../chaos.d")
import farm, proofs, website
from farm import Failure, Process, say

VISITS = "SELECT url, final_url, state FROM visits WHERE kind = 0"
LEASED = "SELECT v.url FROM queue q JOIN visits v ON v.id = q.visit_id WHERE q.state = 1"
KILLS = 3
STALLED = 120  # seconds without a request after which a crawl that is to be killed is taken for stuck
GROWTH = 1.3


class Crawl:
    """A site, a store and the crawls between them, in a folder of their own."""

    def __init__(self, options, folder, stack, pages, hosts, traps, port=0):
        self.options, self.folder, self.stack = options, folder, stack
        self.hosts = min(hosts, pages // website.FEWEST)
        os.mkdir(folder, 0o711)
        os.mkdir(f"{folder}/tmp", 0o711)
        self.environment = {**os.environ, "TMPDIR": f"{folder}/tmp", "GLEANER_DATA": f"{folder}/data"}
        self.store, self.log = farm.SQLite(folder, None), f"{folder}/site.tsv"
        site = Process(
            [sys.executable, "-B", f"{HERE}/website.py", str(pages), str(self.hosts), traps, str(port), self.log, str(options.limit + 600)],
            f"{folder}/site.log")
        self.close = site.stop
        stack.callback(lambda: site.is_running and site.stop())
        for _ in range(100):
            if (text := site.written()).strip().isdigit() and text.endswith("\n"): break
            if not site.is_running: raise Failure(f"the site did not start:\n{text}")
            time.sleep(0.1)
        self.site = website.Website(pages, self.hosts, int(text), traps)
        self.judge = proofs.Judge(self.site)
        # Names are no loopback, which would have no spacing.
        self.gleaner("hosts", "rule", "*", "delay=0ms", f"concurrency={2 * options.at_once}")

    def gleaner(self, *arguments, good=(0,)):
        done = subprocess.run(
            [self.options.gleaner, *arguments, "--store", self.store.place], capture_output=True, text=True, env=self.environment,
            timeout=600)
        if done.returncode not in good:
            raise Failure(f"gleaner {' '.join(arguments[:2])} ended with {done.returncode}:\n{(done.stderr or done.stdout)[-2000:]}")
        return done.stdout

    def start(self, *arguments):
        process = Process(
            [self.options.gleaner, *arguments, "--quiet", "--store", self.store.place, "--output", f"{self.folder}/records.ndjson"],
            f"{self.folder}/crawl.log", self.environment)
        self.stack.callback(lambda: process.is_running and process.stop(patience=10))
        return process

    def begin(self, seed, at_once):
        port, names = self.site.port, [*self.site.hosts, "elsewhere.test"]
        resolve = [part for name in names for part in ("--resolve", f"{name}:127.0.0.1")]
        return self.start(
            "crawl", f"http://crawl0.test:{port}/", "--scope", "any", "--include", f"crawl*.test:{port}/**", "--exclude", "/excluded/**",
            "--fields", "name, price:money", "--one", "--read", "/item/*", "--limit", "1000000", "--seed", str(seed),
            "--at-once", str(at_once), *resolve, "--allow-address", f"127.0.0.1/32:{port}")

    def finish(self, process):
        """Waits for its end; its memory, each second, in MiB."""
        samples, end = [], process.started + self.options.limit
        while process.is_running:
            if time.monotonic() > end: raise Failure(f"the crawl was not over after {self.options.limit} s")
            with contextlib.suppress(OSError, TypeError), open(f"/proc/{process.pid}/status") as file:
                samples.append(int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024)
            with contextlib.suppress(subprocess.TimeoutExpired): process.child.wait(1)
        return samples

    def requests(self):
        with open(self.log) as file: return proofs.requests(file.read())

    def visits(self): return [proofs.Visit(url, final, int(state)) for url, final, state in self.store.rows(VISITS)]

    def kill(self, process, point):
        """-9, once so many pages were asked for. Tells when that was, what was final then, and what was under way."""
        count, since = 0, time.monotonic()
        while count < point:
            if not process.is_running: raise Failure(f"the crawl ended before it could be killed:\n{process.written()[-1500:]}")
            now = len(proofs.asked(self.requests()))
            if now > count: count, since = now, time.monotonic()
            if time.monotonic() - since > STALLED: raise Failure(f"the crawl stands still at {count} pages")
            time.sleep(0.2)
        process.kill()
        return time.monotonic_ns(), self.judge.final(self.visits()), self.judge.pages(url for url, in self.store.rows(LEASED))


class Report:
    """Counters, each with its goal."""

    def __init__(self): self.rows, self.result = [], {}

    def section(self, title): self.rows.append((title, None, None, None))

    def add(self, title, value, goal=None, most=None, examples=()):
        """`goal`: what it must be; `most`: what it may be at most; neither: only said."""
        verdict = None if goal is None and most is None else value is not None and (value == goal if goal is not None else value <= most)
        self.rows.append((title, value, str(goal) if goal is not None else f"≤ {most}", verdict))
        section = next(row[0] for row in reversed(self.rows) if row[2] is None)
        self.result[f"{section}: {title}"] = value
        if verdict is False:
            for one in list(examples)[:10]: say(f"{section}: {title}: {one}")

    @property
    def missed(self): return sum(row[3] is False for row in self.rows)

    def text(self):
        lines = []
        for title, value, goal, verdict in self.rows:
            if goal is None: lines.append(f"\n{title}")
            else:
                shown = "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
                judged = "" if verdict is None else f"{goal:>10}  {'met' if verdict else 'MISSED'}"
                lines.append(f"  {title:<58}{shown:>12}{judged}")
        return "\n".join(lines)


def requested(report, crawl, log, excused=()):
    """What the site says."""
    names, asked = crawl.site.names(), proofs.asked(log)
    report.add("pages of the site", len(names))
    report.add("pages that nobody asked for", len(names - set(asked)), 0, examples=sorted(names - set(asked)))
    again = proofs.again(log, excused)
    report.add("requests for pages beyond the first", sum(again.values()), 0, examples=again)
    report.add("the same, because a redirect led there", sum(proofs.redirected(log).values()), 0, examples=proofs.redirected(log))
    for kind in proofs.FORBIDDEN:
        some = [r.host + r.target for r in log if r.kind == kind]
        title = {
            "outside": "requests outside of the scope", "excluded": "requests for what is excluded",
            "disallowed": "requests that robots.txt forbids", "nofollow": "requests for what only nofollow leads to", "other": "requests for what the site doesn't have",
        }[kind]
        report.add(title, len(some), 0, examples=some)


def stored(report, crawl):
    """What the store says."""
    pages, others = crawl.judge.completed(crawl.visits())
    names = crawl.site.names()
    report.add("pages that are not completed", len(names - set(pages)), 0, examples=sorted(names - set(pages)))
    twice = sorted(name for name, n in pages.items() if n > 1)
    report.add("pages that are completed twice", len(twice), 0, examples=twice)
    lost = {key: n for key, n in others.items() if key[0] != "trap" or key[1].startswith("soft")}
    report.add("completed that are no pages", sum(lost.values()), 0, examples=lost)
    missing, twice, wrong = crawl.judge.records(crawl.gleaner("runs", "export", "last", "--format", "ndjson").splitlines())
    report.add("pages without their record", len(missing), 0, examples=missing)
    report.add("pages with their record twice", len(twice), 0, examples=twice)
    report.add("pages with a wrong record", len(wrong), 0, examples=wrong)
    faults = json.loads(crawl.gleaner("store", "check", "--json", good=(0, 4)))["faults"]
    report.add("faults that store check finds", len(faults), 0, examples=faults)


def whole(report, options, crawl):
    say(f"the whole site: {options.pages} pages on {crawl.hosts} hosts")
    process = crawl.begin(options.seed, options.at_once)
    samples = crawl.finish(process)
    seconds, log = time.monotonic() - process.started, crawl.requests()
    report.section("whole site")
    requested(report, crawl, log)
    for name in crawl.site.traps:
        report.add(f"requests for {name}", sum(r.kind == "trap" and r.name == name for r in log), most=website.TRAPS[name])
    stored(report, crawl)
    report.add("memory, last quarter by second", proofs.growth(samples), most=GROWTH)
    report.add("most memory (MiB)", max(samples, default=0.0))
    report.add("requests a second", sum(r.kind not in ("robots", "sitemap") for r in log) / seconds)
    report.add("seconds", seconds)
    report.add("exit status", process.child.returncode)


def ordered(report, options, open_crawl):
    orders, port = [], 0
    for number, seed in enumerate([options.seed, options.seed, options.seed + 1]):
        say(f"order {number + 1}, seed {seed}")
        # All at one port, since the order follows from the addresses.
        crawl = open_crawl(f"order-{number}", 500, 5, "few", port)
        crawl.finish(crawl.begin(seed, 1))
        orders.append(proofs.order(crawl.requests()))
        crawl.close()
        port = crawl.site.port
    report.section("order, one at a time")
    hosts = [proofs.by_host(one) for one in orders]
    different = [host for host in hosts[0] if hosts[0][host] != hosts[1].get(host)]
    report.add("requests", len(orders[0]))
    report.add("hosts whose order differs with the same seed", len(different), 0, examples=different)
    # Which host is asked next is for their clocks to say, and those for how soon each answered.
    report.add("the order is another one with another seed", hosts[0] != hosts[2], True)


def killed(report, options, crawl):
    pages = len(crawl.site.names())
    say(f"killed: {pages} pages on {crawl.hosts} hosts")
    process = crawl.begin(options.seed, options.at_once)
    excused, deaths = [], []
    for number in range(KILLS):
        at, final, leased = crawl.kill(process, pages * (number + 1) // (KILLS + 1))
        deaths.append((at, final))
        excused += sorted(leased)
        say(f"kill {number + 1}: {len(final)} pages final, {len(leased)} under way")
        process = crawl.start("runs", "resume", "last", "--at-once", str(options.at_once))
    crawl.finish(process)
    log = crawl.requests()
    early = set().union(*(proofs.after(log, at, final) for at, final in deaths))
    report.section(f"killed with -9 {KILLS} times")
    report.add("kills", len(deaths), KILLS)
    report.add("pages asked for again though they were final", len(early), 0, examples=sorted(early))
    report.add("pages under way at a kill, which may be asked again", len(excused), most=KILLS * options.at_once)
    requested(report, crawl, log, excused)
    stored(report, crawl)
    report.add("exit status", process.child.returncode)


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/bench/crawl")

    def number(least):
        def whole(text): return int(text) if int(text) >= least else parser.error(f"{text}: must be at least {least}")
        return whole

    parser.add_argument("--pages", type=number(2 * website.FEWEST), default=20000)
    parser.add_argument("--hosts", type=number(2), default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--at-once", type=number(1), default=4)
    parser.add_argument("--gleaner", type=os.path.abspath, required=True)
    parser.add_argument("--limit", type=number(1), default=7200)
    parser.add_argument("--only", choices=["whole", "order", "kill"])
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if options.pages < options.hosts * website.FEWEST:
        parser.error(f"--pages {options.pages}: a host has at least {website.FEWEST} pages; give more, or fewer --hosts")
    return options


def work(body, options, prefix):
    """Calls `body` with a report, a folder, a stack of what is to be ended, and the options; prints the report and exits."""
    for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, lambda number, _: sys.exit(128 + number))
    farm.become_subreaper()
    folder = os.path.realpath(tempfile.mkdtemp(prefix=prefix))
    os.chmod(folder, 0o711)  # The browser's account passes through.
    report, finished, stopped = Report(), False, False
    try:
        with contextlib.ExitStack() as stack:
            say(folder)
            body(report, folder, stack, options)
        time.sleep(1)
        report.section("afterwards")
        left = [farm.title(pid) for pid in sorted(farm.orphans(set()))]
        report.add("processes that are left", len(left), 0, examples=left)
        folders = glob.glob(f"{folder}/*/tmp/**/browser-*", recursive=True)
        report.add("browser folders that are left", len(folders), 0, examples=folders)
        finished = True
    except Failure as failure: say(failure)
    except SystemExit:
        stopped = True
        raise
    finally:
        end_all()
        if options.keep or not stopped and (not finished or report.missed): say(f"stores and logs are in {folder}")
        else: shutil.rmtree(folder, ignore_errors=True)
    print(report.text())
    if not finished: sys.exit(2)
    print(json.dumps({**report.result, "missed": report.missed}, ensure_ascii=False), flush=True)
    sys.exit(1 if report.missed else 0)


def end_all():
    """What a killed crawl left, such as its browsers, which the next start would have ended."""
    for pid in farm.orphans(set()):
        with contextlib.suppress(ProcessLookupError): os.kill(pid, signal.SIGKILL)
    farm.collect(set())


def run(report, folder, stack, options):
    say(f"seed {options.seed}")
    report.result["seed"] = options.seed

    def open_crawl(name, pages, hosts, *more):
        return Crawl(options, f"{folder}/{name}", stack, min(options.pages, pages), min(options.hosts, hosts), *more)

    if options.only in (None, "whole"): whole(report, options, open_crawl("whole", options.pages, options.hosts, "all"))
    if options.only in (None, "order"): ordered(report, options, open_crawl)
    if options.only in (None, "kill"): killed(report, options, open_crawl("kill", 2000, 20, "few"))


if __name__ == "__main__": work(run, arguments(), "crawl-")
