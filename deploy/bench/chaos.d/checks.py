"""What must be true of a run, as questions to two witnesses: the site's log and what was read from the store. No processes, no files but the
log: `checks_test.py` puts every fault before them."""
import collections, re, shop

Request = collections.namedtuple("Request", "at wall method host path kind")  # at: monotonic clock, wall: the world's; nanoseconds
Visit = collections.namedtuple("Visit", "url state finished")  # finished: microseconds of the world's clock; None where it is open
OPEN, COMPLETED = 0, 3
STATES = {OPEN: "open", COMPLETED: "completed", 4: "failed", 5: "skipped", 6: "partial", 7: "dead"}


def requests(text):
    """Of a log whose last line may be unfinished."""
    return [Request(int(at), int(wall), *rest) for at, wall, *rest in (line.split("\t") for line in text.split("\n")[:-1])]


def documents(log): return [r for r in log if r.kind == "document"]


def early(log, floor):
    """Pairs of documents of one host that are less than `floor` seconds apart."""
    last, pairs = {}, []
    for request in sorted(documents(log)):
        before = last.get(request.host)
        if before and request.at - before.at < floor * 1e9: pairs.append((before, request))
        last[request.host] = request
    return pairs


class Witness:
    """Remembers what was final when the store was looked at, so that nothing final can change or be done again unseen."""

    def __init__(self):
        self.final = {}  # place → when it was first seen to have become final
        self.rewritten, self.miscounted = set(), []

    def look(self, visits, tallies):
        """`tallies`: visits by state as the store says; read in the same moment as the visits."""
        for visit in visits:
            place = shop.place(visit.url)
            if place in self.final and visit.finished != self.final[place]: self.rewritten.add(place)
            if visit.state != OPEN and visit.finished: self.final.setdefault(place, visit.finished)
        counted = collections.Counter(visit.state for visit in visits)
        self.miscounted += [
            f"{counted[state]} visits are {STATES.get(state, state)}, the tally says {tallies.get(state, 0)}"
            for state in sorted(set(counted) | set(tallies)) if counted[state] != tallies.get(state, 0)]

    def asked_again(self, log):
        """Places whose document was asked for when they were final. The store's time and the site's are of one machine."""
        places = ((shop.place(r.host + r.path), r.wall) for r in documents(log))
        return {place for place, wall in places if place in self.final and wall > self.final[place] * 1000}


def twice(visits, records):
    """Places that have two visits, or a record that is there twice or belongs elsewhere. `records`: pairs of address and body."""
    found = {place for place, n in collections.Counter(shop.place(v.url) for v in visits).items() if n > 1}
    for place, seen in keys_by_place(records).items():
        if place is None or len(seen) > len(set(seen) & shop.keys(*place)): found.add(place)
    return found


def lost(wanted, visits, records, log):
    """Places of `wanted` that are not final, or said to be completed without all their records, or without a request."""
    state = {shop.place(v.url): v.state for v in visits}
    seen = keys_by_place(records)
    asked = {shop.place(r.host + r.path) for r in documents(log)}
    return {
        place for place in wanted
        if state.get(place, OPEN) == OPEN
        or state[place] == COMPLETED and (place not in asked or not shop.keys(*place) <= set(seen.get(place, [])))}


def keys_by_place(records):
    seen = collections.defaultdict(list)
    # A record names its item once; where name and another field both hold it, it is one record still.
    for url, body in records: seen[shop.place(url)] += sorted(set(re.findall(r"\d+-\d+-\d+", body)))
    return seen


def rendered(log):
    """Places whose script ran: it asked for their data."""
    return {shop.place(r.host + r.path.replace("/data/", "/p/")) for r in log if r.path.startswith("/data/")}
