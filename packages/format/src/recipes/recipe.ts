import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { trimEndOf } from "@rag-instruct/core";
import { isFolder } from "@rag-instruct/core/node";
import type { DataFormat } from "../exports/formats.ts";

/** How the chat models of one family lay out a conversation, for their bases that have no chat template of their own. */
export interface ChatFamily {
  id: string;
  /** Tokens by which a vocabulary is known as the family's. */
  marks: readonly string[];
  /** Kinds of model that the family is taken for where no vocabulary says so, as `config.json` names them. */
  types: readonly string[];
  /** The template in Jinja. */
  template: string;
  /** The token that ends a turn; empty for the tokenizer's own end of a text. */
  end: string;
}

const header = (role: string) => `'<|start_header_id|>' + ${role} + '<|end_header_id|>\n\n'`;
const turns = (turn: string, opening = "") =>
  `{% for message in messages %}${turn}{% endfor %}${opening && `{% if add_generation_prompt %}{{ ${opening} }}{% endif %}`}`;
const byRole = (user: string, assistant: string) =>
  `{% if message['role'] == 'user' %}{{ ${user} }}{% else %}{{ ${assistant} }}{% endif %}`;
const content = "message['content'] | trim";

/** The families, the most telling vocabulary first. */
export const chatFamilies: readonly ChatFamily[] = [
  {
    id: "llama3",
    marks: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    types: [],
    template: `{{ bos_token }}${turns(`{{ ${header("message['role']")} + ${content} + '<|eot_id|>' }}`, header("'assistant'"))}`,
    end: "<|eot_id|>",
  },
  {
    id: "chatml",
    marks: ["<|im_start|>", "<|im_end|>"],
    types: ["qwen2", "qwen3"],
    template: turns(
      `{{ '<|im_start|>' + message['role'] + '\n' + ${content} + '<|im_end|>\n' }}`,
      "'<|im_start|>assistant\n'",
    ),
    end: "<|im_end|>",
  },
  {
    id: "gemma",
    marks: ["<start_of_turn>", "<end_of_turn>"],
    types: ["gemma", "gemma2", "gemma3", "gemma3_text"],
    template: `{{ bos_token }}${turns(
      `{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' + ${content} + '<end_of_turn>\n' }}`,
      "'<start_of_turn>model\n'",
    )}`,
    end: "<end_of_turn>",
  },
  {
    id: "mistral",
    marks: [],
    types: ["mistral", "mixtral"],
    template: `{{ bos_token }}${turns(byRole(`'[INST] ' + (${content}) + ' [/INST]'`, `' ' + (${content}) + eos_token`))}`,
    end: "",
  },
  {
    id: "llama2",
    marks: [],
    types: ["llama"],
    template: turns(
      byRole(`bos_token + '[INST] ' + (${content}) + ' [/INST]'`, `' ' + (${content}) + ' ' + eos_token`),
    ),
    end: "",
  },
];

// What the names of hub repositories say.
const byName: readonly [RegExp, string][] = [
  [/llama-?3/i, "llama3"],
  [/qwen/i, "chatml"],
  [/gemma/i, "gemma"],
  [/mi[sx]tral/i, "mistral"],
  [/llama-?2/i, "llama2"],
];
const isChatName = /instruct|chat|[-_](?:it|sft|dpo|rl)(?![a-z])/i;

/**
 * The family whose template a base needs because it has none: of a folder as its tokenizer says, of a hub id as its name does. Undefined
 * for a model that has one, and where no family is known.
 */
export async function familyNeeded(model: string): Promise<ChatFamily | undefined> {
  if (await isFolder(model)) return familyOfFolder(model);
  const named = isChatName.test(model) ? undefined : byName.find(([name]) => name.test(model))?.[1];
  return chatFamilies.find(({ id }) => id === named);
}

async function familyOfFolder(folder: string): Promise<ChatFamily | undefined> {
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "{}");
  const [config, tokenizer, kind, beside] = await Promise.all(
    ["tokenizer_config.json", "tokenizer.json", "config.json", "chat_template.jinja"].map(read),
  );
  if (beside !== "{}" || JSON.parse(config!).chat_template) return undefined;
  const marked = chatFamilies.find(
    ({ marks }) => marks.length > 0 && marks.every((mark) => `${config}${tokenizer}`.includes(JSON.stringify(mark))),
  );
  const type = JSON.parse(kind!).model_type;
  return marked ?? chatFamilies.find(({ types }) => types.includes(type));
}

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
