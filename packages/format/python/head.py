"""
Rewards for training on examples of rag-instruct: 1 for an output that is right, 0 for any other.

It gives the verdicts of rag-instruct's own scorer, and needs nothing but Python's standard library (3.9 or later).

    trl:   GRPOTrainer(reward_funcs=reward, …) on grpo.jsonl
    verl:  custom_reward_function.path=reward.py custom_reward_function.name=compute_score on verl.parquet
"""

import bisect
import collections
import functools
import re
import unicodedata

# Classes of characters, as they stand between the brackets of a pattern.
TABLES = {}
