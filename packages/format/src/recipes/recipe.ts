import { trimEndOf } from "@rag-instruct/core";
import type { DataFormat } from "../exports/formats.ts";
import type { ChatFamily } from "./chat-families.ts";

/** What a recipe for one trainer consists of. */
export interface Recipe {
  /** What stands in `data/`. */
  data: DataFormat | "llama-factory";
  /** Names and contents of the other files. */
  files: Record<string, string>;
  /** The command that trains, given in the recipe's folder. */
  launch: string;
}

/** What recipes are made of. */
export interface RecipeRun {
  model: string;
  settings: TrainingSettings;
  /** What becomes of examples that are too long, where the trainer decides. */
  long: "cut" | "drop";
  /** Layouts that each example is written in, one for every epoch; 1 where it keeps one. */
  layouts: number;
  /** Whose chat template a base without one is trained with; undefined for a model that has its own, and where none is known. */
  family: ChatFamily | undefined;
}

/** Makes the recipe of one trainer. */
export type RecipeMaker = (run: RecipeRun) => Recipe;

/** Epochs over a file that holds every example in all its layouts. */
export function epochsOver({ settings, layouts }: RecipeRun): number {
  return layouts > 1 ? settings.epochs / layouts : settings.epochs;
}

/**
 * How the method was trained (RAG-Instruct, arXiv 2501.00353: its README's launch command and the defaults of its
 * training script). On 8 processes the batch is 2 × 16 × 8 = 256 examples.
 */
export const methodSettings = {
  learningRate: 5e-6,
  scheduler: "cosine",
  warmupShare: 0.05,
  weightDecay: 0.1,
  epochs: 3,
  perDevice: 2,
  accumulation: 16,
  maxTokens: 4_096,
  clipNorm: 1,
  processes: 8,
  seed: 42,
} as const;

/** Settings of a recipe; every one has the method's value unless told otherwise. */
export type TrainingSettings = {
  -readonly [K in keyof typeof methodSettings]: (typeof methodSettings)[K] extends number ? number : string;
};

/** A number without an exponent, because YAML 1.1 reads "5e-7" as a text. */
export function plainNumber(value: number): string {
  return /e/.test(String(value)) ? trimEndOf(value.toFixed(20), /0/) : String(value);
}

/** The file of pinned requirements. */
export function requirements(lines: readonly string[]): Record<string, string> {
  return { "requirements.txt": `${lines.join("\n")}\n` };
}

/** The version that the recipes were run or checked with; the other pinned versions stand in the recipes. */
export const deepspeedPackage = "deepspeed==0.19.8";

/** The file of DeepSpeed's own configuration for ZeRO stage 1; "auto" leaves a value to the trainer. */
export function deepspeedZero1(): Record<string, string> {
  const config = {
    zero_optimization: { stage: 1, overlap_comm: true },
    bf16: { enabled: "auto" },
    fp16: { enabled: "auto" },
    gradient_accumulation_steps: "auto",
    gradient_clipping: "auto",
    train_batch_size: "auto",
    train_micro_batch_size_per_gpu: "auto",
    wall_clock_breakdown: false,
  };
  return { "deepspeed-zero1.json": `${JSON.stringify(config, null, 2)}\n` };
}
