"""Validates axolotl.yaml in the current folder by axolotl's own schema, prepares the data as axolotl does, and prints what is trained."""

import json

import torch
import yaml
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.loaders import load_tokenizer
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault


def main():
    with open("axolotl.yaml", encoding="utf8") as file:
        config = DictDefault(yaml.safe_load(file))
    # As it stands, for the machine it is meant for.
    gpu = {"bf16": True, "fp8": True, "n_gpu": 8, "compute_capability": "sm_90"}
    version = torch.__version__.split("+")[0]
    checked = validate_config(config, capabilities=gpu, env_capabilities={"torch_version": version})

    # This machine has no GPU, and DeepSpeed does not start without one.
    cfg = load_cfg("axolotl.yaml", deepspeed=None, bf16=False, dataset_num_proc=1)
    rows = load_datasets(cfg=cfg).train_dataset
    tokenizer = load_tokenizer(cfg)
    trained = [tokenizer.decode([label for label in row["labels"] if label != -100]) for row in rows]
    keys = ["learning_rate", "micro_batch_size", "gradient_accumulation_steps", "deepspeed"]
    print("RESULT " + json.dumps({"trained": trained, "settings": {key: checked[key] for key in keys}}))


if __name__ == "__main__":
    main()
