import type { DataFormat } from "../exports/formats.ts";
import { accelerateConfig, deepspeedConfig } from "./accelerate-deepspeed.ts";
import { axolotlConfig } from "./axolotl.ts";
import { llamaFactoryConfig } from "./llama-factory.ts";
import type { TrainingSettings } from "./settings.ts";
import { trlScript } from "./trl-script.ts";

/** Ids of the trainers that recipes are written for. */
export type Framework = "trl" | "accelerate-deepspeed" | "axolotl" | "llama-factory";

/** What a recipe for one trainer consists of. */
export interface Recipe {
  /** What stands in `data/`. */
  data: DataFormat | "llama-factory";
  /** Names and contents of the other files. */
  files: Record<string, string>;
  /** The command that trains, given in the recipe's folder. */
  launch: string;
}

// The versions that the recipes were run or checked with.
const trl = ["torch==2.15.0", "transformers==5.23.0", "trl==1.16.0", "accelerate==1.15.0", "datasets==5.2.0"];
const deepspeed = "deepspeed==0.19.8";
// LLaMA-Factory takes the newest torch beside an older torchaudio unless both are named, and the two do not load together.
const llamaFactory = ["llamafactory==0.9.5", "torch==2.11.0", "torchvision==0.26.0", "torchaudio==2.11.0"];

/** The recipes by framework. */
export const frameworks: Record<Framework, (run: { model: string; settings: TrainingSettings }) => Recipe> = {
  trl: (run) => ({
    data: "prompt-completion",
    files: { "train.py": trlScript(run), ...requirements(trl) },
    launch: "python train.py",
  }),
  "accelerate-deepspeed": (run) => ({
    data: "prompt-completion",
    files: {
      "train.py": trlScript(run),
      "accelerate.yaml": accelerateConfig(run.settings),
      ...requirements([...trl, deepspeed]),
    },
    launch: "accelerate launch --config_file accelerate.yaml train.py",
  }),
  axolotl: (run) => ({
    data: "messages",
    files: { "axolotl.yaml": axolotlConfig(run), ...zero1(), ...requirements(["axolotl==0.19.0", deepspeed]) },
    launch: `axolotl train axolotl.yaml --launcher accelerate -- --num_processes ${run.settings.processes}`,
  }),
  "llama-factory": (run) => ({
    data: "llama-factory",
    files: { "train.yaml": llamaFactoryConfig(run), ...zero1(), ...requirements([...llamaFactory, deepspeed]) },
    launch: `FORCE_TORCHRUN=1 NPROC_PER_NODE=${run.settings.processes} llamafactory-cli train train.yaml`,
  }),
};

function requirements(lines: readonly string[]): Record<string, string> {
  return { "requirements.txt": `${lines.join("\n")}\n` };
}

function zero1(): Record<string, string> {
  return { "deepspeed-zero1.json": deepspeedConfig() };
}
