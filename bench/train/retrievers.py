"""Trains a bi-encoder and rerankers for two steps each on a CPU, from an export for retrievers, and reads its BEIR folder by BEIR's loader.

    python retrievers.py EXPORTS FOLDER

The models are random BERTs of a few hundred thousand weights, with a tokenizer trained on the export's own corpus.
"""

import json
import sys
from pathlib import Path

import torch
from beir.datasets.data_loader import GenericDataLoader
from datasets import load_dataset
from sentence_transformers import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments, SentenceTransformer
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments, losses, models
from sentence_transformers.cross_encoder import losses as rerank_losses
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

exports, folder = Path(sys.argv[1]), Path(sys.argv[2])
torch.manual_seed(1)


def tiny_bert() -> tuple[Path, Path]:
    """A bi-encoder's and a reranker's model folder."""
    texts = [json.loads(line)["text"] for line in open(exports / "beir/corpus.jsonl", encoding="utf-8")]
    words = BertWordPieceTokenizer(lowercase=True)
    words.train_from_iterator(texts, vocab_size=2000)
    words.save(str(folder / "tokenizer.json"))
    tokenizer = BertTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), model_max_length=128)
    size = dict(vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128)
    encoder, reranker = folder / "encoder", folder / "reranker"
    BertModel(BertConfig(**size)).save_pretrained(encoder)
    BertForSequenceClassification(BertConfig(**size, num_labels=1)).save_pretrained(reranker)
    for path in (encoder, reranker):
        tokenizer.save_pretrained(path)
    return encoder, reranker


def rows(format: str):
    return load_dataset(str(exports / format), split="train", cache_dir=str(folder / "cache"))


def train(kind: str, loss, data, trainer, arguments, model) -> None:
    args = arguments(
        output_dir=str(folder / "out"), max_steps=2, per_device_train_batch_size=8, logging_steps=1, report_to=[], use_cpu=True,
        save_strategy="no", disable_tqdm=True,
    )
    before = [weight.detach().clone() for weight in model.parameters()]
    result = trainer(model=model, args=args, train_dataset=data, loss=loss)
    result.train()
    moved = sum(float((a - b).abs().sum()) > 0 for a, b in zip(before, model.parameters()))
    steps = [entry["loss"] for entry in result.state.log_history if "loss" in entry]
    print(f"{kind}: columns {data.column_names}, {len(data)} rows, losses {steps}, weights moved {moved} of {len(before)}")
    assert len(steps) == 2 and all(loss == loss for loss in steps) and moved > 0


encoder, reranker = tiny_bert()
for name in ("MultipleNegativesRankingLoss", "CachedMultipleNegativesRankingLoss"):
    words = models.Transformer(str(encoder), max_seq_length=128)
    model = SentenceTransformer(modules=[words, models.Pooling(words.get_word_embedding_dimension())], device="cpu")
    train(name, getattr(losses, name)(model), rows("triplets"), SentenceTransformerTrainer, SentenceTransformerTrainingArguments, model)
for name, format in (
    ("BinaryCrossEntropyLoss", "labelled-pairs"),
    ("LambdaLoss", "labelled-lists"),
    ("ListNetLoss", "labelled-lists"),
    ("PListMLELoss", "labelled-lists"),
):
    model = CrossEncoder(str(reranker), num_labels=1, max_length=128, device="cpu")
    train(name, getattr(rerank_losses, name)(model), rows(format), CrossEncoderTrainer, CrossEncoderTrainingArguments, model)

for path in sorted((exports / "beir/qrels").iterdir()):
    corpus, queries, qrels = GenericDataLoader(str(exports / "beir")).load(split=path.stem)
    judged = [document for judgements in qrels.values() for document in judgements]
    print(f"BEIR, {path.stem}: {len(corpus)} documents, {len(queries)} questions, {len(judged)} judgements")
    assert all(document in corpus for document in judged) and set(queries) == set(qrels)

for path in sorted((exports / "msmarco").glob("qidpidtriples.*.tsv")):
    part = path.name.split(".")[1]
    passages = [line.rstrip("\n").split("\t") for line in open(exports / "msmarco/collection.tsv", encoding="utf-8")]
    questions = dict(line.rstrip("\n").split("\t") for line in open(exports / f"msmarco/queries.{part}.tsv", encoding="utf-8"))
    triples = [line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8")]
    print(f"MS MARCO, {part}: {len(passages)} passages, {len(questions)} questions, {len(triples)} triples")
    assert all(int(number) == line and len(rest) == 1 for line, (number, *rest) in enumerate(passages))
    assert all(q in questions and int(p) < len(passages) and int(n) < len(passages) and p != n for q, p, n in triples)
