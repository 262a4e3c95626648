"""Started by ../chaos, whose head says what this shows."""
import argparse, contextlib, glob, json, os, random, re, shutil, signal, subprocess, sys, tempfile, time
import checks, farm, shop
from farm import Failure, Process, say

FLOOR = 0.7  # seconds: HostClock.floor
STARTING = 0.2  # of the kills hit a farm at any moment of its start, whatever it has done by then
PATIENCE = 5  # seconds without progress after which a farm is killed all the same
STALLED = 300  # seconds without anything becoming final after which nothing more is waited for
HERE = os.path.dirname(os.path.abspath(__file__))


class Chaos:
    def __init__(self, options, folder, stack):
        self.options, self.folder, self.stack = options, folder, stack
        self.random = random.Random(options.seed)
        self.deadline = time.monotonic() + options.limit
        self.witness, self.kills, self.deaths, self.stops = checks.Witness(), 0, 0, []
        self.run = None  # Id, once it is submitted.
        self.nodes = [None] * (1 if options.store == "sqlite" else 3)
        self.hosts = min(200, options.visits)
        self.places = [(n % self.hosts, n // self.hosts) for n in range(options.visits)]
        os.mkdir(f"{folder}/tmp", 0o711)  # Has the browsers' folders, of all nodes together: each must leave alone those of its neighbours.
        self.environment = {**os.environ, "TMPDIR": f"{folder}/tmp", "GLEANER_DATA": f"{folder}/data"}

    def late(self): return time.monotonic() > self.deadline

    # MARK: what runs

    def open(self):
        self.start_site()
        kind = farm.SQLite if self.options.store == "sqlite" else farm.PostgreSQL
        self.store = kind(self.folder, f"{self.folder}/postgres.log")
        self.stack.callback(self.store.stop)
        self.environment.update(self.store.environment)
        self.stack.callback(self.end_all)
        for number in range(len(self.nodes)): self.start(number)

    def start_site(self):
        self.site_log = f"{self.folder}/site.tsv"
        pages = -(-self.options.visits // self.hosts)
        self.site = Process(
            [sys.executable, "-B", f"{HERE}/shop.py", str(self.hosts), str(pages), self.site_log, str(self.options.limit + 600)],
            f"{self.folder}/site.log")
        self.stack.callback(self.site.stop)
        for _ in range(100):
            if (text := self.site.written()).strip().isdigit() and text.endswith("\n"): break
            if not self.site.is_running: raise Failure(f"the site did not start:\n{text}")
            time.sleep(0.1)
        self.port, self.asked, self.read_to = int(text), set(), 0

    def start(self, number):
        self.nodes[number] = Process(
            [self.options.gleaner, "serve", "--store", self.store.place, "--at-once", str(self.options.at_once)],
            f"{self.folder}/serve-{number}.log", self.environment)

    def held(self):
        processes = [self.site, getattr(self.store, "server", None), *self.nodes]
        return {process.pid for process in processes if process and process.is_running}

    def end_all(self):
        """On the way out, however it came to that."""
        for node in self.nodes:
            if node and node.is_running: node.stop(patience=10)
        for pid in farm.orphans(self.held()):
            with contextlib.suppress(ProcessLookupError): os.kill(pid, signal.SIGKILL)
        farm.collect(self.held())

    def revive(self):
        """Starts again what ended though nobody killed it, as a service manager would."""
        for number, node in enumerate(self.nodes):
            if node.is_running: continue
            fault = f"node {number} ended by itself with {node.child.returncode}:\n{node.written()[-1500:]}"
            if not self.run: raise Failure(fault)
            say(fault)
            self.deaths += 1
            time.sleep(1)
            self.start(number)

    @staticmethod
    def is_ready(node): return any("node_" in line and "ready" in line for line in node.written().splitlines())

    def wait_ready(self, everyone=False):
        end = time.monotonic() + 120
        while time.monotonic() < end and not self.late():
            self.revive()
            if (all if everyone else any)(self.is_ready(node) for node in self.nodes): return True
            time.sleep(0.1)
        say(f"the farm was not ready in time:\n{self.nodes[0].written()[-1500:]}")
        return False

    def gleaner(self, *arguments, good=(0,)):
        done = subprocess.run(
            [self.options.gleaner, *arguments, "--store", self.store.place], capture_output=True, text=True, env=self.environment,
            timeout=120)
        if done.returncode not in good:
            raise Failure(f"gleaner {arguments[0]} ended with {done.returncode}:\n{(done.stderr or done.stdout)[-2000:]}")
        return done.stdout

    def submit(self):
        urls = f"{self.folder}/urls.txt"
        with open(urls, "w") as file: file.writelines(shop.address(*place, self.port) + "\n" for place in self.places)
        names = [part for host in range(self.hosts) for part in ("--resolve", f"chaos{host}.test:127.0.0.1")]
        text = self.gleaner(
            "extract", f"@{urls}", "--fields", "name, price:money", "--detach", *names, "--allow-address", f"127.0.0.1/32:{self.port}")
        found = re.search(r"run_\S+", text)
        if not found: raise Failure(f"gleaner extract --detach said no run: {text!r}")
        self.run, self.submitted = found[0], time.monotonic()

    # MARK: kills

    def progress(self):
        """Pages asked for at least once, by the site's log."""
        with open(self.site_log, "rb") as file:
            file.seek(self.read_to)
            text = file.read().decode()
        text = text[:text.rfind("\n") + 1]
        self.read_to += len(text.encode())
        self.asked |= {(r.host, r.path) for r in checks.documents(checks.requests(text))}
        return len(self.asked)

    def wait_for(self, point):
        """Returns at a random time after so many pages were asked for, or when nothing moves any more."""
        if self.random.random() < STARTING: return time.sleep(self.random.uniform(0, 2))
        self.wait_ready()
        most, since = self.progress(), time.monotonic()
        while most < point and time.monotonic() - since < PATIENCE:
            time.sleep(0.03)
            if (now := self.progress()) > most: most, since = now, time.monotonic()
        time.sleep(self.random.uniform(0, 0.4))

    def kill_about(self):
        # All over the run but its very end, which would come before the last of them.
        points = sorted(self.random.uniform(0, 0.98 * self.options.visits) for _ in range(self.options.kills))
        restarts = max(2, self.options.kills // 20) if self.options.store == "postgres" else 0
        restarts = set(self.random.sample(range(self.options.kills), min(restarts, self.options.kills)))
        for point in points:
            if self.late(): return
            self.wait_for(point)
            self.revive()
            victim = self.random.randrange(len(self.nodes))
            self.nodes[victim].kill()
            if self.kills in restarts: self.store.restart(self.options.outage if not self.store.restarts else 0)
            self.kills += 1
            open_visits = self.look()
            farm.collect(self.held())
            self.start(victim)
            if self.kills % 10 == 0: say(f"{self.kills} kills, {open_visits} visits open")
            if not open_visits and self.kills < self.options.kills:
                return say(f"the run ended after {self.kills} of {self.options.kills} kills")

    def look(self):
        """What the store says now; how many visits are open."""
        visits, tallies = self.store.look()
        self.witness.look(visits, tallies)
        return sum(visit.state == checks.OPEN for visit in visits)

    def wait_until_final(self):
        fewest, since, told = None, time.monotonic(), time.monotonic()
        while not self.late() and time.monotonic() - since < STALLED:
            self.revive()
            open_visits = self.look()
            if not open_visits and self.store.runs().get(self.run) != "0": return
            if fewest is None or open_visits < fewest: fewest, since = open_visits, time.monotonic()
            if time.monotonic() - told > 15:
                say(f"{open_visits} visits open")
                told = time.monotonic()
            time.sleep(1)
        say("not waiting any longer")

    # MARK: what came of it

    def leftovers(self):
        """Processes of dead farms ten seconds after the last start, with all that are left after a stop; browsers' folders that are left."""
        self.wait_ready(everyone=True)
        while time.monotonic() < max(node.started for node in self.nodes) + 10: time.sleep(0.2)
        left = farm.orphans(self.held())
        self.stops = [node.stop() for node in self.nodes]
        if any(self.stops): say(f"after SIGTERM, gleaner serve ended with {self.stops}; None: it had to be killed")
        time.sleep(1)
        left |= farm.orphans(self.held())
        folders = glob.glob(f"{self.folder}/**/browser-*", recursive=True)
        for one in [farm.title(pid) for pid in sorted(left)] + folders[:20]: say(f"left behind: {one}")
        return len(left), len(folders)

    def miscounts(self, visits):
        """What our own commands find or say wrong."""
        states = {name: sum(visit.state == state for visit in visits) for state, name in checks.STATES.items()}
        check = json.loads(self.gleaner("store", "check", "--json", good=(0, 4)))
        listed = [json.loads(line) for line in self.gleaner("runs", "list", "--json").splitlines()]
        pages = next((run["pages"] for run in listed if run["id"] == self.run), {})
        shown = [page["status"] for page in json.loads(self.gleaner("runs", "show", self.run, "--json"))["pages"]]
        found = [f"store check: {fault['area']}: {fault['message']}" for fault in check["faults"]]
        for name, count in {**states, "total": len(visits)}.items():
            if pages.get(name) != count: found.append(f"runs list says {pages.get(name)} {name}, there are {count}")
        # The page contract calls a visit that was given up failed.
        for name, count in {**states, "failed": states["failed"] + states["dead"], "dead": 0}.items():
            if shown.count(name) != count: found.append(f"runs show has {shown.count(name)} {name}, there are {count}")
        return found, states

    def verdict(self, seconds):
        orphans, folders = self.leftovers()
        self.look()
        visits, records = self.store.look()[0], self.store.records()
        with open(self.site_log) as file: log = checks.requests(file.read())
        found, states = self.miscounts(visits)
        found = self.witness.miscounted + found
        again, twice = self.witness.asked_again(log), checks.twice(visits, records)
        lost, early = checks.lost(self.places, visits, records, log), checks.early(log, FLOOR)
        rendered = checks.rendered(log) & set(self.places)
        for what, some in [
            ("counted wrong", found), ("asked for again though final", again), ("written again though final", self.witness.rewritten),
            ("twice in the store", twice), ("lost", lost),
            ("too early", [f"{b.host} {a.path} → {b.path} after {(b.at - a.at) / 1e9:.3f} s" for a, b in early]),
        ]:
            for one in sorted(some, key=str)[:20]: say(f"{what}: {shop.address(*one, self.port) if isinstance(one, tuple) else one}")
            if len(some) > 20: say(f"{what}: {len(some)} in all")
        if len(rendered) < self.options.visits / 10: say(f"only {len(rendered)} visits were rendered: less than a tenth")
        final = {shop.place(visit.url) for visit in visits if visit.state != checks.OPEN}
        return {
            "visits": self.options.visits, "final": len(final & set(self.places)), "lost": len(lost),
            "doubled": len(again | twice | self.witness.rewritten), "counter_errors": len(found), "early_requests": len(early),
            "orphan_processes": orphans, "seconds": round(seconds, 1), "store": self.options.store, "kills": self.kills,
            "database_restarts": self.store.restarts, "deaths": self.deaths, "unclean_stops": sum(status != 0 for status in self.stops),
            "browser_folders": folders, "states": states, "rendered": len(rendered), "seed": self.options.seed,
        }


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/bench/chaos")

    def whole(least):
        def number(text): return int(text) if int(text) >= least else parser.error(f"{text}: must be at least {least}")
        return number

    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=whole(0), default=200)
    parser.add_argument("--visits", type=whole(1), default=2000)
    parser.add_argument("--at-once", type=whole(1), default=4)
    parser.add_argument("--gleaner", type=os.path.abspath, required=True)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--limit", type=whole(1), default=3600)
    parser.add_argument("--outage", type=whole(0), default=0)
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, lambda number, _: sys.exit(128 + number))
    farm.become_subreaper()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="chaos-"))
    os.chmod(folder, 0o711)  # The accounts of the browser and of PostgreSQL pass through.
    result, stopped = None, False
    try:
        with contextlib.ExitStack() as stack:
            chaos = Chaos(options, folder, stack)
            say(f"seed {options.seed}; {folder}")
            chaos.open()
            if not chaos.wait_ready(everyone=True): raise Failure("the farm did not start")
            chaos.submit()
            say(f"{chaos.run}: {options.visits} visits of {chaos.hosts} hosts")
            chaos.kill_about()
            chaos.wait_until_final()
            result = chaos.verdict(time.monotonic() - chaos.submitted)
    except Failure as failure: say(failure)
    except SystemExit:
        stopped = True
        raise
    finally:
        bad = result is None or result["final"] != options.visits or any(
            result[name] for name in [
                "lost", "doubled", "counter_errors", "early_requests", "orphan_processes", "deaths", "unclean_stops", "browser_folders"])
        if options.keep or bad and not stopped: say(f"store and logs are in {folder}")
        else: shutil.rmtree(folder, ignore_errors=True)
    if result is None: sys.exit(2)
    print(json.dumps(result), flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__": main()
