"""Trains a random Llama for two steps on a CPU with TRL from chains of searches, and shows what it is trained on.

    python trajectories.py EXPORTS/trajectories FOLDER
"""

import json
import sys
from pathlib import Path

import torch
from datasets import load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

chains, folder = sys.argv[1], Path(sys.argv[2])
torch.manual_seed(1)
data = load_dataset(chains, split="train", cache_dir=str(folder / "cache"))
# As the templates of tool-calling models do: tools first, a call as JSON of its name and arguments, results in turns of their own.
template = (
    "<|start|>system\n{{ tools | tojson }}<|end|>\n"
    "{% for m in messages %}<|start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% generation %}{{ m.content or '' }}"
    "{% for c in m.tool_calls or [] %}<call>{{ c.function | tojson }}</call>{% endfor %}<|end|>{% endgeneration %}"
    "{% else %}{{ m.content }}<|end|>{% endif %}\n{% endfor %}"
)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
special = ["<|start|>", "<|end|>", "<|pad|>"]
texts = [message["content"] or "" for row in data for message in row["messages"]]
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=2000, special_tokens=special, initial_alphabet=alphabet))
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>", chat_template=template)
size = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(fast), max_position_embeddings=8192, **size))

text = fast.apply_chat_template(data[0]["messages"], tools=data[0]["tools"], tokenize=False)
calls = [json.loads(part.split("</call>")[0]) for part in text.split("<call>")[1:]]
print("calls of the first chain:", calls)
assert all(call["name"] == "search" and call["arguments"]["query"] for call in calls)

args = SFTConfig(
    output_dir=str(folder / "out"), max_steps=2, per_device_train_batch_size=2, logging_steps=1, report_to=[], use_cpu=True,
    max_length=4096, save_strategy="no", assistant_only_loss=True, disable_tqdm=True,
)
trainer = SFTTrainer(model=model, args=args, train_dataset=data, processing_class=fast)
batch = next(iter(trainer.get_train_dataloader()))
kept = batch["labels"][0]
print("trained on, in one of them:", fast.decode(kept[kept != -100])[:600])
result = trainer.train()
losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
print(f"{len(data)} chains, losses {losses}")
assert len(losses) == 2 and all(loss == loss for loss in losses)
