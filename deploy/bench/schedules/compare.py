"""Fires of `gleaner schedule next --batch` beside those of cronsim. ../README.md says what is compared, `run --help` how it is called."""
import argparse
import collections
import functools
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import time
from bisect import bisect_right
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

DAY = 86_400
TEN_YEARS = 3652 * DAY
# Times of the first and the last case's beginning; ten years on from there both sides still have tables of zones, not guesses.
FIRST = int(datetime(2000, 1, 1, tzinfo=timezone.utc).timestamp())
LAST = int(datetime(2026, 7, 1, tzinfo=timezone.utc).timestamp())
# What fires more often in ten years is compared within so much of each change of clocks only.
MOST_FIRES = 8_000
AROUND = 36 * 3600
# `gleaner schedule next` answers up to so many at once.
AT_ONCE = 1_000
# Cases that one process of gleaner is asked about together.
GROUP = 50

# Zones whose changes are not plain ones: half an hour, two and three hours, days that were left out, changes at midnight or a minute after
# it, twice within weeks (Ramadan), summer time below standard time, rules that came and went, quarters of an hour.
ODD = """
Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Juba Africa/Khartoum Africa/Sao_Tome Africa/Tripoli Africa/Tunis Africa/Windhoek
America/Argentina/San_Luis America/Asuncion America/Campo_Grande America/Caracas America/Fort_Nelson America/Goose_Bay America/Grand_Turk
America/Havana America/Mexico_City America/Miquelon America/New_York America/Nuuk America/Port-au-Prince America/Punta_Arenas
America/Resolute America/Santiago America/Sao_Paulo America/Scoresbysund America/St_Johns Antarctica/Casey Antarctica/Davis
Antarctica/Macquarie Antarctica/Mawson Antarctica/Palmer Antarctica/Troll Antarctica/Vostok Asia/Almaty Asia/Amman Asia/Anadyr Asia/Baghdad
Asia/Beirut Asia/Chita Asia/Colombo Asia/Damascus Asia/Dhaka Asia/Gaza Asia/Hebron Asia/Hovd Asia/Istanbul Asia/Jerusalem Asia/Kamchatka
Asia/Karachi Asia/Kathmandu Asia/Pyongyang Asia/Tehran Atlantic/Azores Australia/Adelaide Australia/Lord_Howe Australia/Perth
Europe/Berlin Europe/Chisinau Europe/Dublin Europe/London Europe/Minsk Europe/Samara Europe/Volgograd Pacific/Apia Pacific/Auckland
Pacific/Bougainville Pacific/Chatham Pacific/Easter Pacific/Fakaofo Pacific/Fiji Pacific/Kiritimati Pacific/Norfolk Pacific/Tongatapu UTC
""".split()

# cronsim has no such names.
NAMES = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

Case = collections.namedtuple("Case", "expr zone start")
# Part of a case's ten years: fires later than `start`, up to `end`.
Span = collections.namedtuple("Span", "case start end")


# MARK: Zones


@functools.cache
def zone_changes(zone):
    """Instants from which a zone has another offset."""
    info, changes = ZoneInfo(zone), []
    low, step = FIRST - 400 * DAY, DAY // 2
    before = offset(info, low)
    while low < LAST + TEN_YEARS + DAY:
        high = low + step
        after = offset(info, high)
        if after != before:
            a, b = low, high
            while b - a > 1:
                middle = (a + b) // 2
                a, b = (middle, b) if offset(info, middle) == before else (a, middle)
            changes.append(b)
        low, before = high, after
    return changes


def offset(info, instant):
    return int(datetime.fromtimestamp(instant, info).utcoffset().total_seconds())


def last_change(zone, instant):
    """The change at or before an instant, None where there is none."""
    changes = zone_changes(zone)
    index = bisect_right(changes, instant)
    return changes[index - 1] if index else None


# MARK: Cases


