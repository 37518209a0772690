import type { Passage } from "@rag-instruct/core";
import { checkStages, type RunFolder, readRunFolder, type StageRecord } from "@rag-instruct/core/node";
import { sampleCorpus, sampleStore } from "@rag-instruct/corpus";
import { cutPassagesOf, vectorPaths } from "@rag-instruct/embed/options";
import { countExemplars, type RunEstimate, runEstimate } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { expectFilter, expectSynthesis } from "../run/expected.ts";
import { broughtBy, exemplarSource } from "../run/inputs.ts";
import { namesKeptFiles } from "../run/kept-settings.ts";
import { nameModel } from "../run/models.ts";
import { requireExample } from "../stages/stages.ts";
import { stagesOf } from "./pipeline.ts";

/** Looks at the corpus, the exemplars and the run folder, and calls nothing. Throws what reading them throws. */
export async function estimateRun(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunEstimate> {
  const folder = await readRunFolder(config.to);
  const gone = new Map<string, string>();
  const checked = await checkStages(stagesOf(config, folder), {
    folder,
    signal,
    retries: "unusable",
    mayBeGone: await namesKeptFiles(config),
    onGone: (stage, why) => gone.set(stage, why),
  });
  const stages = checked.map(({ stage, before }) => ({ name: stage.name, unchanged: before !== undefined }));
  const willRun = (stage: string) => stages.some(({ name, unchanged }) => name === stage && !unchanged);
  const brought = await broughtBy(config, { signal });
  // Documents that exemplars bring are passages as they are.
  const { documents, size, passages, isPartial } = brought
    ? {
        documents: brought.passages.length,
        size: brought.passages.length,
        passages: brought.passages,
        isPartial: false,
      }
    : await lookAtCorpus(config, { folder, isGone: gone.has("ingest"), signal });
  if (!isPartial && !brought) requireExample(size, config);
  const { embeddings } = config;
  const countSource = async () => {
    const { source, mayHoldNone } = await exemplarSource(config);
    return countExemplars(source, { mayHoldNone, signal });
  };
  return runEstimate({
    model: nameModel(config.model),
    stages,
    gone: [...gone.values()],
    documents,
    passages: size,
    isPartial,
    exemplars: gone.has("exemplars") ? (folder.last("exemplars")?.counts.exemplars ?? 0) : await countSource(),
    synthesis: expectSynthesis(config, { folder, passages, brought }),
    judgements: config.filter === "model" && willRun("exemplars") ? await expectFilter(config, signal) : undefined,
    // Vectors that are there already are only read.
    embeddingSeconds:
      !willRun("embed") || vectorPaths(config.embeddings) ? 0 : secondsToEmbed(size, folder.last("embed")),
    cut: embeddings && willRun("embed") ? await cutPassagesOf(embeddings, passages) : undefined,
    prices: config.prices,
    batch: config.batch,
    concurrency: config.concurrency,
  });
}

/** A corpus, or as much of it as was looked at. */
interface CorpusLook {
  documents: number;
  /** Passages, of which those in `passages` tell how long prompts are. */
  size: number;
  passages: Passage[];
  isPartial: boolean;
}

/** The documents of a run, or where they are gone what it has read of them. */
async function lookAtCorpus(
  { corpus }: ResolvedConfig,
  { folder, isGone, signal }: { folder: RunFolder; isGone: boolean; signal?: AbortSignal },
): Promise<CorpusLook> {
  if (isGone) {
    const documents = folder.last("ingest")?.counts.documents ?? 0;
    return { documents, isPartial: false, ...(await sampleStore(folder.path("corpus.sqlite"), { signal })) };
  }
  const { from, ...reading } = corpus;
  const sample = await sampleCorpus(from, { ...reading, signal });
  return { ...sample, size: sample.passages.length };
}

/** By the passages that the last run here embedded; undefined where it did none. */
function secondsToEmbed(passages: number, last: StageRecord | undefined): number | undefined {
  const { seconds, counts } = last ?? {};
  return seconds && counts?.passages ? Math.ceil((passages * seconds) / counts.passages) : undefined;
}
