"""Reads train.yaml in the current folder as LLaMA-Factory does, prepares its data, and prints what is trained."""

import json

import yaml
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

with open("train.yaml", encoding="utf8") as file:
    config = yaml.safe_load(file)
# This machine has no GPU and so no DeepSpeed; everything else is read as it stands.
config.pop("deepspeed")
config["bf16"] = False
model_args, data_args, training_args, _, _ = get_train_args(config)
module = load_tokenizer(model_args)
template = get_template_and_fix_tokenizer(module["tokenizer"], data_args)
rows = get_dataset(template, model_args, data_args, training_args, stage="sft", **module)["train_dataset"]
trained = [module["tokenizer"].decode([label for label in row["labels"] if label != -100]) for row in rows]
settings = {
    "learning_rate": training_args.learning_rate,
    "batch": training_args.per_device_train_batch_size * training_args.gradient_accumulation_steps,
    "warmup": training_args.get_warmup_steps(100),
    "scheduler": str(training_args.lr_scheduler_type.value),
}
print("RESULT " + json.dumps({"trained": trained, "settings": settings}))
