import type { Passage } from "@rag-instruct/core";
import { costOf, isOnLoopback, priceOf } from "@rag-instruct/core/calls";
import { checkStages, type RunFolder, readRunFolder, type StageRecord } from "@rag-instruct/core/node";
import { sampleCorpus } from "@rag-instruct/corpus";
import { vectorPaths } from "@rag-instruct/embed/options";
import { estimateSynthesis, filterExemplars, type RunEstimate } from "@rag-instruct/simulate";
import { isStandInChoice } from "../config/model-choice.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { broughtTasks, exemplarSource } from "../run/exemplar-source.ts";
import { expectFilter, firstPassages, measuredBy } from "../run/expected.ts";
import { namesKeptFiles } from "../run/kept-settings.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { requireExample } from "../stages/stages.ts";
import { stagesOf } from "./pipeline.ts";

/** Looks at the corpus, the exemplars and the run folder, and calls nothing. Throws what reading them throws. */
export async function estimateRun(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunEstimate> {
  const model = nameModel(config.model);
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
  const hasNone = config.corpus.from.length === 0 && !config.retriever;
  const brought = hasNone ? await broughtTasks(config, { signal }) : undefined;
  const sample = brought
    ? {
        documents: brought.passages.length,
        size: brought.passages.length,
        passages: brought.passages,
        isPartial: false,
      }
    : gone.has("ingest")
      ? await ingested(folder, signal)
      : await readSome(config, signal);
  if (!sample.isPartial && !brought) requireExample(sample.size, config);
  const measured = measuredBy(folder.last("synthesize"), config);
  const whole = estimateSynthesis({ ...config, ...brought, passages: sample.passages, measured });
  const isDone = stages.some(({ name, unchanged }) => name === "synthesize" && unchanged);
  const isJudged =
    stages.some(({ name, unchanged }) => name === "exemplars" && !unchanged) && config.filter === "model";
  const judged = isJudged ? await expectFilter(config, signal) : { calls: 0, inputTokens: 0, outputTokens: 0 };
  const isWritten = !isStandInChoice(config.model) && !isDone && whole.calls > 0;
  const price = priceOf(model, config.prices);
  // As before the first call: nobody charges on this machine, unless a price says so.
  const isFree = (!isWritten && judged.calls === 0) || (price === undefined && isOnLoopback(model));
  const { pairs, basis } = whole;
  const written = isWritten ? whole : { inputTokens: 0, outputTokens: 0, seconds: 0 };
  const inputTokens = written.inputTokens + judged.inputTokens;
  const outputTokens = written.outputTokens + judged.outputTokens;
  const seconds = written.seconds + (judged.calls * basis.secondsACall) / config.concurrency;
  // Vectors that are there already are only read.
  const embedding = vectorPaths(config.embeddings)
    ? 0
    : embeddingSeconds(sample.size, { stages, last: folder.last("embed") });
  return {
    model: describeModel(model),
    stages,
    gone: [...gone.values()],
    documents: sample.documents,
    passages: sample.size,
    isPartial: sample.isPartial,
    exemplars: gone.has("exemplars")
      ? (folder.last("exemplars")?.counts.exemplars ?? 0)
      : await countExemplars(config, signal),
    judgements: judged.calls,
    pairs,
    calls: (isDone ? 0 : whole.calls) + judged.calls,
    inputTokens,
    outputTokens,
    usd: isFree ? 0 : price && costOf(price, { inputTokens, outputTokens }, { batch: config.batch }),
    price: isFree ? undefined : price,
    seconds: seconds + (embedding ?? 0),
    embeddingSeconds: embedding,
    basis,
  };
}

/** A corpus, or as much of it as was looked at. */
interface CorpusLook {
  documents: number;
  /** Passages, of which those in `passages` tell how long prompts are. */
  size: number;
  passages: Passage[];
  isPartial: boolean;
}

async function readSome({ corpus }: ResolvedConfig, signal: AbortSignal | undefined): Promise<CorpusLook> {
  const { from, ...reading } = corpus;
  const sample = await sampleCorpus(from, { ...reading, signal });
  return { ...sample, size: sample.passages.length };
}

/** What a run has read of documents that are gone. */
async function ingested(folder: RunFolder, signal: AbortSignal | undefined): Promise<CorpusLook> {
  const { size, passages } = await firstPassages(folder, signal);
  return { documents: folder.last("ingest")?.counts.documents ?? 0, size, passages, isPartial: false };
}

function embeddingSeconds(
  passages: number,
  { stages, last }: { stages: RunEstimate["stages"]; last: StageRecord | undefined },
): number | undefined {
  const isWanted = stages.some(({ name, unchanged }) => name === "embed" && !unchanged);
  if (!isWanted) return 0;
  const { seconds, counts } = last ?? {};
  return seconds && counts?.passages ? Math.ceil((passages * seconds) / counts.passages) : undefined;
}

async function countExemplars(config: ResolvedConfig, signal?: AbortSignal): Promise<number> {
  const { source, mayHoldNone } = await exemplarSource(config);
  let count = 0;
  for await (const { status } of filterExemplars(source, { filter: "off", mayHoldNone, signal }))
    if (status === "accepted") count++;
  return count;
}
