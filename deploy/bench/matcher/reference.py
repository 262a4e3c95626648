"""The matcher in PyTorch: the encoder (BERT) and the scorer of (field, span) pairs, with the weights of the model file in 32 bits."""

import json
import math
import struct

import gguf
import numpy
import torch
import torch.nn.functional as F

# Of a safetensors file (PyTorch's names of BERT, under "enc.") and of a GGUF.
LAYER = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm", "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm"}
EMBEDDING = {
    "word_embeddings.weight": "token_embd.weight", "position_embeddings.weight": "position_embd.weight",
    "token_type_embeddings.weight": "token_types.weight", "LayerNorm.weight": "token_embd_norm.weight",
    "LayerNorm.bias": "token_embd_norm.bias"}


def from_gguf(path):
    """Weights by the GGUF's names, those of the head as "head.NAME"; heads, layers and epsilon."""
    reader = gguf.GGUFReader(path)
    weights = {one.name: torch.from_numpy(gguf.quants.dequantize(one.data, one.tensor_type).copy()) for one in reader.tensors}
    for name, field in reader.fields.items():
        if name.startswith("matcher.head."):
            halves = numpy.array(field.contents(), dtype=numpy.uint16).view(numpy.float16).astype(numpy.float32)
            shape = reader.fields["matcher.shape." + name[13:]].contents()
            weights["head." + name[13:]] = torch.from_numpy(halves.reshape(shape))
    number = {key: reader.fields["bert." + key].contents() for key in
              ("attention.head_count", "block_count", "attention.layer_norm_epsilon")}
    return weights, number["attention.head_count"], number["block_count"], number["attention.layer_norm_epsilon"]


def from_safetensors(path, layers):
    """The weights that were trained, before they were quantized, by the GGUF's names."""
    kinds = {"F16": numpy.float16, "F32": numpy.float32}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = numpy.frombuffer(body[first:last], dtype=kinds[entry["dtype"]]).astype(numpy.float32)
            found[name] = torch.from_numpy(values.reshape(entry["shape"] or [1]))
    weights = {ours: found["enc.embeddings." + theirs] for theirs, ours in EMBEDDING.items()}
    for layer in range(layers):
        for theirs, ours in LAYER.items():
            for part in ("weight", "bias"):
                weights[f"blk.{layer}.{ours}.{part}"] = found[f"enc.encoder.layer.{layer}.{theirs}.{part}"]
    weights.update({"head." + name: values for name, values in found.items() if not name.startswith("enc.")})
    return weights


class Matcher:
    def __init__(self, weights, heads, layers, epsilon):
        self.w, self.heads, self.layers, self.epsilon = weights, heads, layers, epsilon

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], self.epsilon)

    def encode(self, tokens):
        """(tokens,) -> (tokens, width): the last hidden states."""
        count = tokens.shape[0]
        x = self.w["token_embd.weight"][tokens] + self.w["position_embd.weight"][:count] + self.w["token_types.weight"][0]
        x = self.norm(x, "token_embd_norm")
        for layer in range(self.layers):
            at = f"blk.{layer}."
            q, k, v = (self.linear(x, at + name).view(count, self.heads, -1).transpose(0, 1)[None] for name in ("attn_q", "attn_k", "attn_v"))
            mixed = F.scaled_dot_product_attention(q, k, v)[0].transpose(0, 1).reshape(count, -1)
            x = self.norm(x + self.linear(mixed, at + "attn_output"), at + "attn_output_norm")
            wide = F.gelu(self.linear(x, at + "ffn_up"))
            x = self.norm(x + self.linear(wide, at + "ffn_down"), at + "layer_output_norm")
        return x

    def score(self, h, fields, places, features, pairs):
        """(tokens, width), [first, end], [candidate, first, end, line], (places, features), (fields, places, pair features)
        -> (fields, places)"""
        p = torch.tensor(places)
        sums = torch.cat([h.new_zeros(1, h.shape[1]), h.double().cumsum(0).float()])
        mean = (sums[p[:, 2]] - sums[p[:, 1]]) / (p[:, 2] - p[:, 1])[:, None]
        x = (features - self.w["head.xm"]) / self.w["head.xs"]
        span = self.linear(mean, "head.wc") + self.linear(h[p[:, 1]], "head.ws") + self.linear(h[p[:, 2] - 1], "head.we")
        span = span + self.linear(h[p[:, 3]], "head.wl") + self.linear(x, "head.wx")
        field = self.linear(torch.stack([h[first:end].mean(0) for first, end in fields]), "head.wf")
        cosine = F.normalize(field, dim=-1) @ F.normalize(span, dim=-1).T
        both = torch.cat([pairs, x[None].expand(len(fields), -1, -1)], -1)
        small = self.linear(F.relu(self.linear(both, "head.g.0")), "head.g.2").squeeze(-1)
        return cosine * math.exp(self.w["head.temp"].item()) + small + self.w["head.bias"].item()
