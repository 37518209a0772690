import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type Framework,
  labelChat,
  openChatTemplate,
  type RecipeOptions,
  type TrainOn,
  writeTrainingRecipe,
} from "@rag-instruct/format";
import { madeExamples } from "./made-examples.ts";
import { python } from "./python.ts";

/**
 * Trains from recipes, on a CPU, with a randomly initialised Llama of a few hundred thousand weights: two steps with
 * TRL, and the labels that TRL, axolotl and LLaMA-Factory take from the same examples compared with our own.
 * Each trainer has its own virtual environment, made from the recipe's requirements.txt without deepspeed:
 *   node --conditions=@rag-instruct/source bench/train/prove.ts --trl VENV [--axolotl VENV] [--llama-factory VENV]
 */
const { values: venvs } = parseArgs({
  options: { trl: { type: "string" }, axolotl: { type: "string" }, "llama-factory": { type: "string" } },
});
if (!venvs.trl) throw new Error("name the virtual environment with TRL: --trl VENV");
const here = import.meta.dirname;
const folder = await mkdtemp(join(tmpdir(), "recipes-"));
const model = join(folder, "model");
const count = 72;

try {
  const trl = await recipe("accelerate-deepspeed");
  await python(venvs.trl, [join(here, "tiny_model.py"), join(trl, "data/prompt-completion.jsonl"), model], folder);
  const template = await openChatTemplate(model);
  const chats = (await records(trl)).map(({ prompt, completion }) => [...prompt, ...completion]);
  const ours = (on: TrainOn): string[] =>
    chats.map((messages) => {
      const { text, trained } = labelChat({ template, messages, on });
      return trained.map(({ start, end }) => text.slice(start, end)).join("");
    });
  const log = await python(venvs.trl, ["train.py", "--max-steps", "2", "--show", String(count)], trl);
  const shown = [...log.matchAll(/^trained: '(.*)'$/gm)].map(([, text]) => text!.replaceAll("\\n", "\n"));
  report("TRL", { shown, on: "completion", expected: ours("completion") });
  console.log(
    log
      .split("\n")
      .filter((line) => /'loss'|train_runtime|left out/.test(line))
      .join("\n"),
  );
  const accelerate =
    "from accelerate.commands.config.config_args import load_config_from_file as load; c = load('accelerate.yaml'); print(c.distributed_type.value, c.num_processes, c.deepspeed_config['zero_stage'])";
  console.log(`accelerate reads accelerate.yaml: ${(await python(venvs.trl, ["-c", accelerate], trl)).trim()}`);

  const base = join(folder, "base");
  await python(
    venvs.trl,
    [join(here, "tiny_model.py"), join(trl, "data/prompt-completion.jsonl"), base, "base"],
    folder,
  );
  const varied = await recipe("trl", { model: base, layouts: "epoch", settings: { epochs: 2 } });
  const small = ["--epochs", "2", "--batch", "8", "--accumulation", "2", "--max-length", "950", "--show", "1"];
  const said = await python(venvs.trl, ["train.py", ...small], varied);
  const { eos_token_id: ends } = JSON.parse(await readFile(join(varied, "output/generation_config.json"), "utf8"));
  console.log(
    said
      .match(/^.*(?:no chat template|examples: |trained: ).*$/gm)
      ?.map((line) => line.slice(0, 160))
      .join("\n"),
  );
  console.log(`a base without a chat template, two epochs in other layouts: ends of a turn ${JSON.stringify(ends)}`);

  for (const framework of ["axolotl", "llama-factory"] as const) {
    const venv = venvs[framework];
    if (!venv) continue;
    const written = await recipe(framework);
    const out = await python(venv, [join(here, `${framework.replace("-", "_")}_labels.py`)], written);
    const result = JSON.parse(out.match(/^RESULT (.*)$/m)![1]!) as { trained: string[]; settings?: unknown };
    const on = framework === "axolotl" ? "turn" : "completion";
    report(framework, { shown: result.trained, on, expected: ours(on) });
    if (result.settings) console.log(`  ${JSON.stringify(result.settings)}`);
  }
} finally {
  await rm(folder, { recursive: true });
}

async function recipe(framework: Framework, changes: Partial<RecipeOptions> = {}): Promise<string> {
  const to = join(folder, framework);
  await writeTrainingRecipe({ framework, model, examples: madeExamples(count), to, ...changes });
  return to;
}

async function records(
  recipe: string,
): Promise<{ prompt: { role: string; content: string }[]; completion: { role: string; content: string }[] }[]> {
  const lines = await readFile(join(recipe, "data/prompt-completion.jsonl"), "utf8");
  return lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The trainers shuffle, so that the texts are compared as sorted lists. */
function report(name: string, { shown, on, expected }: { shown: string[]; on: TrainOn; expected: string[] }): void {
  const equal = JSON.stringify(shown.toSorted()) === JSON.stringify(expected.toSorted());
  const verdict = equal ? "equal ours" : `DIFFER from ours, such as ${JSON.stringify(expected.toSorted()[0])}`;
  const such = JSON.stringify(shown.toSorted()[0]);
  console.log(`${name}: labels of ${shown.length} examples, such as ${such}: ${verdict} (on: "${on}")`);
  if (!equal) process.exitCode = 1;
}
