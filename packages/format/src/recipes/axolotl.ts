import { axolotlDatasets } from "../exports/formats.ts";
import {
  type ChatFamily,
  deepspeedPackage,
  deepspeedZero1,
  epochsOver,
  plainNumber,
  type RecipeMaker,
  type RecipeRun,
  requirements,
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
function axolotlConfig(run: RecipeRun): string {
  const { model, settings, family } = run;
  return `base_model: ${JSON.stringify(model)}
${family ? chatTemplateOf(family) : ""}
${axolotlDatasets("data/messages.jsonl")}
dataset_prepared_path: prepared
val_set_size: 0
output_dir: output

sequence_len: ${settings.maxTokens}
excess_length_strategy: drop
sample_packing: false

micro_batch_size: ${settings.perDevice}
gradient_accumulation_steps: ${settings.accumulation}
num_epochs: ${epochsOver(run)}
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

/** For a base without a chat template: that of its family, and the token that ends a turn in it. */
function chatTemplateOf({ template, end }: ChatFamily): string {
  const ends = end === "" ? "" : `eot_tokens: [${JSON.stringify(end)}]\n`;
  return `chat_template: jinja\nchat_template_jinja: ${JSON.stringify(template)}\n${ends}`;
}
