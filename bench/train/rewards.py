"""
Trains two steps with TRL's GRPOTrainer on grpo/train.jsonl of the folder given, by the reward beside it, and two with its DPOTrainer on both
of its forms; reads verl/train.parquet with datasets, and has each ground truth rewarded. A model that has learned nothing is rewarded for
nothing, so that it first learns to say yes or no, whatever it is asked.
"""

import sys

import datasets
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

folder, model = sys.argv[1:]
sys.path.insert(0, f"{folder}/grpo")
from reward import compute_score, reward  # noqa: E402

common = dict(logging_steps=1, report_to="none", use_cpu=True, save_strategy="no", learning_rate=1e-3)


def rows(path, kind="json"):
    return datasets.load_dataset(kind, data_files=f"{folder}/{path}", split="train")


def losses(trainer):
    trainer.train()
    return [{key: round(value, 4) for key, value in entry.items() if isinstance(value, float)} for entry in trainer.state.log_history]


questions = rows("grpo/train.jsonl")
said = [[{"role": "assistant", "content": "Yes." if i % 2 else "No."}] for i in range(len(questions))]
lesson = questions.select_columns(["prompt"]).add_column("completion", said)
config = SFTConfig(output_dir=f"{folder}/out", max_steps=40, per_device_train_batch_size=4, max_length=None, **{**common, "learning_rate": 3e-3})
teacher = SFTTrainer(model=model, args=config, train_dataset=lesson)
teacher.train()
teacher.save_model(f"{folder}/taught")
config = GRPOConfig(
    output_dir=f"{folder}/out", max_steps=2, per_device_train_batch_size=16, num_generations=8, max_completion_length=6, **common
)
trainer = GRPOTrainer(model=f"{folder}/taught", reward_funcs=reward, args=config, train_dataset=questions)
for entry in losses(trainer):
    if "reward" in entry:
        print("GRPO:", {key: entry[key] for key in ("loss", "reward", "rewards/reward/mean", "grad_norm", "completions/mean_length")})
columns = {name: questions[name] for name in questions.column_names if name != "prompt"}
told = [[{"role": "assistant", "content": truth}] for truth in questions["ground_truth"]]
print(f"rewards of {len(told)} ground truths as completions:", sum(reward(completions=told, **columns)))

for name in ("dpo/train.jsonl", "dpo/train-standard.jsonl"):
    config = DPOConfig(output_dir=f"{folder}/out", max_steps=2, per_device_train_batch_size=2, max_length=None, **common)
    for entry in losses(DPOTrainer(model=model, args=config, train_dataset=rows(name))):
        if "loss" in entry:
            print(f"DPO on {name}:", {key: entry[key] for key in ("loss", "rewards/margins", "grad_norm")})

table = rows("verl/train.parquet", "parquet")
scores = [
    compute_score(row["data_source"], row["reward_model"]["ground_truth"], row["reward_model"]["ground_truth"], row["extra_info"])
    for row in table
]
print(f"verl/train.parquet: {len(table)} rows, rewards of their ground truths: {sum(scores)}; {table.features}")