class Draw:
    """Cases from a seed: the same seed, the same cases."""

    def __init__(self, seed):
        self.luck = random.Random(seed)
        self.zones = sorted(zone for zone in available_timezones() if "/" in zone)

    def case(self):
        luck = self.luck
        zone = luck.choice(ODD) if luck.random() < 0.75 else luck.choice(self.zones)
        return Case(self.expression(), zone, self.start(zone))

    def start(self, zone):
        """Anywhere, or at a change: the very second, the one before it, or within the hours in which wall times are skipped or repeated."""
        luck = self.luck
        changes = [change for change in zone_changes(zone) if FIRST <= change <= LAST]
        if not changes or luck.random() < 0.5:
            return luck.randrange(FIRST, LAST)
        return luck.choice(changes) + luck.choice([-3600, -1800, -60, -1, 0, 1, 59, 1800, 3599, luck.randrange(-DAY, DAY)])

    def expression(self):
        luck = self.luck
        if luck.random() < 0.02:
            return luck.choice(sorted(NAMES))
        fields = [self.minute(), self.hour(), *self.days()]
        if luck.random() < 0.02:
            fields[luck.randrange(5)] = luck.choice(BAD)
        return " ".join(fields)

    def minute(self):
        return self.one(
            (10, lambda: str(self.number(0, 59))), (3, lambda: "0"), (3, lambda: self.listed(0, 59)), (2, lambda: self.stepped(0, 59)),
            (1, lambda: self.ranged(0, 59)), (2, lambda: f"*/{self.luck.choice([1, 5, 7, 10, 15, 20, 30, 45, 59])}"), (1, lambda: "*"))

    def hour(self):
        hours = [0, 1, 2, 3, 4, 22, 23]
        return self.one(
            (10, lambda: str(self.luck.choice(hours))), (2, lambda: str(self.number(0, 23))),
            (4, lambda: ",".join(str(hour) for hour in self.luck.sample(hours, self.number(2, 3)))), (2, lambda: self.ranged(0, 23)),
            (2, lambda: f"0-{self.number(1, 5)}"), (2, lambda: self.stepped(0, 23)),
            (2, lambda: f"*/{self.luck.choice([1, 2, 3, 4, 5, 6, 8, 12, 23])}"), (2, lambda: "*"))

    def days(self):
        month = self.one(
            (14, lambda: "*"), (2, lambda: str(self.number(1, 12))), (2, lambda: self.named(MONTHS)), (1, lambda: self.listed(1, 12)),
            (1, lambda: self.named_range(MONTHS)), (1, lambda: self.stepped(1, 12)), (1, lambda: f"*/{self.number(1, 12)}"))
        date = self.one(
            (12, lambda: "*"), (4, lambda: str(self.number(1, 31))), (2, lambda: self.listed(1, 31)), (2, lambda: self.ranged(1, 31)),
            (1, lambda: self.stepped(1, 31)), (1, lambda: f"*/{self.number(1, 31)}"), (1, lambda: "L"), (1, lambda: "LW"),
            (1, lambda: f"{self.number(1, 28)},L"), (1, lambda: f"*,{self.number(1, 31)}"))
        weekday = self.one(
            (12, lambda: "*"), (2, lambda: str(self.number(0, 7))), (3, lambda: self.named(WEEKDAYS)), (2, lambda: self.listed(0, 7)),
            (2, lambda: self.named_range(WEEKDAYS)), (1, lambda: self.stepped(0, 7)), (1, lambda: f"*/{self.number(1, 7)}"),
            (1, lambda: f"{self.number(0, 7)}L"), (1, lambda: f"{self.named(WEEKDAYS)}#{self.number(1, 5)}"),
            (1, lambda: f"{self.number(0, 7)}#{self.number(1, 5)},{self.named(WEEKDAYS)}"), (1, lambda: f"{self.number(1, 6)},*"))
        return date, month, weekday

    def one(self, *choices):
        weights, makers = zip(*choices)
        return self.luck.choices(makers, weights)[0]()

    def number(self, low, high):
        return self.luck.randint(low, high)

    def listed(self, low, high):
        return ",".join(str(self.number(low, high)) for _ in range(self.number(2, 4)))

    def ranged(self, low, high):
        ends = sorted([self.number(low, high), self.number(low, high)])
        step = f"/{self.number(1, 9)}" if self.luck.random() < 0.4 else ""
        return f"{ends[0]}-{ends[1]}{step}"

    def stepped(self, low, high):
        return f"{self.number(low, high)}/{self.number(1, high)}"

    def named(self, names):
        name = self.luck.choice(names)
        return self.luck.choice([name, name.upper(), name.capitalize()])

    def named_range(self, names):
        first = self.number(0, len(names) - 1)
        return f"{names[first]}-{names[self.number(first, len(names) - 1)]}"


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# No field may be one of these.
BAD = "60 -1 5-3 1,,2 , */0 1/ /5 1-2-3 1/2/3 x 5#6 8L ? ** 1-*".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()


