import { RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import { demoCorpus } from "../demo/corpus.ts";
import { configText, type NewConfig } from "../init/config-text.ts";
import { listModels } from "../init/list-models.ts";
import { type CorpusSample, sampleCorpus } from "../sample-corpus.ts";
import { isThere } from "../stages/fingerprint.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { InitFlags } from "./flags.ts";
import { askOverwrite, askQuestions } from "./init-questions.ts";
import { npx } from "./npx.ts";
import { count } from "./progress.ts";
import { modelOf } from "./settings.ts";

const fileName = "rag-instruct.config.ts";
const usualFolders = ["docs", "documents", "corpus", "handbook"];
const ranksForNoise = 250;
const leastPassages = 10;

/** Writes a config from flags, and on a terminal from answers, after a look at the documents. */
export async function initCommand(
  documents: readonly string[],
  flags: InitFlags,
  { signal }: CommandContext,
): Promise<Answer> {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true && !flags.yes;
  if (!flags.force && (await isThere(fileName)) && !(isTerminal && (await askOverwrite(fileName)))) {
    throw new RagInstructError("file-exists", `${fileName} is there already; edit it, or write it anew with --force`);
  }
  const named = documents.length > 0 ? documents : await usualFolder();
  const chosen = isTerminal
    ? await askQuestions(documents, flags, { usual: named, signal })
    : { documents: named, flags };
  const config = await newConfig(chosen.documents, chosen.flags, signal);
  const from = config.from.length > 0 ? config.from : [demoCorpus()];
  const sample = await sampleCorpus({ from }, { signal });
  await writeAtomic(fileName, configText(config));
  const json = { config: fileName, ...config, documents: sample.documents, passages: sample.passages.length };
  return { text: describe(config, sample), json };
}

async function newConfig(documents: readonly string[], flags: InitFlags, signal: AbortSignal): Promise<NewConfig> {
  const { to = "run", pairs = 20, exemplars, language, embeddings, budget, baseUrl } = flags;
  const name = flags.model ?? (baseUrl === undefined ? undefined : await onlyModel(baseUrl, signal));
  const model = modelOf({ model: name || undefined, baseUrl: baseUrl || undefined }) as NewConfig["model"];
  return {
    from: documents,
    to,
    model,
    pairs,
    exemplars,
    language,
    embeddings,
    budget,
  };
}

/** The model of a server that has one. Throws `bad-option` and names those that there are. */
async function onlyModel(baseUrl: string, signal: AbortSignal): Promise<string | undefined> {
  const models = URL.canParse(baseUrl) ? await listModels(baseUrl, { signal }) : undefined;
  if (models === undefined || models.length === 0) return undefined;
  if (models.length === 1) return models[0];
  throw new RagInstructError(
    "bad-option",
    `${baseUrl} has several models; choose one with --model: ${models.join(", ")}`,
  );
}

async function usualFolder(): Promise<string[]> {
  for (const folder of usualFolders) if (await isThere(folder)) return [folder];
  return [];
}

function describe(config: NewConfig, { documents, passages, unread, isPartial }: CorpusSample): string {
  const more = isPartial ? " or more" : "";
  const what = config.from.length > 0 ? config.from.join(", ") : "the demo's documentation";
  const notes = [
    `${fileName} is written.`,
    `${what}: ${count(documents)} documents, ${count(passages.length)} passages of about 100 words${more}.`,
    ...(unread > 0 ? [`${count(unread)} records gave no text; the run will name them.`] : []),
    ...smallCorpus(passages.length),
  ];
  const next = [
    ["doctor", "check this machine and the model"],
    ["run --dry-run", "stages, calls, cost and time"],
    ["run", "make the data and its report"],
  ].map(([command, why]) => `  ${npx()}rag-instruct ${command!.padEnd(14)} ${why}`);
  return `${notes.join("\n")}\n\nNext:\n${next.join("\n")}\n`;
}

function smallCorpus(passages: number): string[] {
  if (passages < leastPassages)
    return [
      `That is fewer than the ${leastPassages} documents of one example: add documents, or set \`documents\` lower.`,
    ];
  if (passages < ranksForNoise)
    return [`Noise usually comes from ranks 201 to ${ranksForNoise}; with so few passages it comes from better ranks.`];
  return [];
}
