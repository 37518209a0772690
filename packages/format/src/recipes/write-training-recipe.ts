import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { amount, type OnProgress, RagInstructError, type Source, type TrainingExample } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { type ExportReport, exportExamples } from "../export-examples.ts";
import type { TokenBudget } from "../fit-passages.ts";
import type { TextTokenizer } from "../labels.ts";
import type { RenderOptions } from "../render-example.ts";
import { axolotl } from "./axolotl.ts";
import { llamaFactory } from "./llama-factory.ts";
import {
  type ChatFamily,
  chatFamilies,
  familyNeeded,
  methodSettings,
  plainNumber,
  type RecipeMaker,
  type RecipeRun,
  type TrainingSettings,
} from "./recipe.ts";
import { accelerateDeepspeed, trl } from "./trl.ts";

/** The recipes by framework. */
const frameworks = {
  trl,
  "accelerate-deepspeed": accelerateDeepspeed,
  axolotl,
  "llama-factory": llamaFactory,
} satisfies Record<string, RecipeMaker>;

/** Ids of the trainers that recipes are written for. */
export type Framework = keyof typeof frameworks;

/** Options of {@link writeTrainingRecipe}. */
export interface RecipeOptions extends RenderOptions {
  framework: Framework;
  /** Hub id or folder of the chat model to train. */
  model: string;
  examples: Source<TrainingExample>;
  /** The folder to write. */
  to: string;
  /** Changes to the method's settings. @default {} */
  settings?: Partial<TrainingSettings>;
  /** Cut long passages at export, or leave such examples out there. axolotl and LLaMA-Factory can only so keep question and answer whole. */
  budget?: TokenBudget;
  /** The model's tokenizer, for a budget of `maxTokens` without what a chat template adds. @default none */
  tokenizer?: TextTokenizer;
  /**
   * What becomes of examples longer than `maxTokens`: their documents are cut, never question or answer, or they are left out; both are
   * counted. TRL's script does it, unless told otherwise by its `--long`. @default "cut" for TRL's script and with a budget, else "drop"
   */
  long?: "cut" | "drop";
  /** Whether an example keeps its layout or has another one in every epoch, as in the method's training. @default "example" */
  layouts?: "example" | "epoch";
  /** Id of the family whose chat template a base without one gets: llama3, chatml, gemma, mistral, llama2. @default the one that its tokenizer or name says */
  family?: string;
  /** Documents each example must have; "any" takes every number. @default 10 */
  documents?: number | "any";
  /** Write into a folder that is not empty. @default false */
  overwrite?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link writeTrainingRecipe} wrote. */
export interface RecipeReport {
  /** The command that trains, given in the folder. */
  launch: string;
  /** Names of the files beside `data/`. */
  files: string[];
  /** Family whose chat template the model gets because it has none, as far as can be told here. */
  family?: string;
  data: ExportReport;
}

/**
 * Writes a folder that trains with nothing left to edit: the data, the script or configuration with the method's
 * settings, pinned requirements, and a README with the commands to train, serve and evaluate. Prompts are laid out by
 * varied templates unless told otherwise. Throws `file-exists` for a folder that is not empty, and `bad-option`.
 */
export async function writeTrainingRecipe(options: RecipeOptions): Promise<RecipeReport> {
  const { framework, model, to, overwrite = false, template = "varied", signal } = options;
  const recipeOf = frameworks[framework];
  if (!recipeOf) {
    const known = Object.keys(frameworks).join(", ");
    throw new RagInstructError("bad-option", `no recipe is written for ${framework}; there are ${known}`);
  }
  if (!overwrite) await refuseFilled(to);
  const settings = { ...methodSettings, ...options.settings };
  const isScript = framework === "trl" || framework === "accelerate-deepspeed";
  const { tokenizer, budget = tokenizer && { tokenizer, tokens: settings.maxTokens - chatTokens } } = options;
  const { long = isScript || budget ? "cut" : "drop" } = options;
  if (long === "cut" && !isScript && !budget) {
    const message = `${framework} cannot cut documents: give the model's tokenizer, with which they are cut here, or leave long examples out`;
    throw new RagInstructError("bad-option", message);
  }
  const run = { model, settings, long, layouts: layoutsOf(options, settings), family: await familyOf(options) };
  const recipe = recipeOf(run);
  const data = await exportExamples({
    ...options,
    template,
    to: join(to, "data"),
    formats: [recipe.data],
    budget,
    long,
    layouts: run.layouts,
    places: isScript,
  });
  const readme = recipeReadme({ framework, run, launch: recipe.launch, report: data });
  const files = { ...recipe.files, "README.md": readme };
  for (const [name, content] of Object.entries(files)) {
    await writeAtomic(join(to, name), content, { overwrite, signal });
  }
  return { launch: recipe.launch, files: Object.keys(files), family: run.family?.id, data };
}

