"""
Makes a randomly initialised Llama of a few hundred thousand weights, with a tokenizer trained on the texts given; with the word base
as a third argument one without a chat template, whose vocabulary has the marks of Llama 3.
"""

import json
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

records, folder, *kind = sys.argv[1:]
template = (
    "{% for m in messages %}<|start|>{{ m['role'] }}<|head|>\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant<|head|>\n{% endif %}"
)

texts = []
with open(records, encoding="utf8") as lines:
    for line in lines:
        record = json.loads(line)
        texts += [message["content"] for message in record["prompt"] + record.get("completion", [])]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
special = ["<|start|>", "<|head|>", "<|end|>", "<|pad|>"]
chat = {"eos_token": "<|end|>", "pad_token": "<|pad|>", "chat_template": template}
if kind == ["base"]:
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|pad|>"]
    chat = {"bos_token": special[0], "eos_token": special[1], "pad_token": "<|pad|>"}
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=2000, special_tokens=special, initial_alphabet=alphabet))
fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **chat)
fast.save_pretrained(folder)

config = LlamaConfig(
    vocab_size=len(fast),
    hidden_size=64,
    intermediate_size=128,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=8192,
    eos_token_id=fast.eos_token_id,
    pad_token_id=fast.pad_token_id,
)
LlamaForCausalLM(config).save_pretrained(folder)
