import { axolotlDatasets } from "../exports/formats.ts";
import {
  deepspeedPackage,
  deepspeedZero1,
  plainNumber,
  type RecipeMaker,
  requirements,
  type TrainingSettings,
} from "./recipe.ts";

export const axolotl: RecipeMaker = (run) => ({
  data: "messages",
  files: {
    "axolotl.yaml": axolotlConfig(run),
    ...deepspeedZero1(),
    ...requirements(["axolotl==0.19.0", deepspeedPackage]),
  },
  launch: `axolotl train axolotl.yaml --launcher accelerate -- --num_processes ${run.settings.processes}`,
});

/** axolotl's configuration. The paths are relative to the recipe's folder, where it is started. */
function axolotlConfig({ model, settings }: { model: string; settings: TrainingSettings }): string {
  return `base_model: ${JSON.stringify(model)}

${axolotlDatasets("data/messages.jsonl")}
dataset_prepared_path: prepared
val_set_size: 0
output_dir: output

sequence_len: ${settings.maxTokens}
excess_length_strategy: drop
sample_packing: false

micro_batch_size: ${settings.perDevice}
gradient_accumulation_steps: ${settings.accumulation}
num_epochs: ${settings.epochs}
optimizer: adamw_torch
learning_rate: ${plainNumber(settings.learningRate)}
lr_scheduler: ${settings.scheduler}
warmup_ratio: ${settings.warmupShare}
weight_decay: ${settings.weightDecay}
max_grad_norm: ${settings.clipNorm}

bf16: auto
gradient_checkpointing: true
attn_implementation: sdpa
deepspeed: deepspeed-zero1.json

logging_steps: 10
saves_per_epoch: 1
save_total_limit: 3
seed: ${settings.seed}
`;
}
