import { basename } from "node:path";
import { describeReviews, type Pair, type Reviews, type TrainingExample } from "@rag-instruct/core";
import { hashReviews, type RunFolder, readJsonl, readReviews, writeAtomic } from "@rag-instruct/core/node";
import {
  datasetCard,
  describeChecks,
  type ExportReport,
  exportExamples,
  readExamples,
  summarizeExamples,
} from "@rag-instruct/format";
import { describeUnproved } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import type { PipelineStage, StageContext } from "./stage.ts";

const unstated = "none stated";

/** Training examples to `exports/`, a file a format, with a dataset card beside them. */
export function exportStage(config: ResolvedConfig): PipelineStage {
  const { exports: formats, documents, seed, card } = config;
  return {
    name: "export",
    inputs: async () => ({
      formats,
      documents,
      seed,
      card,
      checks: describeChecks(config),
      reviews: await hashReviews(config.to),
    }),
    outputs: ["exports/README.md"],
    run: (context) => makeExports(config, context),
  };
}

/** Writes the exports of the training examples of a run folder, and counts them. Throws `file-missing` without examples. */
export async function makeExports(
  config: ResolvedConfig,
  context: Pick<StageContext, "folder" | "signal" | "onProgress" | "replacing"> & { onlyAccepted?: boolean },
): Promise<{ counts: Record<string, number>; files: string[] }> {
  const { folder, signal, onProgress, replacing, onlyAccepted } = context;
  const { exports: formats, documents } = config;
  const reviews = await readReviews(config.to);
  const examples = () => readExamples(folder.path("train.jsonl"), { reviews, onlyAccepted, signal });
  await replacing();
  const report = await exportExamples({
    examples: examples(),
    to: folder.path("exports"),
    formats,
    documents,
    overwrite: true,
    onProgress,
    signal,
  });
  await writeAtomic(
    folder.path("exports", "README.md"),
    await writeCard(config, { folder, report, examples: examples(), reviews }),
  );
  const files = ["README.md", ...report.files.map(({ path }) => basename(path))];
  return {
    counts: { formats: report.files.length, examples: report.examples },
    files: files.map((name) => `exports/${name}`),
  };
}

async function writeCard(
  config: ResolvedConfig,
  given: { folder: RunFolder; report: ExportReport; examples: AsyncIterable<TrainingExample>; reviews: Reviews },
): Promise<string> {
  const { folder, report, examples, reviews } = given;
  const { card, exemplars, seed } = config;
  const ours = { name: "the exemplars of rag-instruct", license: "Apache-2.0" };
  return datasetCard({
    name: card.name ?? "RAG-Instruct training data",
    license: card.license ?? unstated,
    corpus: card.corpus ?? { name: "the corpus", license: unstated },
    exemplars: [card.exemplars ?? (exemplars === undefined ? ours : { name: "the exemplars", license: unstated })],
    summary: await summarizeExamples(examples),
    files: report.files.map(({ format, path }) => ({ format, path: basename(path) })),
    seeds: { "plan, noise and order": seed },
    checks: [...describeChecks(config), ...[describeReviews(reviews.figures()) ?? []].flat()],
    limits: await describeUnproved(readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true })),
  });
}
