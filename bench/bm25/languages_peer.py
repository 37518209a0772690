"""Recall of bm25s over one collection, read from standard input: with a stemmer where one is named, and without."""
import json
import sys

import bm25s
import Stemmer

task = json.load(sys.stdin)
texts = [passage["text"] for passage in task["passages"]]
queries = [question["text"] for question in task["questions"]]


def recall(**options):
    tokens = bm25s.tokenize(texts, show_progress=False, **options)
    index = bm25s.BM25(method="lucene", k1=0.9, b=0.4)
    index.index(tokens, show_progress=False)
    asked = bm25s.tokenize(queries, show_progress=False, return_ids=False, **options)
    rows, _ = index.retrieve(asked, k=task["limit"], show_progress=False)
    hits = sum(str(question["passage"]) in map(str, found) for question, found in zip(task["questions"], rows))
    return hits / len(queries)


stemmed = None
if task["stemmer"]:
    stemmed = recall(stemmer=Stemmer.Stemmer(task["stemmer"]), stopwords=task["stopWords"] or None)
json.dump([stemmed, recall(stopwords=None)], sys.stdout)
