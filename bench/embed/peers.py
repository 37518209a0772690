"""Embeds passages by sentence-transformers (PyTorch) and by ONNX Runtime in Python; prints passages a second as JSON.

    python peers.py MODEL_FOLDER PASSAGES.json

PyTorch runs a model of the same shape with random weights where the folder has only ONNX graphs: its speed is the same.
"""
import json
import shutil
import sys
import tempfile
import time

import numpy as np

model, passages = sys.argv[1], json.load(open(sys.argv[2]))
warm = passages[:32]


def rate(embed):
    embed(warm)
    begun = time.perf_counter()
    embed(passages)
    return len(passages) / (time.perf_counter() - begun)


def sentence_transformers():
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(model, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("onnx"))
        BertModel(BertConfig.from_pretrained(model)).save_pretrained(folder)
        embedder = SentenceTransformer(folder, device="cpu")
    embed = lambda size: lambda texts: embedder.encode(texts, batch_size=size, show_progress_bar=False)
    return max(rate(embed(size)) for size in (16, 32))


def onnxruntime(graph):
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{model}/tokenizer.json")
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    session = onnxruntime.InferenceSession(f"{model}/onnx/{graph}", providers=["CPUExecutionProvider"])

    def embed(size):
        def run(texts):
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

    return max(rate(embed(size)) for size in (8, 16, 32))


print(
    json.dumps(
        {
            "sentence-transformers, PyTorch float32": sentence_transformers(),
            "ONNX Runtime in Python, float32": onnxruntime("model.onnx"),
            "ONNX Runtime in Python, int8": onnxruntime("model_quantized.onnx"),
        }
    )
)
