import {
  amount,
  guessLanguage,
  type OnProgress,
  RagInstructError,
  type Source,
  type TrainingExample,
} from "@rag-instruct/core";
import { isExampleFormat, isRetrievalFormat, isTable, type RunFormat } from "../exports/formats.ts";

/** What a set of examples holds, in figures. */
export interface SetSummary {
  examples: number;
  /** Examples by paradigm and by the model that wrote them; "unknown" where the data does not say. */
  paradigms: Record<string, number>;
  models: Record<string, number>;
  /** Of the first ten thousand examples, those whose question and answer tell their language, by its ISO 639-1 code. */
  languages: Record<string, number>;
  /** Examples by the turn of their conversation, from 1. */
  turns: Record<string, number>;
  /** Documents by role. */
  roles: Record<string, number>;
  /** Noise documents from better ranks than asked for, by reason. */
  relaxed: Record<string, number>;
  /** Examples without any source document. */
  withoutSources: number;
  /** Least and most documents of an example. */
  documents: { least: number; most: number };
}

const mostGuessed = 10_000;

/** Counts a set in one pass and constant memory. */
export async function summarizeExamples(
  examples: Source<TrainingExample>,
  { onProgress, signal }: { onProgress?: OnProgress; signal?: AbortSignal } = {},
): Promise<SetSummary> {
  const summary: SetSummary = {
    examples: 0,
    paradigms: {},
    models: {},
    languages: {},
    turns: {},
    roles: {},
    relaxed: {},
    withoutSources: 0,
    documents: { least: Number.POSITIVE_INFINITY, most: 0 },
  };
  for await (const { paradigm, model = "unknown", question, answer, documents, history = [] } of examples) {
    signal?.throwIfAborted();
    summary.examples += 1;
    count(summary.paradigms, paradigm);
    count(summary.models, model);
    const { language } = summary.examples <= mostGuessed ? guessLanguage(`${question}\n${answer}`) : {};
    if (language) count(summary.languages, language);
    count(summary.turns, String(history.length + 1));
    for (const { role, relaxed } of documents) {
      count(summary.roles, role);
      if (relaxed) count(summary.relaxed, relaxed);
    }
    if (documents.every(({ role }) => role === "noise")) summary.withoutSources += 1;
    summary.documents.least = Math.min(summary.documents.least, documents.length);
    summary.documents.most = Math.max(summary.documents.most, documents.length);
    if (summary.examples % 1_000 === 0) onProgress?.({ stage: "summarize", done: summary.examples });
  }
  if (summary.examples === 0) summary.documents.least = 0;
  return summary;
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

const noneStated = "none stated";

/** Where material comes from and on which terms. */
export interface Provenance {
  name: string;
  /** As its owner states it, such as "CC BY-SA 4.0"; "none stated" where there is none. */
  license: string;
  url?: string;
}

/** Options of {@link datasetCard}. */
export interface DatasetCardOptions {
  /** Name for people. */
  name: string;
  /** License of this set, as the hub spells it, such as `cc-by-sa-4.0`; "none stated" where none is. */
  license: string;
  corpus: Provenance;
  exemplars: readonly Provenance[];
  summary: SetSummary;
  /** Files beside the card, such as an export report's, with paths relative to the card. */
  files: readonly { format: RunFormat; path: string; split?: string }[];
  /** What it took to make, where known. */
  cost?: { usd?: number; inputTokens?: number; outputTokens?: number };
  /** Every seed, by what it decided. */
  seeds: Readonly<Record<string, number | string>>;
  /** What was checked of each pair beyond what every example is checked for. */
  checks?: readonly string[];
  /** What there is for retrievers, and what was left out of it. */
  retrieval?: readonly string[];
  /** What there is for training by rewards and by preferences, and what was left out of it. */
  alignment?: readonly string[];
  /** What the set is not good for. */
  limits?: readonly string[];
  /** BCP 47 codes. @default those that one in twenty examples is in, as far as examples tell */
  languages?: readonly string[];
}

/**
 * The README.md of a data set, with the metadata that the hub reads: licenses, counts, models, cost, seeds, what was
 * checked, limits, and how to load it. Throws `bad-option` where a license is left empty.
 */
export function datasetCard(options: DatasetCardOptions): string {
  requireLicenses(options);
  return `---\n${metadata(options)}---\n\n${page(options)}`;
}

function requireLicenses({ license, corpus, exemplars }: DatasetCardOptions): void {
  const missing = [
    ...(license.trim() ? [] : ["this set"]),
    ...[corpus, ...exemplars].filter((one) => !one.license.trim()).map(({ name }) => name),
  ];
  if (missing.length === 0 && exemplars.length > 0) return;
  const what =
    exemplars.length === 0 ? "no exemplar set is named" : `the license of ${missing.join(" and of ")} is empty`;
  throw new RagInstructError(
    "bad-option",
    `${what}; a card must state it, "${noneStated}" where the owner states none`,
  );
}

function metadata({ name, license, summary, files, languages = languagesOf(summary) }: DatasetCardOptions): string {
  const { declared, first } = tablesOf(files);
  const configs = [...Map.groupBy(declared, ({ format }) => format)].map(([format, group]) => ({
    config_name: format,
    default: format === first?.format ? true : undefined,
    data_files: group.map(({ path, split = "train" }) => ({ split, path })),
  }));
  const fields = {
    // The hub's own word for a license that is not stated.
    license: license === noneStated ? "unknown" : license,
    language: languages.length > 0 ? languages : undefined,
    pretty_name: name,
    task_categories: ["question-answering", "text-generation"],
    size_categories: [sizeCategory(summary.examples)],
    tags: [
      "rag",
      "retrieval-augmented-generation",
      "rag-instruct",
      "synthetic",
      ...(isDryRun(summary) ? [dryRunTag] : []),
    ],
    configs,
  };
  // JSON values are YAML values.
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

// Short texts are taken for another language now and then.
const leastShare = 0.05;

/** Languages of a set, the commonest first. */
function languagesOf({ languages }: SetSummary): string[] {
  const known = Object.entries(languages).sort(([, a], [, b]) => b - a);
  const all = known.reduce((sum, [, count]) => sum + count, 0);
  return known.filter(([, count]) => count >= leastShare * all).map(([language]) => language);
}

function isDryRun({ models }: SetSummary): boolean {
  return Object.keys(models).some(isDryRunModel);
}

// The hub's own classes.
function sizeCategory(examples: number): string {
  const edges: [below: number, name: string][] = [
    [1e3, "n<1K"],
    [1e4, "1K<n<10K"],
    [1e5, "10K<n<100K"],
    [1e6, "100K<n<1M"],
  ];
  return edges.find(([below]) => examples < below)?.[1] ?? "1M<n<10M";
}

function page(options: DatasetCardOptions): string {
  const { name, corpus, exemplars, summary, cost, seeds, checks = [], limits = [], files, license } = options;
  const { retrieval = [], alignment = [] } = options;
  const sections = [
    `# ${name}`,
    isDryRun(summary) &&
      "> **Dry-run data.** The pairs were recorded in advance, or cut out of the corpus by the offline model; no language model wrote them. Do not train on them.",
    `${amount(summary.examples, "training example")} for retrieval-augmented generation, made by the RAG-Instruct method (arXiv 2501.00353): each holds a question, its answer and ${documentsOf(summary)} documents, of which some are the sources the pair was written from and the others noise.`,
    `## Contents\n\n${tables(summary).join("\n\n")}\n\n${remarks(summary)}`,
    retrieval.length > 0 && `## For retrievers\n\n${list(retrieval)}`,
    alignment.length > 0 && `## For rewards and preferences\n\n${list(alignment)}`,
    `## How it was made\n\n- Models: ${Object.entries(summary.models)
      .map(([model, count]) => `${model} (${amount(count, "example")})`)
      .join(", ")}.\n- Cost: ${costOf(cost)}.\n- Seeds: ${
      Object.entries(seeds)
        .map(([what, seed]) => `${what} ${seed}`)
        .join(", ") || "none"
    }.`,
    `## What was checked\n\n${list(["the number of documents, every source among them, none twice, and no noise document that equals a source or states the answer", ...checks])}`,
    `## Limits\n\n${list([...limits, "questions and answers were written by a model and may be wrong where the documents are wrong"])}`,
    `## Licenses\n\nThis set: ${license}. Corpus: ${provenance(corpus)}. Exemplars, whose task and phrasing the questions imitate: ${exemplars.map(provenance).join("; ")}.`,
    `## How to load it\n\n${loading(files)}`,
  ];
  return `${sections.filter(Boolean).join("\n\n")}\n`;
}

function documentsOf({ documents: { least, most } }: SetSummary): string {
  return least === most ? String(most) : `${least} to ${most}`;
}

function tables({ paradigms, turns, roles }: SetSummary): string[] {
  const ofTurns = Object.keys(turns).length > 1 ? [table("turn of a conversation", turns)] : [];
  return [table("paradigm", paradigms), ...ofTurns, table("documents", roles)];
}

function table(head: string, counts: Record<string, number>): string {
  const rows = Object.entries(counts).map(([key, count]) => `| ${key} | ${count} |`);
  return [`| ${head} | count |`, "|---|---|", ...rows].join("\n");
}

function remarks({ relaxed, withoutSources }: SetSummary): string {
  const better = Object.entries(relaxed).map(([reason, count]) => `${count} for ${reason}`);
  const noise =
    better.length === 0
      ? "All noise comes from the ranks asked for."
      : `Noise from better ranks than asked for: ${better.join(", ")}.`;
  return `${noise} Examples without a source document: ${withoutSources}.`;
}

function costOf(cost: DatasetCardOptions["cost"] = {}): string {
  const { usd, inputTokens, outputTokens } = cost;
  const parts = [
    usd !== undefined && `${usd.toFixed(2)} US dollars`,
    inputTokens !== undefined && `${inputTokens} input tokens`,
    outputTokens !== undefined && `${outputTokens} output tokens`,
  ];
  return parts.filter(Boolean).join(", ") || "not recorded";
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function provenance({ name, license, url }: Provenance): string {
  return `${url ? `[${name}](${url})` : name} (${license})`;
}

/**
 * The tables that the card declares, and those that it cannot: `datasets` reads all configurations of a set with the loader of the first, so
 * that of JSON and Parquet only one kind may be among them, here the one of more formats.
 */
function tablesOf(files: DatasetCardOptions["files"]) {
  const tables = files.filter(({ format }) => isTable(format));
  const loaderOf = ({ path }: { path: string }) => (path.endsWith(".parquet") ? "parquet" : "json");
  const formats = { json: new Set<RunFormat>(), parquet: new Set<RunFormat>() };
  for (const table of tables) formats[loaderOf(table)].add(table.format);
  const loader = formats.json.size > formats.parquet.size ? "json" : "parquet";
  const declared = tables.filter((table) => loaderOf(table) === loader);
  return {
    declared,
    first: declared.find(({ format }) => format === "parquet") ?? declared[0],
    others: tables
      .filter((table) => loaderOf(table) !== loader)
      .map(({ path }) => `load_dataset("${loaderOf({ path })}", data_files="hf://datasets/REPO/${path}")`),
  };
}

function loading(files: DatasetCardOptions["files"]): string {
  const { declared, first, others } = tablesOf(files);
  const configurations = [...new Set(declared.map(({ format }) => format))].join(", ");
  const folders = [
    ...new Set(files.map(({ format }) => format).filter((format) => isRetrievalFormat(format) && !isTable(format))),
  ];
  const load = first && `examples = load_dataset("REPO", "${first.format}", split="${first.split ?? "train"}")`;
  const python = ["from datasets import load_dataset", load, others.join("\n")].filter(Boolean).join("\n\n");
  const script =
    'import { readExamples } from "@rag-instruct/format";\n\nfor await (const example of readExamples("FILE")) use(example);';
  const parts = [
    first && `Configurations: ${configurations}.`,
    others.length > 0 && "Files of another kind than the configurations are loaded by their names.",
    first && `\`\`\`python\n${python}\n\`\`\``,
    files.some(({ format }) => isTable(format) && isExampleFormat(format)) && `\`\`\`ts\n${script}\n\`\`\``,
    folders.length > 0 && `Folders for the loaders of their own kind: ${folders.join(", ")}.`,
  ];
  return parts.filter(Boolean).join("\n\n");
}

/** Whether a model id names the offline model or recorded replies, whose data is for dry runs. */
export function isDryRunModel(id: string): boolean {
  return /(?:^|\/)(?:offline(?:$|-)|recorded$)/.test(id);
}

/** The tag on the card of a set that holds such data. */
export const dryRunTag = "dry-run-data";

/** What {@link describeChecks} tells of. */
export interface ChecksMade {
  /** How far each pair was verified. */
  verify: "lexical" | "judge" | "proof";
  /** Share of word 3-grams from which a pair was a duplicate; false where none was taken out. */
  duplicates: number | false;
  /** Benchmarks by id, whose texts no pair holds. */
  benchmarks: Readonly<Record<string, unknown>>;
  /** Training examples whose noise a model checked. */
  noiseSample: number | "all";
}

/** What every pair went through, in words for {@link DatasetCardOptions.checks}. */
export function describeChecks({ verify, duplicates, benchmarks, noiseSample }: ChecksMade): string[] {
  const checks = [
    "each pair against its paradigm, by words: whether the answer is stated, leaked, or leaves a source unused",
  ];
  if (verify !== "lexical") checks.push("each pair by a model that quotes the documents; the quotes are checked");
  if (verify === "proof") checks.push("each pair by answers with all, without each, and without any of its documents");
  if (verify !== "lexical") {
    const which = noiseSample === "all" ? "all" : `a sample of ${noiseSample}`;
    checks.push(`the noise documents of ${which} examples by a model`);
  }
  if (duplicates !== false) checks.push(`near-duplicates from ${duplicates} of shared word triples on`);
  const against = Object.keys(benchmarks);
  if (against.length > 0) checks.push(`texts of benchmarks: ${against.join(", ")}`);
  return checks;
}
