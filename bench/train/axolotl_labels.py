"""Validates axolotl.yaml in the current folder by axolotl's own schema, prepares the data as axolotl does, and prints what is trained."""

import json

from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.loaders import load_tokenizer

cfg = load_cfg("axolotl.yaml")
rows = load_datasets(cfg=cfg).train_dataset
tokenizer = load_tokenizer(cfg)
trained = [tokenizer.decode([label for label in row["labels"] if label != -100]) for row in rows]
print("RESULT " + json.dumps({"trained": trained}))
