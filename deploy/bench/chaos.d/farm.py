"""What is started, killed and looked at: farms, the site, a PostgreSQL server; the store by its own tools; processes by /proc.

Everything that is started is ended by whoever holds it, by its id; what lost its parent comes to this process (a subreaper) and is known by
that. What a script killed with -9 leaves ends by `--pdeathsig`, and the site by itself.
"""
import csv, ctypes, glob, io, os, secrets, shutil, signal, socket, sqlite3, subprocess, sys, time
from checks import Visit

SUBREAPER = 36  # prctl(2)


def say(text): print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


class Failure(Exception):
    """What keeps the script from finding out; no fault of the farm's."""


class Process:
    """In a session of its own, so that Ctrl-C reaches the script only."""

    def __init__(self, command, log, environment=None, account=None, death="KILL", output=None):
        self.name = os.path.basename(log)
        as_account = ["--reuid", account, "--regid", account, "--clear-groups", "--inh-caps=-all"] if account else []
        self.log = open(log, "ab")
        self.began = self.log.tell()
        self.child = subprocess.Popen(
            ["setpriv", "--pdeathsig", death, *as_account, "--", *command], stdin=subprocess.DEVNULL, stdout=output or self.log,
            stderr=self.log, env=environment, start_new_session=True)
        self.pid, self.started = self.child.pid, time.monotonic()

    @property
    def is_running(self): return self.child.poll() is None

    def written(self):
        """What it has written to its log since it was started."""
        with open(self.log.name, "rb") as file:
            file.seek(self.began)
            return file.read().decode(errors="replace")

    def kill(self):
        """-9, to the process alone: what it has started must find its own end."""
        self.child.kill()
        self.child.wait()
        self.log.close()

    def stop(self, number=signal.SIGTERM, patience=30):
        """Its exit status; None where it had to be killed."""
        if self.is_running: self.child.send_signal(number)
        try: return self.child.wait(patience)
        except subprocess.TimeoutExpired: return None
        finally:
            if self.is_running: self.kill()
            self.log.close()


# MARK: processes of the farms, dead and alive

def become_subreaper():
    if ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0): raise Failure("no subreaper (prctl)")


def table():
    """Process id → parent, state; without those that end while we look."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit(): continue
        try:
            with open(f"/proc/{name}/stat") as file: fields = file.read().rpartition(")")[2].split()
            found[int(name)] = (int(fields[1]), fields[0])
        except OSError: pass
    return found


def below(root, processes):
    """Ids of all that descend from a process."""
    children = {}
    for pid, (parent, _) in processes.items(): children.setdefault(parent, []).append(pid)
    found, todo = set(), [root]
    while todo:
        for child in children.get(todo.pop(), []):
            found.add(child)
            todo.append(child)
    return found


def orphans(held):
    """Living processes of ours that descend from none of `held`, the processes that we started and that are alive: they lost their parent and
    so came to us. By descent and not by the mark in the environment of browsers: Chromium writes its title over its environment, so that
    /proc/PID/environ has nothing of it."""
    processes = table()
    alive = {pid for pid, (_, state) in processes.items() if state not in "ZX"}
    return (below(os.getpid(), processes) - set(held).union(*(below(pid, processes) for pid in held))) & alive


def collect(held):
    """Takes note of the dead that came to us; else they would stay in the process table."""
    for pid, (parent, state) in table().items():
        if parent == os.getpid() and state == "Z" and pid not in held:
            try: os.waitpid(pid, os.WNOHANG)
            except ChildProcessError: pass


def title(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file: return f"{pid} " + file.read().replace(b"\0", b" ").decode(errors="replace")[:120]
    except OSError: return str(pid)


# MARK: stores

VISITS = "SELECT url, state, finished_at FROM visits"
# In one statement: tallies and rows of one moment.
LOOK = f"{VISITS} UNION ALL SELECT '', state, CAST(sum(n) AS BIGINT) FROM run_counts GROUP BY state"
RECORDS = "SELECT v.url, r.body FROM records r JOIN visits v ON v.id = r.visit_id"
RUNS = "SELECT uid, state FROM runs"


class Store:
    """Read by the database's own tools, not by ours. `rows` gives lists of text."""

    def look(self):
        """Visits, and the tallies by state."""
        visits, tallies = [], {}
        for url, state, number in self.rows(LOOK):
            if url: visits.append(Visit(url, int(state), int(number) if number else None))
            elif int(number): tallies[int(state)] = int(number)
        return visits, tallies

    def records(self): return self.rows(RECORDS)

    def runs(self): return dict(self.rows(RUNS))


class SQLite(Store):
    restarts = 0

    def __init__(self, folder, _): self.place, self.environment = f"{folder}/gleaner.sqlite", {}

    def rows(self, query):
        file = sqlite3.connect(f"file:{self.place}?mode=ro", uri=True, timeout=20)
        try: return [["" if value is None else str(value) for value in row] for row in file.execute(query)]
        finally: file.close()

    def stop(self): pass


class PostgreSQL(Store):
    """A server of this script alone, on loopback, as deploy/with-postgres has it."""

    def __init__(self, folder, log):
        bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
        if not bins: raise Failure("no PostgreSQL server here: deploy/setup --tests installs one")
        self.bin, self.data, self.log, self.restarts = bins[-1], f"{folder}/postgres/data", log, 0
        self.account = "gleaner" if os.getuid() == 0 else None  # The server refuses to run as root.
        password, secret = secrets.token_urlsafe(18), f"{folder}/postgres/password"
        os.mkdir(f"{folder}/postgres", 0o700)
        with open(secret, "w") as file: file.write(password)
        if self.account:
            for path in [f"{folder}/postgres", secret]: shutil.chown(path, self.account, self.account)
        made = Process(
            [f"{self.bin}/initdb", "-D", self.data, "-U", "gleaner", "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8",
             "--no-sync"], log, account=self.account)
        if made.child.wait(120): raise Failure(f"initdb failed:\n{made.written()[-2000:]}")
        os.remove(secret)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = {"PGPASSWORD": password}
        self.place = f"postgres://gleaner@127.0.0.1:{self.port}/postgres"
        self.server = None
        self.start()

    def start(self):
        # INT: "fast", clients are sent away.
        self.server = Process(
            [f"{self.bin}/postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c",
             "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "autovacuum_naptime=5s"],
            self.log, account=self.account, death="INT")
        for _ in range(600):
            if subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0: return
            if not self.server.is_running: break
            time.sleep(0.1)
        raise Failure(f"the PostgreSQL server did not start:\n{self.server.written()[-2000:]}")

    def restart(self, away=0):
        """As `pg_ctl restart -m immediate`: no goodbye to clients, no checkpoint, recovery at the start; `away` seconds in between."""
        self.server.stop(signal.SIGQUIT)
        time.sleep(away)
        self.restarts += 1
        self.start()

    def rows(self, query):
        done = subprocess.run(
            [f"{self.bin}/psql", "-X", "-q", "-d", self.place, "-c", f"COPY ({query}) TO STDOUT WITH (FORMAT csv)"], capture_output=True,
            text=True, timeout=60, env={**os.environ, **self.environment})
        if done.returncode: raise Failure(f"psql: {done.stderr.strip()}")
        return list(csv.reader(io.StringIO(done.stdout, newline="")))

    def stop(self):
        if self.server: self.server.stop(signal.SIGINT)
