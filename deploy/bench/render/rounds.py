"""Lets two clients visit the same pages in alternating rounds, measures both from outside, and prints a table and a line of JSON.

Started by `run`, which has built what this needs; ends what it started, by pid.
"""
import argparse, contextlib, json, os, signal, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
# What is measured: name, client, contexts, way.
CASES = [
    ("Playwright, new context", "playwright", "fresh", "direct"),
    ("Playwright, reused page", "playwright", "reused", "direct"),
    ("Gleaner, new context", "gleaner", "fresh", "relay"),
    ("Gleaner, reused page", "gleaner", "reused", "relay"),
    ("  new context, no relay", "gleaner", "fresh", "direct"),
    ("  reused page, no relay", "gleaner", "reused", "direct"),
]
OURS, FRESH, REUSED = "Gleaner, reused page", "Playwright, new context", "Playwright, reused page"
# Least pages per second, Gleaner's reused page against Playwright; most CPU of the client, against Playwright's.
FASTER = [(FRESH, 1.6), (REUSED, 1.15)]
LEANER = 0.25


class Processes:
    """CPU time of a client and of its browser, from /proc."""
    tick = os.sysconf("SC_CLK_TCK")

    def __init__(self, root, browser): self.root, self.browser = root, os.path.realpath(browser)

    @staticmethod
    def stat(pid):
        with open(f"/proc/{pid}/stat") as file: return file.read().rpartition(")")[2].split()

    def is_browser(self, pid):
        try: return os.readlink(f"/proc/{pid}/exe") == self.browser
        except OSError: return False  # It has just ended, or is sandboxed: then a parent of it tells.

    def tree(self):
        """The client's own processes (itself and, for Playwright, its driver), and those of its browser."""
        children = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try: children.setdefault(int(self.stat(name)[1]), []).append(int(name))
                except OSError: pass
        own, browser, todo = [], [], [(self.root, False)]
        while todo:
            pid, inside = todo.pop()
            inside = inside or self.is_browser(pid)
            (browser if inside else own).append(pid)
            todo += [(child, inside) for child in children.get(pid, [])]
        return own, browser

    def cpu(self):
        """Seconds so far: own, browser."""
        own, browser = self.tree()
        # The clock of a process (nanoseconds, with threads that have ended): clock_getcpuclockid(3) makes its number in this way.
        mine, theirs = 0, 0
        for pid in own:
            try: mine += time.clock_gettime((~pid << 3) | 2)
            except OSError: pass
        for pid in browser:
            # utime, stime, and of children that ended and were waited for: renderers come and go.
            try: theirs += sum(int(x) for x in self.stat(pid)[11:15])
            except OSError: pass
        return mine, theirs / self.tick


class Client:
    def __init__(self, name, command, browser, log, environment):
        self.name, self.log = name, log
        # A session of its own: Ctrl-C reaches this script only, which then ends its clients.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, env=environment)
        self.processes = Processes(self.process.pid, browser)

    def order(self, **order):
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.log.seek(0)
            raise SystemExit(f"deploy/bench/render/run: the client of {self.name} ended:\n{self.log.read()[-2000:]}")
        return json.loads(line)

    def end(self):
        try: self.process.stdin.close()
        except OSError: pass
        try: self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try: self.process.wait(5)
            except subprocess.TimeoutExpired: self.process.kill()


def measure(client, case, at_once, pages):
    name, _, contexts, way = case
    before = client.processes.cpu()
    answer = client.order(do="round", contexts=contexts, way=way, atOnce=at_once, pages=pages)
    after = client.processes.cpu()
    texts = client.order(do="rest")["texts"]
    for failure in answer["failures"]: print(f"failed: {name}, {at_once} at once: {failure}", file=sys.stderr)
    return {
        "case": name.strip(), "atOnce": at_once, "pagesPerSecond": len(pages) / answer["seconds"],
        "clientCPU": (after[0] - before[0]) / len(pages), "browserCPU": (after[1] - before[1]) / len(pages),
        "failures": len(answer["failures"]), "phases": answer.get("phases"),
    }, {address: " ".join(text.split()) for address, text in texts.items()}


def compare(texts, known, name):
    """How many texts differ from the first client's; the first difference is shown."""
    different = 0
    for address, text in known.items():
        if address not in texts: continue  # A failure, counted as such.
        if text == texts[address]: continue
        if different == 0:
            other = texts[address]
            at = len(os.path.commonprefix([text, other]))
            excerpt = lambda text: f"…{text[max(0, at - 40):at + 40]}…"
            print(f"{address}: the text of {name} differs: {excerpt(other)} for {excerpt(text)}", file=sys.stderr)
        different += 1
    return different


def table(results, counts):
    rows, medians = [], {}
    for at_once in counts:
        for case in CASES:
            name = case[0].strip()
            mine = [r for r in results if r["case"] == name and r["atOnce"] == at_once]
            of = lambda key: statistics.median(r[key] for r in mine)
            rates = sorted(r["pagesPerSecond"] for r in mine)
            m = medians[name, at_once] = {key: of(key) for key in ("pagesPerSecond", "clientCPU", "browserCPU")}
            phases = [r["phases"] for r in mine if r["phases"]]
            if phases: m["phases"] = {k: round(statistics.median(p.get(k, 0) for p in phases), 2) for k in phases[0]}
            client, browser = m["clientCPU"] * 1000, m["browserCPU"] * 1000
            rows.append(f"{at_once:>7}  {case[0]:<24} {m['pagesPerSecond']:>7.1f} {rates[0]:>6.1f}–{rates[-1]:<6.1f} {client:>9.1f} "
                        f"{browser:>9.1f} {client + browser:>9.1f}")
        rows.append("")
    print(f"{'':7}  {'':<24} {'pages per second':^21} {'CPU, milliseconds a page':^29}")
    print(f"{'at once':>7}  {'':<24} {'median':>7} {'lowest–highest':^13} {'client':>9} {'browser':>9} {'both':>9}\n")
    print("\n".join(rows))
    return medians


