import { llamaFactoryDataset } from "../exports/formats.ts";
import {
  deepspeedPackage,
  deepspeedZero1,
  epochsOver,
  plainNumber,
  type RecipeMaker,
  type RecipeRun,
  requirements,
} from "./recipe.ts";

// LLaMA-Factory takes the newest torch beside an older torchaudio unless both are named, and the two do not load together.
const packages = [
  "llamafactory==0.9.5",
  "torch==2.11.0",
  "torchvision==0.26.0",
  "torchaudio==2.11.0",
  deepspeedPackage,
];

export const llamaFactory: RecipeMaker = (run) => ({
  data: "llama-factory",
  files: { "train.yaml": llamaFactoryConfig(run), ...deepspeedZero1(), ...requirements(packages) },
  launch: `FORCE_TORCHRUN=1 NPROC_PER_NODE=${run.settings.processes} llamafactory-cli train train.yaml`,
});

/** LLaMA-Factory's configuration. Without a `template` it takes the model's own chat template. */
function llamaFactoryConfig(run: RecipeRun): string {
  const { model, settings, family } = run;
  return `model_name_or_path: ${JSON.stringify(model)}
${family ? `template: ${family.id}\n` : ""}
stage: sft
do_train: true
finetuning_type: full
deepspeed: deepspeed-zero1.json

dataset_dir: data
dataset: ${llamaFactoryDataset}
cutoff_len: ${settings.maxTokens}
train_on_prompt: false
packing: false
overwrite_cache: true

output_dir: output
logging_steps: 10
save_strategy: epoch
save_total_limit: 3
report_to: none

per_device_train_batch_size: ${settings.perDevice}
gradient_accumulation_steps: ${settings.accumulation}
learning_rate: ${plainNumber(settings.learningRate)}
num_train_epochs: ${epochsOver(run).toFixed(1)}
lr_scheduler_type: ${settings.scheduler}
warmup_ratio: ${settings.warmupShare}
weight_decay: ${settings.weightDecay}
max_grad_norm: ${settings.clipNorm.toFixed(1)}
bf16: true
gradient_checkpointing: true
flash_attn: sdpa
seed: ${settings.seed}
`;
}
