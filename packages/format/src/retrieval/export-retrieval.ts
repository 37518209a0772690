import {
  badOption,
  inBatches,
  numberText,
  type OnProgress,
  type PassageStore,
  type Retriever,
  type ScoredPassage,
  type Source,
  standaloneQuestion,
  type TrainingExample,
} from "@rag-instruct/core";
import { type RunContext, type RunFolder, writeAtomic } from "@rag-instruct/core/node";
import { type ExampleFlaw, flawOf, type GivenOut } from "../check-example.ts";
import { ExportFiles, type TextWriter, type WrittenFile } from "../exports/export-file.ts";
import { type RetrievalFormatId, retrievalFormats } from "../exports/formats.ts";
import { countedText, type ReadingParts, readParts, removeOtherParts, type WrittenParts } from "../run-parts.ts";
import { chooseNegatives, type NegativeOptions, type NegativeRefusal, rankWindow } from "./hard-negatives.ts";
import {
  type Helps,
  helpfulSources,
  helpsByMethod,
  type JudgedQuery,
  type QueryLeftOut,
  type RetrievalFormat,
  type RetrievalWriter,
} from "./retrieval-format.ts";

/** Options of {@link exportRetrieval}. */
export interface RetrievalExportOptions extends GivenOut {
  /** Examples by the name of their part, such as `train` and `test`; each part is read once. */
  splits: Readonly<Record<string, Source<TrainingExample>>>;
  /** The folder; made when it is not there. */
  to: string;
  formats: readonly RetrievalFormatId[];
  /** Ranks the corpus for the questions, for hard negatives. @default none: the noise documents of an example are its negatives */
  retriever?: Retriever;
  /** The corpus of `beir` and `msmarco`. @default the documents of the examples */
  passages?: Pick<PassageStore, "all">;
  negatives?: NegativeOptions;
  /** Whether the documents of a paradigm help. @default all but those of `useless-doc` */
  helps?: Helps;
  /** Questions ranked in one call. @default 64 */
  batchSize?: number;
  /** Replace files that are there. @default false */
  overwrite?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link exportRetrieval} did. */
export interface RetrievalReport {
  /** Examples read; questions and those left out, flawed ones among them, are as many in each format. */
  examples: number;
  flawed: Partial<Record<ExampleFlaw, number>>;
  /** Negatives chosen, and candidates for them that were refused, by reason. */
  negatives: { chosen: number; refused: Record<NegativeRefusal, number> };
  formats: Partial<Record<RetrievalFormatId, FormatCounts>>;
  files: (WrittenFile & { format: RetrievalFormatId; split?: string })[];
}

/** What was written of a format; questions and those left out are all that were read. */
export interface FormatCounts {
  questions: number;
  /** Of them those for which no negative was found, where the format has any. */
  withoutNegatives: number;
  records: number;
  leftOut: Partial<Record<QueryLeftOut, number>>;
}

/** Which of the formats need a ranking, and which the corpus. */
function retrievalNeeds(formats: readonly RetrievalFormatId[]): { negatives: boolean; corpus: boolean } {
  const all = formats.map((format) => retrievalFormats[format]);
  return { negatives: all.some((one) => one.needsNegatives), corpus: all.some((one) => one.needsCorpus) };
}

/**
 * Writes examples as data for retrievers and rerankers: questions with the source documents that help, and hard negatives. One pass over
 * the examples and one over the corpus; memory grows with the documents that questions name, by about 1 kB each where a corpus is
 * written, and with nothing else. Files are there whole or not at all. Throws `file-exists`, `bad-record` for a flawed example, and `bad-option`.
 */
export async function exportRetrieval(options: RetrievalExportOptions): Promise<RetrievalReport> {
  const { splits, formats, onProgress, signal } = options;
  await using files = new ExportFiles(options);
  const negatives = options.negatives?.count ?? 4;
  const { writers, owners } = await openWriters(formats, { files, splits: Object.keys(splits), negatives });
  const judge = new Judge(options);
  for (const [split, examples] of Object.entries(splits)) {
    for await (const query of judge.queries(examples)) {
      signal?.throwIfAborted();
      for (const [format, writer] of writers) judge.count(query, { format, written: await writer.write(query, split) });
      if (judge.report.examples % 1_000 === 0) onProgress?.({ stage: "export", done: judge.report.examples });
    }
  }
  if (options.passages && retrievalNeeds(formats).corpus) {
    let done = 0;
    for await (const passage of options.passages.all()) {
      signal?.throwIfAborted();
      for (const writer of writers.values()) await writer.addPassage?.(passage);
      if (++done % 10_000 === 0) onProgress?.({ stage: "export", done, unit: "passages" });
    }
  }
  signal?.throwIfAborted();
  const written = await files.commit({ keepsEmpty: false });
  return { ...judge.report, files: written.map(({ name, ...file }) => ({ ...file, ...owners.get(name)! })) };
}

