"""Both programs over the same cases in alternating rounds; medians, ratios and the goal as a table and a line of JSON."""
import json, os, statistics, subprocess, sys, tempfile

client, reference, material = sys.argv[1:]
ROUNDS, TIMES, GOAL = 5, 20, 1.0
# Name, program, order.
CASES = [
    ("Google, parse and match", reference, "parsed"),
    ("Gleaner, parse and match", client, "parsed"),
    ("Gleaner, file kept", client, "kept"),
]
THEIRS, OURS, KEPT = (name for name, _, _ in CASES)

with open(f"{material}/real_cases.jsonl", encoding="utf-8") as file: cases = [json.loads(line) for line in file]
files = {case["robots"]: os.path.realpath(f"{material}/real/{case['robots']}.robots.txt") for case in cases}
with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as listed:
    for case in cases: print(files[case["robots"]], case["user_agent"], case["url"], sep="\t", file=listed)
    listed.flush()
    programs = {
        path: subprocess.Popen([path, listed.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for path in (client, reference)}

    def order(path, *words):
        print(*words, file=programs[path].stdin, flush=True)
        answer = programs[path].stdout.readline().split()
        if not answer: sys.exit(f"deploy/bench/robots: {path} ended with {programs[path].wait()}")
        return answer

    verdicts = {path: order(path, "verdicts", 1)[0] for path in programs}
    expected = "".join("01"[case["google_reference"]] for case in cases)
    for path, found in verdicts.items():
        wrong = [case["url"] for case, a, b in zip(cases, found, expected) if a != b]
        if wrong or len(found) != len(expected):
            sys.exit(f"deploy/bench/robots: {path}: {len(wrong)} of {len(cases)} verdicts are wrong; the first is on {wrong[:1]}")

    seconds = {name: [] for name, _, _ in CASES}
    for number in range(ROUNDS + 1):
        for name, path, what in CASES if number % 2 else CASES[::-1]:
            time = float(order(path, what, TIMES)[0])
            # The first round warms up.
            if number: seconds[name].append(time)
    for process in programs.values():
        process.stdin.close()
        process.wait()

median = {name: statistics.median(times) / TIMES / len(cases) * 1e6 for name, times in seconds.items()}
print(f"{len(cases)} verdicts on {len(files)} files, all equal; median of {ROUNDS} rounds; load {os.getloadavg()[0]:.1f}\n")
print("| | µs a verdict | of rounds | verdicts/s | times Google's speed |\n|---|---|---|---|---|")
for name, time in median.items():
    low, high = (pick(seconds[name]) / TIMES / len(cases) * 1e6 for pick in (min, max))
    print(f"| {name} | {time:.2f} | {low:.2f} to {high:.2f} | {1e6 / time:,.0f} | {median[THEIRS] / time:.2f} |")
ratio = median[THEIRS] / median[OURS]
print(f"\nparse and match, at least {GOAL} times Google's speed: {ratio:.2f} {'met' if ratio >= GOAL else 'MISSED'}")
print(json.dumps({
    "cases": len(cases), "files": len(files), "microseconds": {name: round(time, 3) for name, time in median.items()},
    "ratio": round(ratio, 2), "keptRatio": round(median[THEIRS] / median[KEPT], 2), "met": ratio >= GOAL}))
