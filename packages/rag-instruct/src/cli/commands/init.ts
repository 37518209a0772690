import { badOption, programName, RagInstructError, shellWord } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import type { NewConfig } from "../../config/reference.ts";
import { type CommandDefinition, flag } from "../command.ts";
import type { InitFlags } from "../questions.ts";

const fileName = "rag-instruct.config.ts";
const usualFolders = ["docs", "documents", "corpus", "handbook"];
const minPassages = 10;

/** What is left to do, with why. */
const nextCommands = {
  preview: "a pair of each paradigm, with prompt and checks",
  doctor: "check this machine and the model",
  "run --dry-run": "stages, calls, cost and time",
  run: "make the data and its report",
};

/** Writes a config from flags, and on a terminal from answers, after a look at the documents. */
export const init: CommandDefinition<string[], InitFlags> = {
  argument: ["[documents...]", "files, folders or globs; default: docs/, or the demo's"],
  flags: [
    ...(["to", "model", "pairs", "exemplars", "language", "embeddings", "budget"] as const),
    flag("-y, --yes", "ask nothing"),
    flag("-f, --force", "write over a config that is there"),
    flag("--schema", "print the JSON Schema of a config, and write nothing"),
  ],
  examples: [
    "rag-instruct init",
    "rag-instruct init handbook/ --model gpt-4o-mini --budget 5",
    "rag-instruct init handbook/ --base-url http://127.0.0.1:11434/v1 --model m",
  ],
  async run(documents, flags, context) {
    const { view, signal } = context;
    const { askOverwrite, askPreview, askQuestions, configJsonSchema, configText, takeRun } = await import(
      "../actions.ts"
    );
    if (flags.schema) return { text: `${JSON.stringify(configJsonSchema(), null, 2)}\n` };
    const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true && !flags.yes;
    const { run } = await takeRun(documents, { to: undefined });
    if (run !== undefined)
      throw badOption(
        `${run} is a run folder, which keeps its own settings; go on with it by: ${programName()} run ${shellWord(run)}`,
      );
    if (!flags.force && (await isThere(fileName)) && !(isTerminal && (await askOverwrite(fileName))))
      throw new RagInstructError("file-exists", `${fileName} is there already; edit it, or write it anew with --force`);
    const named = documents.length > 0 ? documents : await usualFolder();
    const chosen = isTerminal
      ? await askQuestions(documents, flags, { usual: named, signal })
      : { documents: named, flags };
    const config = await newConfig(chosen.documents, chosen.flags, signal);
    const { demoCorpus, exemplarSource, sampleCorpus, sampleLines, writeAtomic } = await import("../actions.ts");
    await exemplarSource({ exemplars: [...config.exemplars], sample: undefined, seed: 1 });
    const from = config.from.length > 0 ? config.from : [demoCorpus()];
    const sample = await sampleCorpus(from, { signal });
    await writeAtomic(fileName, configText(config));
    const { passages, ...looked } = sample;
    const json = { config: fileName, ...config, ...looked, passages: passages.length };
    const name = config.from.join(", ") || "the demo's documentation";
    const lines = [
      `${fileName} is written.`,
      ...sampleLines(sample, { name }),
      `Questions will have the form of those in: ${config.exemplars.join(", ")}.`,
    ];
    if (!isTerminal || passages.length < minPassages) return { text: [...lines, nextText()].join("\n"), json };
    view.say(lines);
    if (!(await askPreview(config.budget !== undefined))) return { text: nextText(), json };
    const { preview } = await import("./preview.ts");
    const { text } = await preview.run([], { brief: true, open: true }, context);
    return { text: `${text}${nextText("preview")}`, json };
  },
};

async function newConfig(documents: readonly string[], flags: InitFlags, signal: AbortSignal): Promise<NewConfig> {
  const { modelOf, pairsOf } = await import("../actions.ts");
  const pairs = pairsOf(flags, { each: 20 })!;
  const { to = "run", exemplars = ["general"], language, embeddings, budget, baseUrl } = flags;
  const name = flags.model ?? (baseUrl === undefined ? undefined : await onlyModel(baseUrl, signal));
  const model = modelOf({ model: name || undefined, baseUrl: baseUrl || undefined }) as NewConfig["model"];
  return { from: documents, to, model, pairs, exemplars, language, embeddings, budget };
}

/** The model of a server that has one. Throws `bad-option` and names those that there are. */
async function onlyModel(baseUrl: string, signal: AbortSignal): Promise<string | undefined> {
  const { modelsAt } = await import("../actions.ts");
  const models = URL.canParse(baseUrl) ? await modelsAt(baseUrl, signal) : undefined;
  if (models === undefined || models.length === 0) return undefined;
  if (models.length === 1) return models[0];
  throw badOption(`${baseUrl} has several models; choose one with --model: ${models.join(", ")}`);
}

async function usualFolder(): Promise<string[]> {
  for (const folder of usualFolders) if (await isThere(folder)) return [folder];
  return [];
}

function nextText(done?: string): string {
  const left = Object.entries(nextCommands).filter(([command]) => command !== done);
  return `\nNext:\n${left.map(([command, why]) => `  ${programName()} ${command.padEnd(14)} ${why}\n`).join("")}`;
}
