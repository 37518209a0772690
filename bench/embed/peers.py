"""Embeds passages by sentence-transformers (PyTorch) and by ONNX Runtime in Python, whenever a line on standard input asks.

    python peers.py MODEL_FOLDER PASSAGES.json

A line names a contestant below and a batch size; the answer is a line with the seconds it took. `peak` answers with the
GFLOP/s of large matrix products, `tokens` with the mean length of a passage. PyTorch runs a model of the same shape with random weights where the folder has only
ONNX graphs: its speed is the same.
"""
import json
import shutil
import sys
import tempfile
import time

import numpy as np

model, passages = sys.argv[1], json.load(open(sys.argv[2]))


def sentence_transformers():
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(model, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("onnx"))
        BertModel(BertConfig.from_pretrained(model)).save_pretrained(folder)
        embedder = SentenceTransformer(folder, device="cpu")
    return lambda texts, size: embedder.encode(texts, batch_size=size, show_progress_bar=False)


def onnxruntime(graph):
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(f"{model}/onnx/{graph}", providers=["CPUExecutionProvider"])

    def run(texts, size):
        texts = sorted(texts, key=len)
        for start in range(0, len(texts), size):
            encoded = tokenizer.encode_batch(texts[start : start + size])
            ids = np.array([e.ids for e in encoded], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            state = session.run(None, feeds)[0]
            pooled = (state * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    return run


def peak():
    """The best of NumPy and PyTorch at products of 2048 x 2048, in GFLOP/s."""
    import torch

    size, best = 2048, 0.0
    for left in (np.ones((size, size), np.float32), torch.ones(size, size)):
        for _ in range(12):
            begun = time.perf_counter()
            left @ left
            best = max(best, 2e-9 * size**3 / (time.perf_counter() - begun))
    return best


def mean_tokens():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    return float(np.mean([len(e.ids) for e in tokenizer.encode_batch(passages)]))


contestants = {
    "sentence-transformers": sentence_transformers,
    "onnxruntime-float32": lambda: onnxruntime("model.onnx"),
    "onnxruntime-int8": lambda: onnxruntime("model_quantized.onnx"),
}
opened = {}
for line in sys.stdin:
    name, _, size = line.strip().partition(" ")
    if name in ("peak", "tokens"):
        print(peak() if name == "peak" else mean_tokens(), flush=True)
        continue
    if name not in opened:
        opened[name] = contestants[name]()
        opened[name](passages[:32], int(size))
    begun = time.perf_counter()
    opened[name](passages, int(size))
    print(time.perf_counter() - begun, flush=True)
