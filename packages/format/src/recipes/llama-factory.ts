import { llamaFactoryDataset } from "../exports/trainer-files.ts";
import { plainNumber } from "./plain-number.ts";
import type { TrainingSettings } from "./settings.ts";

/** LLaMA-Factory's configuration. Without a `template` it takes the model's own chat template. */
export function llamaFactoryConfig({ model, settings }: { model: string; settings: TrainingSettings }): string {
  return `model_name_or_path: ${JSON.stringify(model)}

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
num_train_epochs: ${settings.epochs.toFixed(1)}
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
