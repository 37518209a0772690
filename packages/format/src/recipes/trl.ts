import { deepspeedPackage, type RecipeMaker, requirements, type TrainingSettings } from "./recipe.ts";

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

/** The training script for TRL. It runs as it is; its arguments change a run without touching it. */
function trlScript({ model, settings }: { model: string; settings: TrainingSettings }): string {
  return `"""Fine-tunes ${model.replaceAll('"""', "")} on data/prompt-completion.jsonl with the settings of RAG-Instruct (arXiv 2501.00353)."""

import argparse
import pathlib

import torch
from datasets import load_dataset
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer

HERE = pathlib.Path(__file__).resolve().parent
IGNORED = -100


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=${JSON.stringify(model)}, help="hub id or folder of a chat model")
    parser.add_argument("--data", default=str(HERE / "data" / "prompt-completion.jsonl"))
    parser.add_argument("--output", default=str(HERE / "output"))
    parser.add_argument("--max-steps", type=int, default=-1, help="stop early, for a trial")
    parser.add_argument("--attention", default="sdpa", help="flash_attention_2 where it is installed")
    parser.add_argument("--show", type=int, default=1, help="how many examples to print with what is trained")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in the output folder")
    return parser.parse_args()


def drop_long(data, tokenizer, most):
    """Leaves out what does not fit whole: a cut would take the answer, which stands last."""

    def fits(example):
        text = tokenizer.apply_chat_template(example["prompt"] + example["completion"], tokenize=False)
        return len(tokenizer(text, add_special_tokens=False)["input_ids"]) <= most

    kept = data.filter(fits)
    print(f"examples: {len(kept)}; left out because they are longer than {most} tokens: {len(data) - len(kept)}")
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
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    if not tokenizer.chat_template:
        raise SystemExit(f"{arguments.model} has no chat template; take the instruct version of the model")
    on_gpu = torch.cuda.is_available()
    config = SFTConfig(
        output_dir=arguments.output,
        learning_rate=${settings.learningRate},
        lr_scheduler_type=${JSON.stringify(settings.scheduler)},
        warmup_steps=${settings.warmupShare},  # a share of all steps
        weight_decay=${settings.weightDecay},
        max_grad_norm=${settings.clipNorm},
        num_train_epochs=${settings.epochs},
        max_steps=arguments.max_steps,
        per_device_train_batch_size=${settings.perDevice},
        gradient_accumulation_steps=${settings.accumulation},
        max_length=${settings.maxTokens},
        gradient_checkpointing=True,
        completion_only_loss=True,  # the loss is taken on the answer alone
        packing=False,
        bf16=on_gpu,
        use_cpu=not on_gpu,
        # The weights stay float32 and are computed in bfloat16: at this learning rate bfloat16 weights would round updates away.
        model_init_kwargs={"dtype": "float32", "attn_implementation": arguments.attention},
        save_strategy="epoch",
        save_total_limit=3,
        logging_steps=1 if 0 < arguments.max_steps < 10 else 10,
        report_to="none",
        seed=${settings.seed},
    )
    data = load_dataset("json", data_files=arguments.data, split="train").shuffle(seed=${settings.seed})
    data = drop_long(data, tokenizer, ${settings.maxTokens})
    trainer = SFTTrainer(model=arguments.model, args=config, train_dataset=data, processing_class=tokenizer)
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
