"""Near-duplicates of a file of texts, one a line, by datasketch: MinHash of 128 permutations over word 3-grams, LSH at 0.8."""

import json
import re
import sys
import time

from datasketch import MinHash, MinHashLSH

texts = open(sys.argv[1], encoding="utf-8").read().split("\n")
start = time.perf_counter()
lsh = MinHashLSH(threshold=0.8, num_perm=128)
dropped = []
for i, text in enumerate(texts):
    words = re.findall(r"\w+", text.lower())
    shingles = {" ".join(words[k : k + 3]).encode() for k in range(max(1, len(words) - 2))}
    signature = MinHash(num_perm=128)
    signature.update_batch(shingles)
    if lsh.query(signature):
        dropped.append(i)
    else:
        lsh.insert(i, signature)
print(json.dumps({"seconds": time.perf_counter() - start, "dropped": dropped}))
