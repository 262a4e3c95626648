"""Alternating rounds of Gleaner's child process and llama.cpp's own loop; medians, ratios, and in the last line JSON."""

import json
import os
import statistics
import subprocess
import sys

gleaner, loop, model, rounds, tokens = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
# As Gleaner has it: all cores but one, at most 8.
threads = max(1, min((os.cpu_count() or 1) - 1, 8))
# What `gleaner model test` asks.
SYSTEM = "You answer in JSON."
USER = "List thirty things that one can find in a garden, one word each, in lower case."


def answer(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600).stdout)


cases = {
    "llama.cpp": [loop, model, tokens, str(threads), "8192", SYSTEM, USER],
    "gleaner": [gleaner, "model", "test", model, "--tokens", tokens, "--free", "--json"],
    "gleaner, grammar": [gleaner, "model", "test", model, "--tokens", tokens, "--json"],
}
found = {name: [] for name in cases}
for command in cases.values():
    answer(command)  # once before anything is measured: the file is then in memory
for number in range(rounds):
    for name in list(cases) if number % 2 == 0 else list(cases)[::-1]:
        found[name].append(answer(cases[name]))

own = [one["answerTokensPerSecond"] for one in found["llama.cpp"]]
result = {"threads": threads, "rounds": rounds, "load": os.getloadavg()[0], "cases": {}}
print(f"{os.path.basename(model)}, {threads} threads, {rounds} rounds, load {os.getloadavg()[0]:.1f}; tokens a second, medians")
for name, ones in found.items():
    speeds = [one["answerTokensPerSecond"] for one in ones]
    ratio = statistics.median(speed / base for speed, base in zip(speeds, own))
    reading = statistics.median(one["promptTokensPerSecond"] for one in ones)
    result["cases"][name] = {
        "tokens": ones[0]["answerTokens"], "promptTokens": ones[0]["promptTokens"], "write": statistics.median(speeds),
        "writeRange": [min(speeds), max(speeds)], "read": reading, "ratio": round(ratio, 3)}
    print(
        f"{name:18} {ones[0]['answerTokens']:4} tokens  write {statistics.median(speeds):7.1f} ({min(speeds):.1f} to {max(speeds):.1f})"
        f"  read {reading:7.1f}  ratio of writing {ratio:.3f}")
same = found["gleaner"][0]["answerTokens"] == found["llama.cpp"][0]["answerTokens"]
result["sameLength"] = same
goal = result["cases"]["gleaner"]["ratio"] >= 0.95
print("both wrote as many tokens" if same else "NOT the same number of tokens", "goal of 0.95 met" if goal else "goal of 0.95 missed", sep="; ")
print(json.dumps(result))
