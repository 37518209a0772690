"""Reads the preferences of the folder given as LLaMA-Factory does, in both of its forms, and prints what would be chosen and rejected."""

import json
import sys

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

folder, model = sys.argv[1:]
read = []
for name in ("rag_instruct_dpo_train", "rag_instruct_dpo_train_alpaca"):
    config = dict(
        stage="dpo", do_train=True, model_name_or_path=model, dataset=name, dataset_dir=folder, template="llama3", cutoff_len=8192
    )
    model_args, data_args, training_args, _, _ = get_train_args({**config, "output_dir": f"{folder}/out", "overwrite_cache": True})
    module = load_tokenizer(model_args)
    template = get_template_and_fix_tokenizer(module["tokenizer"], data_args)
    rows = get_dataset(template, model_args, data_args, training_args, stage="rm", **module)["train_dataset"]
    trained = lambda row, side: module["tokenizer"].decode([label for label in row[f"{side}_labels"] if label != -100])
    read.append([[trained(row, "chosen"), trained(row, "rejected")] for row in rows])
print("RESULT " + json.dumps(read))
