"""Gleaner's encoder and scorer beside PyTorch's: differences on pages, then alternating rounds of equal chunks. JSON in the last line."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

options = argparse.ArgumentParser(prog="deploy/bench/matcher/run")
options.add_argument("--client", required=True)
options.add_argument("--model", required=True)
options.add_argument("--libraries", required=True)
options.add_argument("--weights", help="a safetensors file: the weights before they were quantized, to be compared with, too")
options.add_argument("--rounds", type=int, default=7)
options.add_argument("--chunks", type=int, default=4, help="chunks a round (4)")
options.add_argument("--tokens", type=int, default=384, help="tokens a chunk (384)")
options.add_argument("pages", nargs="+")
options = options.parse_args()
sys.path.insert(0, options.libraries)

import numpy
import torch

import reference

torch.set_num_threads(1)
torch.set_grad_enabled(False)

weights, heads, layers, epsilon = reference.from_gguf(options.model)
ours = reference.Matcher(weights, heads, layers, epsilon)
references = {"PyTorch, the file's weights in 32 bits": ours}
if options.weights:
    references["PyTorch, the weights before quantization"] = reference.Matcher(
        reference.from_safetensors(options.weights, layers), heads, layers, epsilon)

work = tempfile.TemporaryDirectory()
client = subprocess.Popen(
    [options.client, options.model, work.name, *options.pages], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line(process):
    text = process.stdout.readline()
    if not text:
        sys.exit(f"deploy/bench/matcher: the client ended with {process.wait()}")
    return text


def compare(matcher, count):
    """What differs over all pages."""
    cosines, differences, scores, same, choices, tokens = [], [], [], 0, 0, 0
    for number in range(count):
        with open(f"{work.name}/{number}.json") as file:
            page = json.load(file)
        numbers = torch.from_numpy(numpy.fromfile(f"{work.name}/{number}.f32", dtype="<f4"))
        at = 0

        def take(*shape):
            nonlocal at
            size = int(numpy.prod(shape))
            at += size
            return numbers[at - size:at].view(*shape)

        width = matcher.w["token_embd_norm.weight"].shape[0]
        vectors = [take(len(chunk), width) for chunk in page["chunks"]]
        features = take(page["candidates"], page["features"])
        pairs = take(len(page["fields"]), page["candidates"], page["pairFeatures"])
        found = take(len(page["fields"]), page["candidates"])
        best = torch.full_like(found, -1e9)
        for chunk, places, own in zip(page["chunks"], page["places"], vectors):
            h = matcher.encode(torch.tensor(chunk))
            cosines.append(1 - torch.cosine_similarity(h.double(), own.double(), dim=-1))
            tokens += len(chunk)
            candidates = torch.tensor([place[0] for place in places])
            expected = matcher.score(h, page["fields"], places, features[candidates], pairs[:, candidates])
            best[:, candidates] = expected
            differences.append((expected - found[:, candidates]).abs().flatten())
            scores.append(expected.flatten())
        read = best[0] > -1e8
        for field in range(len(page["fields"])):
            top = best[field].argmax().item()
            # What is below the decision's border is chosen by nobody.
            if best[field][top] > -1.5:
                choices += 1
                same += int(torch.where(read, found[field], -1e9).argmax().item() == top)
    cosine, difference = torch.cat(cosines), torch.cat(differences)
    # A sum of the head over vectors is no better known than in 32 bits.
    return {
        "tokens": tokens, "scores": difference.numel(), "cosineMean": cosine.mean().item(), "cosineMax": cosine.max().item(),
        "scoreMedian": difference.median().item(), "score99": difference.kthvalue(max(1, int(0.99 * difference.numel()))).values.item(),
        "scoreMax": difference.max().item(), "choices": choices, "sameChoice": same}


count = int(line(client))
if count == 0:
    sys.exit("deploy/bench/matcher: no page has anything to read")
result = {"pages": count, "torch": torch.__version__, "equality": {}, "time": {}}
print(f"{count} pages, PyTorch {torch.__version__}; 1 - cosine of token vectors, difference of span scores")
for name, matcher in references.items():
    one = result["equality"][name] = compare(matcher, count)
    print(
        f"{name:42} {one['tokens']} tokens: mean {one['cosineMean']:.2e}, largest {one['cosineMax']:.2e}; {one['scores']} scores: "
        f"median {one['scoreMedian']:.3f}, 99 of 100 below {one['score99']:.3f}, largest {one['scoreMax']:.3f}; "
        f"best candidate the same in {one['sameChoice']} of {one['choices']}")

pool = []
for number in range(count):
    with open(f"{work.name}/{number}.json") as file:
        pool += [token for chunk in json.load(file)["chunks"] for token in chunk]
size = options.tokens
while len(pool) < size * options.chunks:
    pool += pool
chunks = [pool[at * size:(at + 1) * size] for at in range(options.chunks)]
tensors = [torch.tensor(chunk) for chunk in chunks]


def gleaner():
    print(json.dumps(chunks), file=client.stdin, flush=True)
    return json.loads(line(client))


def pytorch():
    times = []
    for chunk in tensors:
        start = time.perf_counter()
        ours.encode(chunk)
        times.append((time.perf_counter() - start) * 1e3)
    return times


cases = {"Gleaner": gleaner, "PyTorch": pytorch}
times = {name: [] for name in cases}
for measure in cases.values():
    measure()  # once before anything counts
for number in range(options.rounds):
    for name in list(cases) if number % 2 == 0 else list(cases)[::-1]:
        times[name].append(statistics.median(cases[name]()))
load = os.getloadavg()[0]
print(f"milliseconds for a chunk of {size} tokens on one thread, {options.rounds} rounds of {options.chunks}, load {load:.1f}")
for name, ones in times.items():
    result["time"][name] = {"median": statistics.median(ones), "range": [min(ones), max(ones)]}
    print(f"{name:10} {statistics.median(ones):8.1f} ({min(ones):.1f} to {max(ones):.1f})")
ratios = [a / b for a, b in zip(times["Gleaner"], times["PyTorch"])]
result.update(load=load, ratio=statistics.median(ratios), ratioRange=[min(ratios), max(ratios)])
print(f"Gleaner takes {statistics.median(ratios):.2f} of PyTorch's time ({min(ratios):.2f} to {max(ratios):.2f})")
client.stdin.close()
client.wait()
print(json.dumps(result))
