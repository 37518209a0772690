import {
  chatFamilies,
  deepspeedPackage,
  type RecipeMaker,
  type RecipeRun,
  requirements,
  type TrainingSettings,
} from "./recipe.ts";

const packages = ["torch==2.15.0", "transformers==5.23.0", "trl==1.16.0", "accelerate==1.15.0", "datasets==5.2.0"];

/** TRL on one process. */
export const trl: RecipeMaker = (run) => ({
  data: "prompt-completion",
  files: { "train.py": trlScript(run), ...requirements(packages) },
  launch: "python train.py",
});

/** The same script under accelerate with DeepSpeed, as the method was trained. */
export const accelerateDeepspeed: RecipeMaker = (run) => ({
  data: "prompt-completion",
  files: {
    "train.py": trlScript(run),
    "accelerate.yaml": accelerateConfig(run.settings),
    ...requirements([...packages, deepspeedPackage]),
  },
  launch: "accelerate launch --config_file accelerate.yaml train.py",
});

/** The training script for TRL. It runs as it is; its arguments change a run without touching it. Only `main` needs more than Python. */
function trlScript({ model, settings, long, family }: RecipeRun): string {
  return `"""Fine-tunes ${model.replaceAll('"""', "")} on data/prompt-completion.jsonl with the settings of RAG-Instruct (arXiv 2501.00353)."""
import argparse
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
IGNORED = -100

METHOD = dict(
    learning_rate=${settings.learningRate},
    lr_scheduler_type=${JSON.stringify(settings.scheduler)},
    warmup_steps=${settings.warmupShare},  # a share of all steps
    weight_decay=${settings.weightDecay},
    max_grad_norm=${settings.clipNorm},
    num_train_epochs=${settings.epochs},
    per_device_train_batch_size=${settings.perDevice},
    gradient_accumulation_steps=${settings.accumulation},
    max_length=${settings.maxTokens},
    seed=${settings.seed},
)

# For a base without a chat template: that of the family whose marks its vocabulary has, else of its kind of model.
FAMILIES = [
${chatFamilies.map((one) => `    ${JSON.stringify(one)},`).join("\n")}
]


def read_arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=${JSON.stringify(model)}, help="hub id or folder of the model")
    parser.add_argument("--data", default=str(HERE / "data" / "prompt-completion.jsonl"))
    parser.add_argument("--output", default=str(HERE / "output"))
    parser.add_argument("--learning-rate", type=float, default=METHOD["learning_rate"])
    parser.add_argument("--epochs", type=float, default=METHOD["num_train_epochs"])
    parser.add_argument("--batch", type=int, default=METHOD["per_device_train_batch_size"], help="examples a device")
    parser.add_argument(
        "--accumulation",
        type=int,
        default=METHOD["gradient_accumulation_steps"],
        help="batches a step; with accelerate.yaml the number there too",
    )
    parser.add_argument("--max-length", type=int, default=METHOD["max_length"], help="tokens of an example at most")
    parser.add_argument(
        "--long",
        choices=["cut", "drop"],
        default=${JSON.stringify(long)},
        help="cut the documents of longer examples, never question or answer, or leave such examples out",
    )
    parser.add_argument(
        "--family",
        choices=[family["id"] for family in FAMILIES],
        default=${family ? JSON.stringify(family.id) : "None"},
        help="whose chat template a base without one gets; by its vocabulary where it is not named",
    )
    parser.add_argument("--chat-template", help="file with a Jinja template in place of the model's own")
    parser.add_argument("--seed", type=int, default=METHOD["seed"])
    parser.add_argument("--max-steps", type=int, default=-1, help="stop early, for a trial")
    parser.add_argument("--attention", default="sdpa", help="flash_attention_2 where it is installed")
    parser.add_argument("--show", type=int, default=1, help="how many examples to print with what is trained")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in the output folder")
    return parser.parse_args(words)


def family_of(vocabulary, model_type, wanted=None):
    """The family of a base by name, by its vocabulary, or by its kind; None where none is known."""
    for family in FAMILIES:
        if family["id"] == wanted:
            return family
    for family in FAMILIES:
        if family["marks"] and all(mark in vocabulary for mark in family["marks"]):
            return family
    for family in FAMILIES:
        if model_type in family["types"]:
            return family
    return None


def common_cap(lengths, room):
    """The greatest length to which all may be cut so that they sum up to at most room."""
    low, high = 0, max(lengths)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(length, middle) for length in lengths) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def cut_words(text, most, count):
    """The longest beginning of a text that ends with a word and has at most so many tokens."""
    ends = [0] + [i + 1 for i, sign in enumerate(text) if not sign.isspace() and text[i + 1 : i + 2].strip() == ""]
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[: ends[middle]]) <= most:
            low = middle
        else:
            high = middle - 1
    return text[: ends[low]]


def fit(prompt, places, size, most, count, long="cut"):
    """
    A prompt whose example has at most so many tokens: the prompt itself, or one whose longest documents are cut to one length; None where
    neither is. \`size\` gives the tokens of the example with a prompt, \`count\` those of a text; \`places\` are where documents stand.
    """
    over = size(prompt) - most
    if over <= 0:
        return prompt
    if long == "drop" or not places:
        return None
    texts = [prompt[start:end] for start, end in places]
    edges = [0] + [place for pair in places for place in pair] + [len(prompt)]
    between = [prompt[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    # Cutting moves the edges of tokens, so that a few may be too many still.
    for _ in range(5):
        lengths = [count(text) for text in texts]
        room = sum(lengths) - over
        if room <= 0:
            return None
        cap = common_cap(lengths, room)
        texts = [text if length <= cap else cut_words(text, cap, count) for text, length in zip(texts, lengths)]
        shorter = between[0] + "".join(text + rest for text, rest in zip(texts, between[1:]))
        over = size(shorter) - most
        if over <= 0:
            return shorter
    return None


def epochs_order(layouts, epochs, seed):
    """Rows for all epochs, one after another: in each every example once, shuffled anew, in the next of its layouts."""
    rows = {}
    for row, layout in enumerate(layouts):
        rows.setdefault(layout, []).append(row)
    known = sorted(rows)
    order = []
    for epoch in range(epochs):
        of_epoch = list(rows[known[epoch % len(known)]])
        random.Random(f"{seed}/{epoch}").shuffle(of_epoch)
        order += of_epoch
    return order


def open_tokenizer(arguments):
    """The tokenizer with a chat template, and the token that ends a turn where that is not its end of a text."""
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    if arguments.chat_template:
        tokenizer.chat_template = pathlib.Path(arguments.chat_template).read_text(encoding="utf-8")
        return tokenizer, ""
    if tokenizer.chat_template:
        return tokenizer, ""
    model_type = AutoConfig.from_pretrained(arguments.model).model_type
    family = family_of(tokenizer.get_vocab(), model_type, arguments.family)
    if family is None:
        raise SystemExit(f"{arguments.model} has no chat template and is of no known family; name a file with --chat-template")
    print(f"{arguments.model} has no chat template; it is trained with that of the family {family['id']}")
    tokenizer.chat_template = family["template"]
    return tokenizer, family["end"]


def fit_all(data, tokenizer, most, long):
    """Makes long examples fit or leaves them out, and says how many: a cut at the end would take the answer."""

    def count(text):
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    def shorten(example):
        message, completion = example["prompt"][0], example["completion"]

        def size(prompt):
            messages = [{**message, "content": prompt}] + completion
            return count(tokenizer.apply_chat_template(messages, tokenize=False))

        fitted = fit(message["content"], example.get("documents") or [], size, most, count, long)
        same = fitted == message["content"]
        content = message["content"] if fitted is None else fitted
        return {"prompt": [{**message, "content": content}], "state": "left" if fitted is None else "whole" if same else "cut"}

    data = data.map(shorten)
    states = data["state"]
    kept = data.filter(lambda example: example["state"] != "left").remove_columns("state")
    cut, left = list(states).count("cut"), list(states).count("left")
    print(f"examples: {len(kept)}, of which {cut} had documents cut to fit {most} tokens; left out because they are longer: {left}")
    if len(kept) == 0:
        raise SystemExit(f"no example fits into {most} tokens")
    return kept


def show_labels(trainer, tokenizer, count):
    """Prints examples as the model sees them, so that anyone can check what the loss is taken on."""
    for example in list(trainer.train_dataset.select(range(min(count, len(trainer.train_dataset))))):
        batch = trainer.data_collator([example])
        labels = batch["labels"][0]
        trained = labels != IGNORED
        print(f"--- tokens {len(labels)}, trained {int(trained.sum())}")
        print("not trained:", repr(tokenizer.decode(batch["input_ids"][0][~trained])))
        print("trained:", repr(tokenizer.decode(labels[trained])))


def main():
    arguments = read_arguments()

    import torch
    from datasets import load_dataset
    from trl import SFTConfig, SFTTrainer

    class InOrder(SFTTrainer):
        """Takes the rows in their order, which is that of the epochs already."""

        def _get_train_sampler(self, *given, **named):
            return torch.utils.data.SequentialSampler(self.train_dataset)

    tokenizer, end = open_tokenizer(arguments)
    data = load_dataset("json", data_files=arguments.data, split="train")
    data = fit_all(data, tokenizer, arguments.max_length, arguments.long)
    epochs, saves, trainer_class = arguments.epochs, {"save_strategy": "epoch"}, SFTTrainer
    if "layout" in data.column_names:
        rounds = max(1, round(epochs))
        data = data.select(epochs_order(data["layout"], rounds, arguments.seed))
        if rounds > 1:
            saves = {"save_strategy": "steps", "save_steps": 1 / rounds}
        epochs, trainer_class = 1, InOrder
    else:
        data = data.shuffle(seed=arguments.seed)
    data = data.select_columns(["prompt", "completion"])
    on_gpu = torch.cuda.is_available()
    given = dict(
        learning_rate=arguments.learning_rate,
        num_train_epochs=epochs,
        per_device_train_batch_size=arguments.batch,
        gradient_accumulation_steps=arguments.accumulation,
        max_length=arguments.max_length,
        seed=arguments.seed,
    )
    config = SFTConfig(
        output_dir=arguments.output,
        max_steps=arguments.max_steps,
        gradient_checkpointing=True,
        completion_only_loss=True,  # the loss is taken on the answer alone
        packing=False,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        # The weights stay float32 and are computed in bfloat16: at this learning rate bfloat16 weights would round updates away.
        model_init_kwargs={"dtype": "float32", "attn_implementation": arguments.attention},
        save_total_limit=3,
        logging_steps=1 if 0 < arguments.max_steps < 10 else 10,
        report_to="none",
        **saves,
        **{**METHOD, **given},
    )
    trainer = trainer_class(model=arguments.model, args=config, train_dataset=data, processing_class=tokenizer)
    if end:
        # What is served from the output folder stops where a turn ends.
        ends = {tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids(end)} - {None}
        trainer.model.generation_config.eos_token_id = sorted(ends)
    if trainer.accelerator.is_main_process:
        show_labels(trainer, tokenizer, arguments.show)
    trainer.train(resume_from_checkpoint=arguments.resume)
    trainer.save_model(arguments.output)


if __name__ == "__main__":
    main()
`;
}

/** The configuration of `accelerate launch`: DeepSpeed ZeRO stage 1 in bfloat16, as the method was trained. */
function accelerateConfig({ processes, accumulation, clipNorm }: TrainingSettings): string {
  return `compute_environment: LOCAL_MACHINE
distributed_type: DEEPSPEED
deepspeed_config:
  zero_stage: 1
  gradient_accumulation_steps: ${accumulation}
  gradient_clipping: ${clipNorm.toFixed(1)}
  offload_optimizer_device: none
  offload_param_device: none
  zero3_init_flag: false
  deepspeed_multinode_launcher: standard
mixed_precision: bf16
machine_rank: 0
main_training_function: main
num_machines: 1
num_processes: ${processes}
rdzv_backend: static
same_network: true
use_cpu: false
`;
}
