"""Reads examples.jsonl and writes messages.jsonl and examples.parquet with json and pyarrow, a thousand rows at a time; no checks."""

import json
import resource
import sys
import time

import pyarrow
import pyarrow.parquet as parquet

source, folder = sys.argv[1:]
begun = time.perf_counter()


def prompt(example):
    paragraphs = "\n".join(f"[{i + 1}] {document['text']}" for i, document in enumerate(example["documents"]))
    return f"### Paragraph:\n{paragraphs}\n\n### Instruction:\n{example['question']}\n"


count, writer, rows = 0, None, []


def write_rows():
    global writer, rows
    table = pyarrow.Table.from_pylist(rows)
    if writer is None:
        writer = parquet.ParquetWriter(f"{folder}/peer.parquet", table.schema, compression="zstd")
    writer.write_table(table)
    rows = []


with open(source, encoding="utf8") as lines, open(f"{folder}/peer.jsonl", "w", encoding="utf8") as messages:
    for line in lines:
        example = json.loads(line)
        turns = [{"role": "user", "content": prompt(example)}, {"role": "assistant", "content": example["answer"]}]
        messages.write(json.dumps({"messages": turns}, ensure_ascii=False) + "\n")
        rows.append(example)
        count += 1
        if len(rows) == 1000:
            write_rows()
if rows:
    write_rows()
writer.close()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"examples": count, "seconds": time.perf_counter() - begun, "peak": peak}))