def spans(case):
    """What of a case is compared; None where cronsim refuses the expression, or finds nothing in its 50 years: gleaner refuses both."""
    try:
        sim = CronSim(plain(case.expr), datetime(2000, 1, 1))
    except CronSimError:
        return None
    if next(sim, None) is None:
        return None
    first = datetime.fromtimestamp(case.start, timezone.utc).date()
    dates = (first + timedelta(days=number) for number in range(TEN_YEARS // DAY))
    days = sum(1 for date in dates if date.month in sim.months and sim.match_day(date))
    end = case.start + TEN_YEARS
    if days * len(sim.hours) * len(sim.minutes) <= MOST_FIRES:
        return [Span(case, case.start, end)]
    near = [Span(case, case.start, case.start + AROUND)]
    return near + [Span(case, max(change - AROUND, case.start), change + AROUND) for change in zone_changes(case.zone)
                   if case.start < change <= end]


# MARK: What gleaner says


def ask(gleaner, questions):
    """Fires, with their offsets as they were told, of each span; None where the expression is refused. Each goes on from its last fire."""
    answers = [[] for _ in questions]
    begins = {number: written(span.start, span.case.zone) for number, span in enumerate(questions)}
    while begins:
        lines = [json.dumps({"expr": questions[number].case.expr, "zone": questions[number].case.zone, "from": begin, "count": AT_ONCE})
                 for number, begin in begins.items()]
        done = subprocess.run([gleaner, "schedule", "next", "--batch"], input="\n".join(lines) + "\n", capture_output=True, text=True,
                              timeout=600)
        told = done.stdout.splitlines()
        if done.returncode or len(told) != len(lines):
            raise ValueError(f"{gleaner} schedule next --batch: {len(told)} answers to {len(lines)} questions, exit code "
                             f"{done.returncode}: {done.stderr.strip()[:500]}")
        begun, begins = begins, {}
        for (number, begin), line in zip(begun.items(), told):
            answer = json.loads(line)
            if "error" in answer:
                answers[number] = None
                continue
            for text in answer["next"]:
                fire = datetime.fromisoformat(text)
                if fire.timestamp() > questions[number].end:
                    break
                answers[number].append((int(fire.timestamp()), int(fire.utcoffset().total_seconds())))
            else:
                if len(answer["next"]) == AT_ONCE:
                    begins[number] = answer["next"][-1]
    return answers


def written(instant, zone):
    """A time of RFC 3339, half of them in UTC."""
    return datetime.fromtimestamp(instant, timezone.utc if instant % 2 else ZoneInfo(zone)).isoformat()


# MARK: What cronsim says


class Bounded(CronSim):
    """cronsim that gives up where it goes in a circle for ever (IN_A_CIRCLE)."""

    gave_up = False

    def advance(self):
        self.days_tried = 0
        super().advance()

    def advance_day(self):
        self.days_tried += 1
        if self.days_tried > 5_000:
            self.gave_up = True
            raise StopIteration
        return super().advance_day()


def in_zone(span):
    """cronsim as it is, with the zone: its fires, and where it gave up. Asked from within a repeated hour, about times of a day, it begins
    with the hour's first coming: what is not later than the start is left out."""
    sim = Bounded(plain(span.case.expr), datetime.fromtimestamp(span.start, ZoneInfo(span.case.zone)))
    fires, last = [], None
    for wall in sim:
        fire = int(wall.timestamp())
        if last is not None and fire <= last:
            return fires, last
        last = fire
        if fire > span.end:
            break
        if fire > span.start:
            fires.append(fire)
    return fires, int(sim.dt.timestamp()) if sim.gave_up else None


def by_stretches(span):
    """cronsim without a zone, once for each stretch in which the clock has one offset: what an interval is that follows the wall clock."""
    expr, info, fires = plain(span.case.expr), ZoneInfo(span.case.zone), []
    begin = span.start + 1
    for end in [change for change in zone_changes(span.case.zone) if begin < change <= span.end] + [span.end + 1]:
        shift = offset(info, begin)
        for wall in CronSim(expr, datetime.fromtimestamp(begin - 1 + shift, timezone.utc)):
            fire = int(wall.timestamp()) - shift
            if fire >= end:
                break
            fires.append(fire)
        begin = end
    return fires


def plain(expr):
    """An expression as cronsim reads it: names written out, and of a range of one value the step left out, since cronsim takes 13-13/4 for
    13/4 (Debian's cron and gleaner for 13)."""
    return re.sub(r"\b(\w+)-\1/\d+", r"\1", NAMES.get(expr, expr))


def is_interval(expr):
    """Whether minute or hour begin with "*". All else names times of a day, for Debian's cron, cronsim and gleaner alike."""
    minute, hour, *_ = plain(expr).split()
    return minute[0] == "*" or hour[0] == "*"


# MARK: Comparison

# Where cronsim with the zone loses an interval. Each is a fact of its code, allowed for nothing but intervals whose fires are those of
# `by_stretches`, and only at a change of clocks of that kind.
#
# It goes on by whole hours from a wall time whose minutes it has set to 0, which does not exist, or is another one, where clocks change by
# other than whole hours or within an hour: the rest of that day may lack fires.
UNEVEN = "uneven change: cronsim leaves times out"
# It goes to a day by its midnight, also where that is skipped: it takes it for a fire at the moment of the change, or goes on from there by
# an hour and so leaves out the first one.
NO_MIDNIGHT = "midnight skipped: an hour of cronsim's is wrong"
# It goes to midnight, or by an hour, into what a change within the hour after midnight repeats, finds the day or the hour before, and goes
# there again.
IN_A_CIRCLE = "back soon after midnight: cronsim does not end"


def rule(zone, instant, is_ours, gave_up):
    """Which of these lets a fire be one side's alone; None where none does."""
    info = ZoneInfo(zone)
    if gave_up is not None and is_ours and instant > gave_up - DAY:
        change = last_change(zone, gave_up + 2 * DAY)
        before, after = walls(info, change)
        return IN_A_CIRCLE if abs(change - gave_up) <= 2 * DAY and after < before and 0 < before % DAY < 3600 else None
    change = last_change(zone, instant)
    if change is None:
        return None
    before, after = walls(info, change)
    if is_ours and instant - change < DAY and (before % 3600 or after % 3600):
        return UNEVEN
    midnight = -(-before // DAY) * DAY
    if midnight < after and (instant < change + midnight - before + 3600 if is_ours else instant == change):
        return NO_MIDNIGHT
    return None


def walls(info, change):
    """What the wall clock would show at a change, and what it shows."""
    return change + offset(info, change - 1), change + offset(info, change)


class Result:
    def __init__(self):
        self.count = collections.Counter()
        self.faults = []

    def fault(self, span, text):
        self.count["differences"] += 1
        case = span.case
        self.faults.append(f'"{case.expr}" in {case.zone} from {written(span.start, case.zone)}: {text}')


def compare(span, answer, result):
    expr, zone = span.case.expr, span.case.zone
    ours = [fire for fire, _ in answer]
    result.count["fires"] += len(ours)
    for fire, shift in answer:
        if offset(ZoneInfo(zone), fire) != shift:
            result.fault(span, f"{told([fire], zone)} is told with {shift} s from UTC: gleaner's zones are of another tzdata than in run")
            return
    theirs, gave_up = in_zone(span)
    excused = set()
    if is_interval(expr):
        stretches = by_stretches(span)
        if ours != stretches:
            difference(span, ours, stretches, "cronsim by stretches", result)
            return
        own = set(ours)
        for fire in own ^ set(theirs):
            if reason := rule(zone, fire, fire in own, gave_up):
                excused.add(fire)
                result.count[reason] += 1
    theirs = [fire for fire in theirs if fire not in excused]
    ours = [fire for fire in ours if fire not in excused]
    if ours != theirs:
        difference(span, ours, theirs, "cronsim", result)


def difference(span, ours, theirs, who, result):
    only_ours, only_theirs = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    zone = span.case.zone
    order = "" if only_ours or only_theirs else "; the same times in another order, or one twice"
    result.fault(span, f"gleaner alone has {told(only_ours[:3], zone)}; {who} alone has {told(only_theirs[:3], zone)}{order}")


def told(instants, zone):
    return ", ".join(datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat() for instant in instants) or "nothing"


def work(job):
    gleaner, cases = job
    result = Result()
    parts = []
    for case in cases:
        wanted = spans(case)
        result.count["refused"] += wanted is None
        # One question all the same: it must be refused.
        parts += wanted or [Span(case, case.start, case.start)]
    for span, answer in zip(parts, ask(gleaner, parts)):
        if (answer is None) != (span.start == span.end):
            result.fault(span, f"{'gleaner' if answer is None else 'cronsim'} alone refuses it")
        elif answer is not None:
            compare(span, answer, result)
    return result


def main():
    parser = argparse.ArgumentParser(prog="deploy/bench/schedules/run")
    parser.add_argument("--cases", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--gleaner", required=True)
    options = parser.parse_args()
    began = time.monotonic()
    print(f"seed {options.seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    draw = Draw(options.seed)
    cases = [draw.case() for _ in range(options.cases)]
    groups = [(options.gleaner, cases[at:at + GROUP]) for at in range(0, len(cases), GROUP)]
    count, faults = collections.Counter(), []
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for number, result in enumerate(pool.imap(work, groups), 1):
            count += result.count
            faults += result.faults
            print(f"{min(number * GROUP, len(cases))} of {len(cases)} cases, {count['fires']} fires, {count['differences']} differences",
                  file=sys.stderr)
    seconds = time.monotonic() - began
    rows = [("cases", len(cases)), ("in zones", len({case.zone for case in cases})), ("refused by both", count["refused"]),
            ("fires compared", count["fires"]), *((reason, count[reason]) for reason in (UNEVEN, NO_MIDNIGHT, IN_A_CIRCLE)),
            ("differences", count["differences"]), ("seconds", round(seconds))]
    for name, value in rows:
        print(f"{name:<50}{value:>12}")
    if faults:
        print("the first differences:")
    for fault in faults[:10]:
        print("  " + fault)
    print(json.dumps({
        "seed": options.seed, "cases": len(cases), "zones": rows[1][1], "refused": count["refused"], "fires": count["fires"],
        "excused": {reason: count[reason] for reason in (UNEVEN, NO_MIDNIGHT, IN_A_CIRCLE)},
        "differences": count["differences"], "seconds": round(seconds, 1)}))
    return 1 if count["differences"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"deploy/bench/schedules/run: {error}", file=sys.stderr)
        sys.exit(2)
