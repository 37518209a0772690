"""Reads verl/train.parquet of the folder given as verl does, and has verl's own loader of reward functions reward each ground truth."""

import sys

from omegaconf import OmegaConf
from transformers import AutoTokenizer
from verl.trainer.ppo.reward import get_custom_reward_fn
from verl.utils.dataset.rl_dataset import RLHFDataset

folder, model = sys.argv[1:]
config = OmegaConf.create({"max_prompt_length": 8192, "filter_overlong_prompts": True, "filter_overlong_prompts_workers": 1})
rows = RLHFDataset(f"{folder}/verl/train.parquet", tokenizer=AutoTokenizer.from_pretrained(model), config=config)
path = {"path": f"{folder}/verl/reward.py", "name": "compute_score"}
reward = get_custom_reward_fn(OmegaConf.create({"reward": {"custom_reward_function": path}}))
rewards = []
for row in (rows[i] for i in range(len(rows))):
    truth = row["reward_model"]["ground_truth"]
    rewards.append(reward(data_source=row["data_source"], solution_str=truth, ground_truth=truth, extra_info=row["extra_info"]))
print(f"verl: {len(rows)} rows with {', '.join(sorted(rows[0]))}; rewards of their ground truths: {sum(rewards)}")
