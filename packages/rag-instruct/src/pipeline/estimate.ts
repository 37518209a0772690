import { costOf, priceOf } from "@rag-instruct/core/calls";
import { checkStages, readRunFolder, type StageRecord } from "@rag-instruct/core/node";
import { sampleCorpus } from "@rag-instruct/corpus";
import { estimateSynthesis, filterExemplars, type RunEstimate } from "@rag-instruct/simulate";
import { isStandInChoice, vectorPaths } from "../config/choices.ts";
import type { ResolvedConfig } from "../config/schema.ts";
import { broughtTasks, exemplarSource } from "../run/exemplar-source.ts";
import { expectFilter, measuredBy } from "../run/expected.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { requireExample } from "../stages/stages.ts";
import { stagesOf } from "./pipeline.ts";

/** Looks at the corpus, the exemplars and the run folder, and calls nothing. Throws what reading them throws. */
export async function estimateRun(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunEstimate> {
  const { from, ...reading } = config.corpus;
  const model = nameModel(config.model);
  const folder = await readRunFolder(config.to);
  const checked = await checkStages(stagesOf(config, folder), { folder, signal, retries: "unusable" });
  const stages = checked.map(({ stage, before }) => ({ name: stage.name, unchanged: before !== undefined }));
  const brought = from.length === 0 && !config.retriever ? await broughtTasks(config, { signal }) : undefined;
  const sample = brought
    ? { documents: brought.passages.length, passages: brought.passages, isPartial: false }
    : await sampleCorpus(from, { ...reading, signal });
  if (!sample.isPartial && !brought) requireExample(sample.passages.length, config);
  const measured = measuredBy(folder.last("synthesize"), config);
  const whole = estimateSynthesis({ ...config, ...brought, passages: sample.passages, measured });
  const isDone = stages.some(({ name, unchanged }) => name === "synthesize" && unchanged);
  const isJudged =
    stages.some(({ name, unchanged }) => name === "exemplars" && !unchanged) && config.filter === "model";
  const judged = isJudged ? await expectFilter(config, signal) : { calls: 0, inputTokens: 0, outputTokens: 0 };
  const isWritten = !isStandInChoice(config.model) && !isDone && whole.calls > 0;
  const isFree = !isWritten && judged.calls === 0;
  const { pairs, basis } = whole;
  const written = isWritten ? whole : { inputTokens: 0, outputTokens: 0, seconds: 0 };
  const inputTokens = written.inputTokens + judged.inputTokens;
  const outputTokens = written.outputTokens + judged.outputTokens;
  const seconds = written.seconds + (judged.calls * basis.secondsACall) / config.concurrency;
  // Vectors that are there already are only read.
  const embedding = vectorPaths(config.embeddings)
    ? 0
    : embeddingSeconds(sample.passages.length, { stages, last: folder.last("embed") });
  const price = priceOf(model, config.prices);
  return {
    model: describeModel(model),
    stages,
    documents: sample.documents,
    passages: sample.passages.length,
    isPartial: sample.isPartial,
    exemplars: await countExemplars(config, signal),
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
