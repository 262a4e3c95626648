"""What must be true of a crawl, as questions to two witnesses: the site's log and what was read from the store. No processes, no files:
`proofs_test.py` puts every fault before them."""
import collections, json, re, urllib.parse

Request = collections.namedtuple("Request", "at host target kind name")  # at: monotonic clock, nanoseconds
Visit = collections.namedtuple("Visit", "url final state")  # Of pages; final: where it came from in the end, or empty.
OPEN, COMPLETED, PARTIAL = 0, 3, 6
FORBIDDEN = ("outside", "excluded", "disallowed", "nofollow", "other")


def requests(text):
    """Of a log whose last line may be unfinished."""
    return [Request(int(at), *rest) for at, *rest in (line.split("\t") for line in text.split("\n")[:-1])]


def asked(log):
    """How often each page was asked for."""
    return collections.Counter(r.name for r in log if r.kind == "page")


def redirected(log):
    """Requests for pages that were asked for anyway, which redirects led to."""
    led = collections.Counter()
    for r in log:
        if r.kind == "redirect" and (found := re.fullmatch(r"(.*)/(moved|old)/(\d+)", r.name)):
            led[f"{found[1]}/item/{found[3]}" if found[2] == "moved" else f"{found[1]}/fresh/1"] += 1
    return {name: min(n - 1, led[name]) for name, n in asked(log).items() if n > 1 and led[name]}


def again(log, excused=()):
    """Pages → requests beyond the first, those that redirects led to and those that are `excused` (names, one for each request) left out."""
    excused = collections.Counter(excused) + collections.Counter(redirected(log))
    return {name: n - 1 - excused[name] for name, n in asked(log).items() if n - 1 > excused[name]}


def after(log, at, final):
    """Pages that were asked for though they were final at that time."""
    return {r.name for r in log if r.kind == "page" and r.at > at and r.name in final} - set(redirected(log))


def order(log):
    """What was asked for, in order; robots.txt is asked for beside the visits."""
    return [r.host + r.target for r in log if r.kind != "robots"]


def by_host(order):
    hosts = collections.defaultdict(list)
    for one in order: hosts[one.partition("/")[0]].append(one)
    return dict(hosts)


class Judge:
    """Knows what the site has."""

    def __init__(self, site): self.site = site

    def name(self, url):
        """Kind and name of what is at an address."""
        place = urllib.parse.urlsplit(url)
        target = (urllib.parse.quote(place.path, safe="/%;=") or "/") + ("?" + place.query if place.query else "")
        answer = self.site.respond(place.hostname, target)
        return answer.kind, answer.name

    def content(self, url):
        """The same; of a copy, that of its original."""
        place = urllib.parse.urlsplit(url)
        of = self.site.original(place.path + ("?" + place.query if place.query else ""))
        return self.name(f"http://{place.netloc}{of}" if of else url)

    def completed(self, visits):
        """How often each page is completed; and what else is, by its kind and name."""
        pages, others = collections.Counter(), collections.Counter()
        for visit in visits:
            if visit.state not in (COMPLETED, PARTIAL): continue
            kind, name = self.content(visit.final or visit.url)
            if kind == "page": pages[name] += 1
            else: others[(kind, name)] += 1
        return pages, others

    def final(self, visits):
        """Names of pages whose own visits are final, whatever led there besides."""
        return self.pages(visit.url for visit in visits if visit.state != OPEN)

    def pages(self, urls): return {name for kind, name in map(self.name, urls) if kind == "page"}

    def records(self, lines):
        """Pages whose record is missing, is there more than once, or is wrong; `lines` are those of `runs export --format ndjson`."""
        found = collections.defaultdict(list)
        for line in lines:
            record = json.loads(line)
            found[self.content(record["_url"])[1]].append((record.get("name"), (record.get("price") or {}).get("amount")))
        wanted = self.site.items()
        return (
            sorted(set(wanted) - set(found)), sorted(name for name, some in found.items() if len(some) > 1),
            sorted(name for name, some in found.items() if set(some) != {wanted.get(name)}))


def growth(samples):
    """Mean of the last quarter by that of the second; None where there are too few to tell."""
    quarter = len(samples) // 4
    if quarter < 5: return None
    return sum(samples[-quarter:]) / sum(samples[quarter:2 * quarter])
