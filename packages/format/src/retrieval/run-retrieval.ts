import { listText, numberText, type PassageStore, type Retriever } from "@rag-instruct/core";
import { type RunContext, type RunFolder, writeAtomic } from "@rag-instruct/core/node";
import { type ReadingParts, readParts, removeOtherParts, type WrittenParts } from "../run-parts.ts";
import { exportRetrieval, type RetrievalFormatId, type RetrievalReport, retrievalNeeds } from "./export-retrieval.ts";
import { type NegativeOptions, rankWindow } from "./hard-negatives.ts";
import type { Helps } from "./judged-query.ts";

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
  const all = Object.entries(report.formats).map(([format, { leftOut }]) => [format, sumOf(leftOut)] as const);
  const counts = Object.fromEntries(
    all.filter(([, count]) => count > 0).map(([format, count]) => [`left out of ${format}`, count]),
  );
  return { files, counts, lines: describeRetrieval(report), report: reportFile };
}

/** What was written and left out, a line a format. */
function describeRetrieval({ formats, negatives }: Omit<RetrievalReport, "files">): string[] {
  const lines = Object.entries(formats).map(([format, { questions, withoutNegatives, records, leftOut }]) => {
    const bare = withoutNegatives > 0 ? `, ${numberText(withoutNegatives)} of them without negatives` : "";
    const out = Object.entries(leftOut).map(([reason, count]) => `${numberText(count)} ${reason}`);
    const rest = out.length > 0 ? `; left out: ${listText(out)}` : "";
    return `${format}: ${numberText(questions)} questions${bare}, ${numberText(records)} records${rest}`;
  });
  const { chosen, refused } = negatives;
  if (chosen === 0) return lines;
  const reasons = Object.entries(refused).map(([reason, count]) => `${numberText(count)} ${reason}`);
  return [...lines, `negatives: ${numberText(chosen)} chosen; candidates refused: ${listText(reasons)}`];
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
