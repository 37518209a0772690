import { type Exemplar, type Passage, tokensAbout } from "@rag-instruct/core";
import { costOf, type Price, priceOf } from "@rag-instruct/core/calls";
import { sampleCorpus } from "@rag-instruct/corpus";
import { renderPrompt } from "@rag-instruct/paradigms";
import { demoExemplars, readExemplars } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { type RunFolder, readRunFolder, type StageRecord } from "../run/folder.ts";
import { describeModel, nameModel } from "../run/models.ts";
import { corpusTooSmall } from "../stages/ingest.ts";
import { checkStages } from "../stages/stage.ts";
import { makingStages } from "./pipeline.ts";

/** What a run would do, as far as can be told without doing it. */
export interface RunEstimate {
  model: string;
  /** Every stage, and whether it would be skipped because nothing has changed. */
  stages: { name: string; unchanged: boolean }[];
  documents: number;
  passages: number;
  /** True where the corpus is larger than what was looked at: then documents and passages are those looked at. */
  isPartial: boolean;
  exemplars: number;
  pairs: number;
  /** Calls to the model, with those for pairs that are refused and written anew, and with those that check pairs and noise. */
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; undefined where the model's price is not known. */
  usd?: number;
  price?: Price;
  /** Of the calls and, where it is known, of embedding: together nearly all of it. */
  seconds: number;
  /** Of embedding, by the passages that the last run here embedded; undefined where it did none, 0 where there is none to do. */
  embeddingSeconds?: number;
  /** What calls, tokens and time follow from. */
  basis: EstimateBasis;
}

/** What a call takes: as calls of the same model took in this folder, or, where it made none, as is assumed. */
export interface EstimateBasis {
  /** Calls of the last run here that were looked at; 0 where all is assumed. */
  measured: number;
  callsAPair: number;
  secondsACall: number;
  /** Tokens of a reply. */
  outputTokens: number;
  /** Tokens of a prompt, where they were measured. */
  inputTokens?: number;
}

// One pair in seven is refused and written anew, a reply takes a few seconds and some 150 tokens: nobody has measured that for your model.
const assumed = { measured: 0, secondsACall: 4, outputTokens: 150 };
const writtenAPair = 1.17;
// A proof asks for up to three answers and one more a document, of which there are two to four in half of the pairs.
const checksAPair = { lexical: 0, judge: 1, proof: 5 };

/** Looks at the corpus, the exemplars and the run folder, and calls nothing. Throws what reading them throws. */
export async function estimateRun(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunEstimate> {
  const { from, format, words } = config.corpus;
  const model = nameModel(config.model);
  const folder = await readRunFolder(config.to);
  const stages = await checkAll(config, { folder, signal });
  const basis = measure(folder.last("synthesize"), config) ?? assume(config);
  const sample = await sampleCorpus(from, { format, words, signal });
  if (!sample.isPartial && sample.passages.length < config.documents)
    throw corpusTooSmall(sample.passages.length, config);
  const exemplars = await countExemplars(config, signal);
  const pairs = Object.values(config.counts).reduce((sum, count) => sum + count, 0);
  const isDone = stages.some(({ name, unchanged }) => name === "synthesize" && unchanged);
  const calls = isDone ? 0 : Math.ceil(pairs * basis.callsAPair) + noiseChecks(pairs, config);
  const isFree = config.model === "offline" || calls === 0;
  const meanPrompt = basis.inputTokens ?? promptTokens(config, sample.passages) / Math.max(1, pairs);
  const inputTokens = isFree ? 0 : Math.ceil(calls * meanPrompt);
  const outputTokens = isFree ? 0 : Math.ceil(calls * basis.outputTokens);
  const embedding = embeddingSeconds(sample.passages.length, { stages, last: folder.last("embed") });
  const callSeconds = isFree ? 0 : Math.ceil((calls * basis.secondsACall) / Math.min(config.concurrency, calls));
  const price = priceOf(model, config.prices);
  return {
    model: describeModel(model),
    stages,
    documents: sample.documents,
    passages: sample.passages.length,
    isPartial: sample.isPartial,
    exemplars,
    pairs,
    calls,
    inputTokens,
    outputTokens,
    usd: isFree ? 0 : price && costOf(price, { inputTokens, outputTokens }, { batch: config.batch }),
    price: isFree ? undefined : price,
    seconds: callSeconds + (embedding ?? 0),
    embeddingSeconds: embedding,
    basis,
  };
}

function assume({ verify }: ResolvedConfig): EstimateBasis {
  return { ...assumed, callsAPair: writtenAPair * (1 + checksAPair[verify]) };
}

/** Calls that check the noise of assembled examples, one each. */
function noiseChecks(pairs: number, { verify, noiseSample }: ResolvedConfig): number {
  if (verify === "lexical") return 0;
  return noiseSample === "all" ? pairs : Math.min(pairs, noiseSample);
}

/** What a call took when the stage last made some with this model and as many checks; nothing where it did not. */
function measure(record: StageRecord | undefined, { model, verify }: ResolvedConfig): EstimateBasis | undefined {
  const { paid, counts } = record ?? {};
  if (!paid || paid.model !== describeModel(nameModel(model)) || paid.verify !== verify) return undefined;
  if (!counts?.accepted) return undefined;
  const { made, reused, inputTokens, outputTokens, seconds, concurrency } = paid;
  return {
    measured: made,
    callsAPair: (made + reused) / counts.accepted,
    secondsACall: (seconds * Math.min(concurrency, made)) / made,
    inputTokens: inputTokens / made,
    outputTokens: outputTokens / made,
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

async function checkAll(
  config: ResolvedConfig,
  { folder, signal }: { folder: RunFolder; signal?: AbortSignal },
): Promise<RunEstimate["stages"]> {
  const checked: RunEstimate["stages"] = [];
  for await (const { stage, before } of checkStages(makingStages(config), { folder, signal })) {
    checked.push({ name: stage.name, unchanged: before !== undefined });
  }
  return checked;
}

async function countExemplars({ exemplars = demoExemplars }: ResolvedConfig, signal?: AbortSignal): Promise<number> {
  if (typeof exemplars !== "string") return exemplars.length;
  let count = 0;
  for await (const _ of readExemplars(exemplars, { onUnread: () => {}, signal })) count++;
  return count;
}

/** Tokens of one prompt a pair, as they would be for passages of this corpus. */
function promptTokens({ counts, paradigms, language }: ResolvedConfig, passages: readonly Passage[]): number {
  const [exemplar] = demoExemplars as readonly [Exemplar, ...Exemplar[]];
  return Object.entries(counts).reduce((sum, [id, count]) => {
    const paradigm = paradigms[id]!;
    const wanted = Math.round((paradigm.documents.min + paradigm.documents.max) / 2);
    const documents = Array.from({ length: wanted }, (_, i) => passages[i % passages.length]!);
    const { instructions, prompt } = renderPrompt({ paradigm, documents, exemplar, language: language || undefined });
    return sum + count * tokensAbout(instructions, prompt);
  }, 0);
}