// What chat templates put around the two turns of an example, at most.
const chatTokens = 64;

function layoutsOf({ layouts = "example" }: RecipeOptions, { epochs }: TrainingSettings): number {
  if (layouts === "example") return 1;
  if (Number.isInteger(epochs) && epochs > 0) return epochs;
  throw new RagInstructError("bad-option", `a layout for every epoch needs whole epochs, not ${epochs}`);
}

async function familyOf({ family, model }: RecipeOptions): Promise<ChatFamily | undefined> {
  if (family === undefined) return familyNeeded(model);
  const found = chatFamilies.find(({ id }) => id === family);
  if (found) return found;
  const known = chatFamilies.map(({ id }) => id).join(", ");
  throw new RagInstructError("bad-option", `no family of chat templates is called ${family}; there are ${known}`);
}

async function refuseFilled(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  // An attempt that failed leaves folders alone.
  if (entries.every((entry) => entry.isDirectory())) return;
  throw new RagInstructError("file-exists", `${folder} is not empty; choose another folder or allow overwriting`);
}

/** The page that says how to train, serve and evaluate. */
function recipeReadme({
  framework,
  run: { model, settings, layouts, family },
  launch,
  report,
}: {
  framework: Framework;
  run: RecipeRun;
  launch: string;
  report: ExportReport;
}): string {
  const { perDevice, accumulation, processes } = settings;
  const isScript = framework === "trl" || framework === "accelerate-deepspeed";
  const chosen =
    layouts > 1 ? `, each example in ${layouts}, one for every epoch` : ", chosen for each\nexample by seed";
  return `# Training ${model} with ${framework}

Written by @rag-instruct/format. \`data/\` holds ${amount(report.examples, "example")}; the settings are those of the RAG-Instruct
method (arXiv 2501.00353): learning rate ${plainNumber(settings.learningRate)}, ${settings.scheduler} schedule with ${settings.warmupShare * 100}% warm-up, ${settings.epochs} epochs, at most
${amount(settings.maxTokens, "token")}, the loss on the answer alone. ${amount(perDevice, "example")} a device × ${accumulation} accumulated × ${processes} processes make a batch of ${perDevice * accumulation * processes};
with fewer processes raise the accumulation to keep it. The prompts were laid out by ${Object.keys(report.templates).length} templates${chosen}.
${family ? `\nThe model has no chat template as far as can be told; it is trained with that of the family ${family.id}.\n` : ""}
${lengthWords(report, { isScript, framework })}

## Train

\`\`\`sh
python -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt
${launch}
\`\`\`

${isScript ? "`python train.py --help` lists what changes a run: learning rate, epochs, batch, length, what becomes of long examples, chat template.\n" : ""}The model is downloaded by its id unless it names a folder. It is saved to \`output/\`.

## Serve

Either of these answers the OpenAI protocol:

\`\`\`sh
vllm serve output --served-model-name rag-instruct --max-model-len 8192 --port 8000
python -m sglang.launch_server --model-path output --served-model-name rag-instruct --port 8000
\`\`\`

## Evaluate

\`\`\`sh
npx rag-instruct eval popqa=popqa.jsonl --model rag-instruct --base-url http://127.0.0.1:8000/v1
\`\`\`
`;
}

function lengthWords(
  { cut, leftOut }: ExportReport,
  { isScript, framework }: { isScript: boolean; framework: Framework },
): string {
  const dropped = leftOut["too-long"] ?? 0;
  if (cut.examples + dropped > 0)
    return `Of examples that were too long the documents of ${cut.examples} were cut here, and ${dropped} were left out.`;
  if (isScript)
    return "Examples that are too long for the model's tokens have their documents cut, or are left out with `--long drop`;\nquestion and answer stay whole, and the script says how many there were.";
  return framework === "axolotl"
    ? "Examples that are longer are left out by axolotl."
    : "LLaMA-Factory cuts examples that are longer, answer and all, unless they were made to fit by the model's tokenizer.";
}
