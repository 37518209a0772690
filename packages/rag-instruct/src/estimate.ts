import { type Exemplar, type Passage, tokensAtMost } from "@rag-instruct/core";
import { costOf, type Price, priceOf } from "@rag-instruct/core/calls";
import { renderPrompt } from "@rag-instruct/paradigms";
import { readExemplars } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "./config.ts";
import { demoExemplars } from "./demo/exemplars.ts";
import { describeModel, resolveModel } from "./models.ts";
import { makingStages } from "./pipeline.ts";
import { readRunFolder } from "./run-folder.ts";
import { sampleCorpus } from "./sample-corpus.ts";
import { checkStages } from "./stage.ts";

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
  /** Calls to the model, with those for pairs that are refused and written anew. */
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; undefined where the model's price is not known. */
  usd?: number;
  price?: Price;
  /** Of the calls alone, which take nearly all of it. */
  seconds: number;
}

// Guesses that a first run replaces: one pair in seven is refused and written anew, a reply takes a few seconds and some 150 tokens.
const callsAPair = 1.17;
const secondsACall = 4;
const tokensAReply = 150;
// A token of English is about four bytes; core's bound takes one.
const bytesAToken = 4;

/** Looks at the corpus, the exemplars and the run folder, and calls nothing. Throws what reading them throws. */
export async function estimateRun(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunEstimate> {
  const model = resolveModel(config.model);
  const sample = await sampleCorpus(config.corpus, { signal });
  const exemplars = await countExemplars(config, signal);
  const pairs = Object.values(config.counts).reduce((sum, count) => sum + count, 0);
  const calls = Math.ceil(pairs * callsAPair);
  const isFree = config.model === "offline";
  const inputTokens = isFree ? 0 : Math.ceil(promptTokens(config, sample.passages) * callsAPair);
  const outputTokens = isFree ? 0 : calls * tokensAReply;
  const price = priceOf(model.modelId, config.prices);
  return {
    model: describeModel(model),
    stages: await checkAll(config, signal),
    documents: sample.documents,
    passages: sample.passages.length,
    isPartial: sample.isPartial,
    exemplars,
    pairs,
    calls,
    inputTokens,
    outputTokens,
    ...(isFree ? { usd: 0 } : price ? { usd: costOf(price, { inputTokens, outputTokens }), price } : {}),
    seconds: isFree ? 0 : Math.ceil((calls * secondsACall) / Math.min(config.concurrency, calls)),
  };
}

async function checkAll(config: ResolvedConfig, signal: AbortSignal | undefined): Promise<RunEstimate["stages"]> {
  const folder = await readRunFolder(config.to);
  const checked: RunEstimate["stages"] = [];
  for await (const { stage, before } of checkStages(makingStages(config), { folder, signal })) {
    checked.push({ name: stage.name, unchanged: before !== undefined });
  }
  return checked;
}

async function countExemplars(
  { exemplars = demoExemplars }: ResolvedConfig,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (typeof exemplars !== "string") return exemplars.length;
  let count = 0;
  for await (const _ of readExemplars(exemplars, { onUnread: () => {}, ...(signal ? { signal } : {}) })) count++;
  return count;
}

/** Tokens of one prompt a pair, as they would be for passages of this corpus. */
function promptTokens({ counts, paradigms, language }: ResolvedConfig, passages: readonly Passage[]): number {
  const [exemplar] = demoExemplars as readonly [Exemplar, ...Exemplar[]];
  return Object.entries(counts).reduce((sum, [id, count]) => {
    const paradigm = paradigms[id]!;
    const documents = passages.slice(0, Math.round((paradigm.documents.min + paradigm.documents.max) / 2));
    const { instructions, prompt } = renderPrompt({ paradigm, documents, exemplar, ...(language ? { language } : {}) });
    return sum + (count * tokensAtMost(instructions, prompt)) / bytesAToken;
  }, 0);
}