def goals(results, medians, counts):
    """Each with the ratio of the medians, and the lowest and highest ratio of a round."""
    goals = []

    def goal(at_once, other, key, limit, least):
        rounds = lambda name: [r[key] for r in results if r["case"] == name and r["atOnce"] == at_once]
        each = [a / b for a, b in zip(rounds(OURS), rounds(other)) if b > 0]
        ratio = medians[OURS, at_once][key] / (medians[other, at_once][key] or float("nan"))
        goals.append({"what": key, "against": other, "atOnce": at_once, "ratio": ratio, "lowest": min(each), "highest": max(each),
                      "least" if least else "most": limit,
                      "isMet": ratio >= limit if least else ratio <= limit})

    for at_once in counts:
        for other, limit in FASTER:
            if at_once >= 4: goal(at_once, other, "pagesPerSecond", limit, True)
        for other in (FRESH, REUSED): goal(at_once, other, "clientCPU", LEANER, False)
    print(f"{OURS} (through the relay) against")
    for g in goals:
        what = "pages per second" if g["what"] == "pagesPerSecond" else "client's CPU a page"
        limit = f"at least {g['least']}" if "least" in g else f"at most {g['most']}"
        print(f"  {g['against']}, {g['atOnce']} at once: {what} {g['ratio']:.2f} times (rounds {g['lowest']:.2f}–{g['highest']:.2f}), "
              f"goal {limit}: {'met' if g['isMet'] else 'NOT MET'}")
    return goals


def main():
    parser = argparse.ArgumentParser(
        prog="deploy/bench/render/run", description="Gleaner's rendering against Playwright's, on this machine.")
    parser.add_argument("--client", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--playwright", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--playwright-version", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--profiles", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--browser", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=7, help="of each case (7)")
    parser.add_argument("--pages", type=int, default=40, help="pages a round (40)")
    parser.add_argument("--at-once", default="1,4,8", help="pages open at once (1,4,8)")
    options = parser.parse_args()
    counts = [int(x) for x in options.at_once.split(",")]
    if options.rounds < 1 or options.pages < 1 or not counts or min(counts) < 1: parser.error("numbers must be positive")
    # So that what was started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        report(options, counts, stack)


def report(options, counts, stack):
    load = os.getloadavg()[0]
    site = subprocess.Popen(
        [sys.executable, f"{HERE}/site.py", str(options.pages)], stdout=subprocess.PIPE, text=True, start_new_session=True)
    stack.callback(lambda: (site.terminate(), site.wait()))
    port = site.stdout.readline().strip()
    if not port: raise SystemExit("deploy/bench/render/run: the site did not start")
    pages = [f"http://127.0.0.1:{port}/p/{n}" for n in range(options.pages)]

    commands = {
        "playwright": [sys.executable, f"{HERE}/playwright_client.py", options.browser],
        "gleaner": [options.client, options.browser, options.profiles],
    }
    environment = dict(os.environ, PYTHONPATH=options.playwright, PYTHONDONTWRITEBYTECODE="1")
    clients = {}
    for name, command in commands.items():
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        clients[name] = Client(name, command, options.browser, log, environment)
        stack.callback(clients[name].end)

    known, results = {}, []
    # Browsers start and everything has been used once before anything is measured.
    for case in CASES: measure(clients[case[1]], case, max(counts), pages[:8])
    for number in range(options.rounds):
        for at_once in counts:
            # There and back, so that no case always follows the same one.
            for case in CASES if number % 2 == 0 else reversed(CASES):
                result, texts = measure(clients[case[1]], case, at_once, pages)
                known = known or texts
                result["differentTexts"] = compare(texts, known, f"{case[0].strip()}, {at_once} at once")
                results.append(result)
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)

    failures = sum(r["failures"] for r in results)
    different = sum(r["differentTexts"] for r in results)
    version = subprocess.run([options.browser, "--version"], capture_output=True, text=True).stdout.strip()
    cores, loads = os.cpu_count(), (load, os.getloadavg()[0])
    sandbox = "off under Playwright, which can't have it as root" if os.geteuid() == 0 else "and under Playwright"
    print(f"{version}, {cores} cores, load average {loads[0]:.1f} before and {loads[1]:.1f} after")
    print(f"{options.rounds} rounds of {options.pages} pages; viewport 1280x800; Chromium's sandbox is on under Gleaner, {sandbox}\n")
    medians = table(results, counts)
    met = goals(results, medians, counts)
    visits = len(results) * options.pages
    verdict = "equal on every page of every round" if different + failures == 0 else f"{different} differ, {failures} pages failed"
    print(f"texts: {verdict} ({visits} visits)")
    rounded = lambda x: round(x, 4) if isinstance(x, float) else x
    print(json.dumps({
        "chromium": version, "playwright": options.playwright_version, "cores": cores, "load": loads, "rounds": options.rounds,
        "pages": options.pages, "texts": {"visits": visits, "different": different, "failed": failures},
        "medians": [{"case": name, "atOnce": n, **{k: rounded(v) for k, v in m.items()}} for (name, n), m in medians.items()],
        "goals": [{k: rounded(v) for k, v in g.items()} for g in met],
    }))
    if different + failures: raise SystemExit(1)


if __name__ == "__main__":
    main()
