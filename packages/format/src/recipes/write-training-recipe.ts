import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { amount, type OnProgress, RagInstructError, type Source, type TrainingExample } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { type ExportReport, exportExamples } from "../export-examples.ts";
import type { TokenBudget } from "../fit-passages.ts";
import type { RenderOptions } from "../render-example.ts";
import { axolotl } from "./axolotl.ts";
import { llamaFactory } from "./llama-factory.ts";
import { methodSettings, plainNumber, type RecipeMaker, type TrainingSettings } from "./recipe.ts";
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
  /** Cut long passages at export, so that the trainer leaves no example out. */
  budget?: TokenBudget;
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
  const recipe = recipeOf({ model, settings });
  const data = await exportExamples({ ...options, template, to: join(to, "data"), formats: [recipe.data] });
  const readme = recipeReadme({ framework, model, launch: recipe.launch, settings, report: data });
  const files = { ...recipe.files, "README.md": readme };
  for (const [name, content] of Object.entries(files)) {
    await writeAtomic(join(to, name), content, { overwrite, signal });
  }
  return { launch: recipe.launch, files: Object.keys(files), data };
}

async function refuseFilled(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return;
  throw new RagInstructError("file-exists", `${folder} is not empty; choose another folder or allow overwriting`);
}

/** The page that says how to train, serve and evaluate. */
function recipeReadme({
  framework,
  model,
  launch,
  settings,
  report,
}: {
  framework: Framework;
  model: string;
  launch: string;
  settings: TrainingSettings;
  report: ExportReport;
}): string {
  const { perDevice, accumulation, processes } = settings;
  return `# Training ${model} with ${framework}

Written by @rag-instruct/format. \`data/\` holds ${amount(report.examples, "example")}; the settings are those of the RAG-Instruct
method (arXiv 2501.00353): learning rate ${plainNumber(settings.learningRate)}, ${settings.scheduler} schedule with ${settings.warmupShare * 100}% warm-up, ${settings.epochs} epochs, at most
${amount(settings.maxTokens, "token")}, the loss on the answer alone. ${amount(perDevice, "example")} a device × ${accumulation} accumulated × ${processes} processes make a batch of ${perDevice * accumulation * processes};
with fewer processes raise the accumulation to keep it. The prompts were laid out by ${Object.keys(report.templates).length} templates, chosen for each
example by seed.

## Train

\`\`\`sh
python -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt
${launch}
\`\`\`

The model is downloaded by its id unless it names a folder. It is saved to \`output/\`.

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
