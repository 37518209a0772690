import { relative } from "node:path";
import { describeReviews, listText, numberText } from "@rag-instruct/core";
import {
  hashReviews,
  type RunContext,
  type RunFolder,
  readReviews,
  type Stage,
  type StageTools,
  type StageWork,
  writeAtomic,
} from "@rag-instruct/core/node";
import { writeRunAlignment } from "./alignment/export-alignment.ts";
import { type ExportReport, exportExamples } from "./export-examples.ts";
import {
  isAlignmentFormat,
  isExampleFormat,
  isRetrievalFormat,
  isTrajectoryFormat,
  type RunFormat,
} from "./exports/formats.ts";
import { type FindTrajectories, writeRunTrajectories } from "./exports/trajectories.ts";
import { datasetCard, describeChecks, type Provenance, summarizeExamples } from "./publish/dataset-card.ts";
import { readExamples } from "./read-examples.ts";
import { type RunRetrievalOptions, writeRunRetrieval } from "./retrieval/export-retrieval.ts";
import { hashSplits, type WrittenParts } from "./run-parts.ts";

const unstated = "none stated";

/** Options of {@link exportStage}. */
export interface ExportStageOptions<Context> extends RunRetrievalOptions<Context> {
  /** The run folder, whose reviews decide too. */
  to: string;
  exports: readonly RunFormat[];
  /** Documents of an example; "any" where there is no noise to fill them up. */
  documents: number | "any";
  seed: number;
  /** Names and licences for the dataset card. @default "none stated" */
  card: { name?: string; license?: string; corpus?: Provenance; exemplars?: Provenance };
  /** Finds the chains of searches of pairs. @default there are none to export */
  findTrajectories?: FindTrajectories;
  /** How it finds them. @default by its defaults */
  trajectories?: Readonly<Record<string, unknown>>;
  /** What the exemplars are where the card does not say. @default a name without a licence */
  exemplars?: readonly Provenance[];
  /** What was checked of each pair. */
  checking: Parameters<typeof describeChecks>[0];
  /** What else was checked, by whom and with what result, from the run folder; a hash of what that rests on. @default nothing */
  checked?: { hash(): Promise<string | undefined>; describe(): Promise<string | undefined> };
  /** What the set is not good for, from the run folder. */
  limits(folder: RunFolder): Promise<string[]>;
}

/** What writing the exports of a run works with. */
export type ExportContext = Pick<RunContext, "folder" | "signal" | "onProgress"> &
  Pick<StageTools, "replacing"> & {
    /** Whether only what a person has accepted or edited is given out. @default false */
    onlyAccepted?: boolean;
  };

/** The stage of a run that gives training examples out to `exports/`, a file a format, with a dataset card beside them. */
export function exportStage<Context extends RunContext & StageTools>(
  options: ExportStageOptions<Context>,
): Stage<Context> {
  const { to, exports: formats, documents, seed, card, checking, negatives, trajectories } = options;
  const isForRetrievers = formats.some(isRetrievalFormat);
  return {
    name: "export",
    inputs: async () => ({
      formats,
      documents,
      seed,
      card,
      checks: describeChecks(checking),
      reviews: await hashReviews(to),
      checked: await options.checked?.hash(),
      negatives: isForRetrievers ? (negatives ?? {}) : undefined,
      trajectories: formats.some(isTrajectoryFormat) ? (trajectories ?? {}) : undefined,
      splits: formats.every(isExampleFormat) ? undefined : await hashSplits(to),
    }),
    outputs: ["exports/README.md"],
    run: (context) => writeRunExports(options, context),
  };
}

/** Writes the exports of the training examples of a run folder, and counts them. Throws `file-missing` without examples. */
export async function writeRunExports<Context extends ExportContext>(
  options: ExportStageOptions<Context>,
  context: Context,
): Promise<StageWork> {
  const { exports: formats, documents, card, seed } = options;
  const { folder, signal, onProgress, replacing, onlyAccepted } = context;
  const reviews = await readReviews(options.to);
  const examples = () => readExamples(folder.path("train.jsonl"), { reviews, onlyAccepted, signal });
  await replacing();
  const to = folder.path("exports");
  const ofExamples = formats.filter(isExampleFormat);
  const written =
    ofExamples.length > 0
      ? await exportExamples({
          examples: examples(),
          to,
          formats: ofExamples,
          documents,
          overwrite: true,
          onProgress,
          signal,
        })
      : undefined;
  const reading = { context, reviews, onlyAccepted };
  const ofRetrievers = formats.filter(isRetrievalFormat);
  const retrieval = ofRetrievers.length > 0 ? await writeRunRetrieval(ofRetrievers, options, reading) : undefined;
  const ofAlignment = formats.filter(isAlignmentFormat);
  const alignment = ofAlignment.length > 0 ? await writeRunAlignment(ofAlignment, options, reading) : undefined;
  const ofSearches = formats.filter(isTrajectoryFormat);
  const searches = ofSearches.length > 0 ? await writeRunTrajectories(ofSearches, options, reading) : undefined;
  const byParts: readonly WrittenParts<RunFormat>[] = [retrieval, alignment, searches].filter(
    (one) => one !== undefined,
  );
  const all = [...(written?.files ?? []), ...byParts.flatMap((one) => one.files)];
  const files = all.map((file) => ({ ...file, path: relative(to, file.path).replaceAll("\\", "/") }));
  const summary = await summarizeExamples(examples());
  const fewer = fewerOf(written?.files ?? [], summary);
  const text = datasetCard({
    name: card.name ?? "RAG-Instruct training data",
    license: card.license ?? unstated,
    corpus: card.corpus ?? { name: "the corpus", license: unstated },
    exemplars: card.exemplars
      ? [card.exemplars]
      : (options.exemplars ?? [{ name: "the exemplars", license: unstated }]),
    summary,
    // Loaders refuse a table without a row.
    files: files.filter((file) => file.bytes > 0 && (!("isTable" in file) || file.isTable)),
    seeds: { "plan, noise and order": seed },
    checks: [
      ...describeChecks(options.checking),
      ...[describeReviews(reviews.figures()) ?? [], (await options.checked?.describe()) ?? []].flat(),
    ],
    retrieval: [...(retrieval?.lines ?? []), ...(searches?.lines ?? [])],
    alignment: alignment?.lines,
    limits: [...(fewer ? [`examples by format: ${fewer}`] : []), ...(await options.limits(folder))],
  });
  await writeAtomic(folder.path("exports", "README.md"), text);
  const names = ["README.md", ...byParts.map(({ report }) => report), ...files.map(({ path }) => path)];
  const counts = { formats: new Set(files.map(({ format }) => format)).size, examples: summary.examples };
  return {
    counts: Object.assign(counts, ...byParts.map((one) => one.counts)),
    note: fewer,
    files: names.map((name) => `exports/${name}`),
  };
}

/** Which formats have no place for some of the examples, and how many they hold, in words; undefined where each holds all. */
function fewerOf(files: ExportReport["files"], { examples }: { examples: number }): string | undefined {
  const short = Map.groupBy(
    files.filter((file) => file.examples < examples),
    (file) => file.examples,
  );
  const parts = [...short].map(([count, of]) => `${numberText(count)} in ${listText(of.map(({ format }) => format))}`);
  return parts.length > 0 ? `${parts.join(", ")}, with no place for the others` : undefined;
}
