"""The client's lines as a table, ratios and goals; in the last line as JSON."""
import json, os, sys

batch, workers, synchronous = sys.argv[1:]
rows = [json.loads(line) for line in sys.stdin if line.startswith("{")]
found = {(r["store"], r["visits"], r["shape"], r["queue"]): r for r in rows}
queues = ["gleaner", "join", "bare"]
print(f"batch {batch}; SQLite: one writer, WAL, synchronous NORMAL; PostgreSQL: {workers} connections, synchronous_commit {synchronous}; load {os.getloadavg()[0]:.1f}")
print("\n| store | visits | shape | " + " | ".join(f"{q}: visits/s, CPU µs, claim ms" for q in queues) + " |")
print("|---" * (3 + len(queues)) + "|")
for store, visits, shape in dict.fromkeys((r["store"], r["visits"], r["shape"]) for r in rows):
    cells = [found.get((store, visits, shape, q)) for q in queues]
    text = [f"{c['per_second']:,}, {c['cpu_us']:,}, {c['claim_ms']:.1f}" if c else "" for c in cells]
    print(f"| {store} | {visits:,} | {shape} | " + " | ".join(text) + " |")


def cpu(store, visits, shape): return (found.get((store, visits, shape, "gleaner")) or {}).get("cpu_us")


goals = {}
for store in dict.fromkeys(r["store"] for r in rows):
    even = found.get((store, 100_000, "even", "gleaner"))
    if even: goals[f"{store}: 8,000 visits a second at 100,000"] = [even["per_second"], even["per_second"] >= 8000]
    for big, small, shape, most, what in [
        (1_000_000, 100_000, "even", 1.5, "CPU from 100,000 to 1,000,000"), (1_000_000, 1_000_000, "skew", 1.2, "CPU of skew to even at 1,000,000"),
        (1_000_000, 1_000_000, "waiting", 1.2, "CPU of waiting to even at 1,000,000")]:
        a, b = cpu(store, big, shape), cpu(store, small, "even")
        if a and b: goals[f"{store}: {what}, at most {most}"] = [round(a / b, 2), a / b <= most]
print()
for name, (value, met) in goals.items(): print(f"{name}: {value} {'met' if met else 'MISSED'}")
print(json.dumps({"rows": rows, "goals": goals}))