/** Questions with their judgements and negatives, and what became of them. */
class Judge {
  readonly report: Omit<RetrievalReport, "files">;
  readonly #options: RetrievalExportOptions;
  readonly #depth: number;

  constructor(options: RetrievalExportOptions) {
    this.#options = options;
    this.#depth = rankWindow(options.negatives ?? {}).depth;
    this.report = {
      examples: 0,
      flawed: {},
      negatives: {
        chosen: 0,
        refused: { source: 0, "near-copy": 0, "states-answer": 0, repeated: 0, "too-near": 0 },
      },
      formats: Object.fromEntries(
        options.formats.map((format) => [format, { questions: 0, withoutNegatives: 0, records: 0, leftOut: {} }]),
      ),
    };
  }

  async *queries(examples: Source<TrainingExample>): AsyncGenerator<JudgedQuery> {
    const { batchSize = 64 } = this.#options;
    for await (const batch of inBatches(this.#sound(examples), batchSize)) {
      const rankings = await this.#rank(batch);
      for (const [i, example] of batch.entries()) yield this.#judge(example, rankings?.[i]);
    }
  }

  count(
    { negatives }: JudgedQuery,
    { format, written }: { format: RetrievalFormatId; written: number | QueryLeftOut },
  ): void {
    const counts = this.report.formats[format]!;
    if (typeof written === "string") counts.leftOut[written] = (counts.leftOut[written] ?? 0) + 1;
    else {
      counts.questions += 1;
      counts.withoutNegatives += Number(retrievalFormats[format].needsNegatives && negatives.length === 0);
      counts.records += written;
    }
  }

  async *#sound(examples: Source<TrainingExample>): AsyncGenerator<TrainingExample> {
    for await (const example of examples) {
      this.report.examples += 1;
      const flaw = flawOf(example, this.#options);
      if (flaw) this.report.flawed[flaw] = (this.report.flawed[flaw] ?? 0) + 1;
      else yield example;
    }
  }

  async #rank(batch: readonly TrainingExample[]): Promise<ScoredPassage[][] | undefined> {
    const { retriever, formats, signal } = this.#options;
    if (!retriever || !retrievalNeeds(formats).negatives) return undefined;
    return retriever.retrieve(batch.map(standaloneQuestion), { limit: this.#depth, signal });
  }

  #judge(example: TrainingExample, ranked: ScoredPassage[] | undefined): JudgedQuery {
    const { helps = helpsByMethod, negatives: options = {}, passages } = this.#options;
    const { id, paradigm, documents } = example;
    const question = standaloneQuestion(example);
    const sources = helpfulSources(example, helps);
    const helpful = new Set(sources.map(({ id }) => id));
    // Without a document that helps there is nothing to tell negatives from.
    const chosen = sources.length > 0 ? chooseNegatives(example, { ranked, helpful, options }) : undefined;
    const { negatives = [], refused, isUnmeasured = false } = chosen ?? {};
    const sum = this.report.negatives;
    sum.chosen += negatives.length;
    for (const [reason, count] of Object.entries(refused ?? {})) sum.refused[reason as NegativeRefusal] += count;
    return {
      id,
      text: question,
      helpful: sources,
      unhelpful: helps(paradigm) ? [] : documents.filter(({ role }) => role === "source"),
      negatives,
      isUnmeasured,
      documents: passages ? [] : documents,
    };
  }
}

/** Opens the files of formats, and gives the format and the part of each. Throws `bad-option` and `file-exists`. */
async function openWriters(
  formats: readonly RetrievalFormatId[],
  { files, splits, negatives }: { files: ExportFiles; splits: readonly string[]; negatives: number },
): Promise<{
  writers: Map<RetrievalFormatId, RetrievalWriter>;
  owners: Map<string, { format: RetrievalFormatId; split?: string }>;
}> {
  const writers = new Map<RetrievalFormatId, RetrievalWriter>();
  const owners = new Map<string, { format: RetrievalFormatId; split?: string }>();
  for (const id of new Set(formats)) {
    const format: RetrievalFormat | undefined = retrievalFormats[id];
    if (!format)
      throw badOption(
        `no format for retrievers is called ${id}; there are ${Object.keys(retrievalFormats).join(", ")}`,
      );
    const texts = new Map<string, TextWriter>();
    for (const name of format.files(splits)) {
      texts.set(name, await files.openText(name));
      owners.set(name, { format: id, split: splits.find((split) => name.endsWith(`/${split}.jsonl`)) });
    }
    writers.set(id, await format.open({ file: (name) => texts.get(name)!, splits, negatives }));
  }
  return { writers, owners };
}

/** What the exports for retrievers of a run are made with. */
export interface RunRetrievalOptions<Context> {
  /** How hard negatives are chosen. @default as `exportRetrieval` does */
  negatives?: NegativeOptions;
  /** Whether the documents of a paradigm help. @default all but those of `useless-doc` */
  helps?: Helps;
  /** Opens what ranks passages; undefined where there is no corpus. @default negatives are the noise documents of the examples */
  openRetriever?(context: Context): Promise<(Retriever & AsyncDisposable) | undefined>;
  /** Opens the corpus. @default the documents of the examples are the corpus */
  openPassages?(folder: RunFolder): Promise<(PassageStore & AsyncDisposable) | undefined>;
}

const reportFile = "retrieval.json";

/**
 * Writes the exports for retrievers of a run folder, by the parts of its splits where it has some, and `retrieval.json` with what was
 * left out. Throws `bad-input` where the splits are of other examples.
 */
export async function writeRunRetrieval<Context extends Pick<RunContext, "folder" | "signal" | "onProgress">>(
  formats: readonly RetrievalFormatId[],
  options: RunRetrievalOptions<Context> & { documents: number | "any" },
  reading: ReadingParts<Context>,
): Promise<WrittenParts<RetrievalFormatId>> {
  const { context } = reading;
  const { folder, signal, onProgress } = context;
  const { negatives, helps, documents } = options;
  const needs = retrievalNeeds(formats);
  await using retriever = needs.negatives ? await options.openRetriever?.(context) : undefined;
  await using passages = needs.corpus ? await options.openPassages?.(folder) : undefined;
  const splits = await readParts(reading);
  const { files, ...report } = await exportRetrieval({
    splits,
    to: folder.path("exports"),
    formats,
    retriever,
    passages,
    negatives,
    helps,
    documents,
    overwrite: true,
    onProgress,
    signal,
  });
  const window = retriever && rankWindow(negatives ?? {});
  const rules = { ranker: retriever?.id, ...negatives, from: window?.from, to: window?.to };
  const about = { splits: Object.keys(splits), rules: needs.negatives ? rules : undefined };
  await writeAtomic(folder.path("exports", reportFile), `${JSON.stringify({ ...about, ...report }, null, 2)}\n`);
  await removeOtherParts(formats, { folder, files });
  const counts = Object.fromEntries(
    Object.entries(report.formats).flatMap(([format, { leftOut }]) =>
      Object.entries(leftOut).map(([reason, count]) => [`left out of ${format} as ${reason}`, count] as const),
    ),
  );
  return { files, counts, lines: describeRetrieval(report), report: reportFile };
}

/** What was written and left out, a line a format. */
function describeRetrieval({ formats, negatives }: Omit<RetrievalReport, "files">): string[] {
  const lines = Object.entries(formats).map(([format, { questions, withoutNegatives, records, leftOut }]) => {
    const bare = withoutNegatives > 0 ? `, ${numberText(withoutNegatives)} of them without negatives` : "";
    const out = countedText(leftOut);
    return `${format}: ${numberText(questions)} questions${bare}, ${numberText(records)} records${out && `; left out: ${out}`}`;
  });
  const { chosen, refused } = negatives;
  if (chosen === 0) return lines;
  return [...lines, `negatives: ${numberText(chosen)} chosen; candidates refused: ${countedText(refused)}`];
}
