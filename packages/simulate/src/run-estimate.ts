import { amount, durationText, numberText } from "@rag-instruct/core";
import { costOf, isOnLoopback, type Price, priceOf } from "@rag-instruct/core/calls";
import type { EstimateBasis, SynthesisEstimate } from "./estimate.ts";
import type { ExpectedJudgements } from "./exemplars/expect-judgements.ts";
import { isStandIn } from "./offline/recorded-model.ts";

/** What a run would do, as far as can be told without doing it. */
export interface RunEstimate {
  model: string;
  /** Every stage, and whether it would be skipped because nothing has changed. */
  stages: { name: string; unchanged: boolean }[];
  /** Inputs that are gone since they were read; what was made of them is taken as it is. */
  gone: string[];
  documents: number;
  passages: number;
  /** True where the corpus is larger than what was looked at: then documents and passages are those looked at. */
  isPartial: boolean;
  exemplars: number;
  /** Exemplars that the model would be asked about. */
  judgements: number;
  pairs: number;
  /** Calls to the model, with those about exemplars, with those for pairs that are refused and written anew, and with those that check pairs and noise. */
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
  /** Says that passages are longer than the embedding model reads, where some are. */
  cut?: string;
  /** What calls, tokens and time follow from. */
  basis: EstimateBasis;
}

/** What {@link runEstimate} puts together. */
export interface RunEstimateParts
  extends Pick<
    RunEstimate,
    "stages" | "gone" | "documents" | "passages" | "isPartial" | "exemplars" | "embeddingSeconds" | "cut"
  > {
  /** A model object of the AI SDK, or its names. */
  model: { provider: string; modelId: string };
  synthesis: SynthesisEstimate;
  /** Of exemplars, where a model judges them. @default none */
  judgements?: ExpectedJudgements;
  prices?: Readonly<Record<string, Price>>;
  batch?: boolean;
  /** Most calls at the same time. */
  concurrency: number;
}

/** Puts a price and a time on what a run would do. A synthesis that has not changed is neither paid for nor waited for. */
export function runEstimate({ model, synthesis, judgements, prices, batch, ...parts }: RunEstimateParts): RunEstimate {
  const { concurrency, ...known } = parts;
  const nothing = { calls: 0, inputTokens: 0, outputTokens: 0, seconds: 0 };
  const judged = judgements ?? nothing;
  const isDone = known.stages.some(({ name, unchanged }) => name === "synthesize" && unchanged);
  const isWritten = !isStandIn(model.modelId) && !isDone && synthesis.calls > 0;
  const price = priceOf(model, prices);
  // As before the first call: nobody charges on this machine, unless a price says so.
  const isFree = (!isWritten && judged.calls === 0) || (price === undefined && isOnLoopback(model));
  const written = isWritten ? synthesis : nothing;
  const inputTokens = written.inputTokens + judged.inputTokens;
  const outputTokens = written.outputTokens + judged.outputTokens;
  const seconds = written.seconds + (judged.calls * synthesis.basis.secondsACall) / concurrency;
  return {
    ...known,
    model: `${model.provider}/${model.modelId}`,
    judgements: judged.calls,
    pairs: synthesis.pairs,
    calls: (isDone ? 0 : synthesis.calls) + judged.calls,
    inputTokens,
    outputTokens,
    usd: isFree ? 0 : price && costOf(price, { inputTokens, outputTokens }, { batch }),
    price: isFree ? undefined : price,
    seconds: seconds + (known.embeddingSeconds ?? 0),
    basis: synthesis.basis,
  };
}

/**
 * What a run would do and cost, in lines.
 * @param of.to the run folder, as it is to be shown @param of.shares what of each paradigm, as `, 20 of each of 5 paradigms`
 */
export function estimateLines(
  estimate: RunEstimate,
  { to, concurrency, shares }: { to: string; concurrency: number; shares: string },
): string[] {
  const { documents, passages, isPartial, exemplars, judgements, pairs, calls } = estimate;
  const { inputTokens, outputTokens, price, usd } = estimate;
  const more = isPartial ? " or more" : "";
  const what: Record<string, string> = {
    ingest: `${amount(documents, "document")}, ${amount(passages, "passage")}${more}`,
    embed: `${amount(passages, "passage")}${more}`,
    index: `${amount(passages, "passage")}${more}`,
    share: `${amount(passages, "passage")}${more}`,
    exemplars: `${amount(exemplars, "exemplar")}${judgements > 0 ? `: about ${amount(judgements, "call")}` : ""}`,
    plan: `${numberText(pairs)} tasks and reserves`,
    synthesize: `${amount(pairs, "pair")}${shares}: about ${amount(calls, "call")}, ${amount(inputTokens, "token")} in, ${numberText(outputTokens)} out`,
    assemble: `${amount(pairs, "example")}`,
  };
  const stages = estimate.stages.map(({ name, unchanged }) => {
    const facts = unchanged ? "unchanged, will be skipped" : (what[name] ?? "");
    return `  ${name.padEnd(11)} ${facts}`.trimEnd();
  });
  const at = price ? ` at $${price.inputPerMillion} and $${price.outputPerMillion} per million tokens in and out` : "";
  const cost =
    usd === undefined
      ? "not known: give the model's price in `prices` of the config"
      : usd === 0
        ? "nothing"
        : `about $${usd.toFixed(2)}${at}`;
  return [
    `Dry run: nothing is made or called. ${to}/ would be made by ${estimate.model}:`,
    "",
    ...stages,
    "",
    `  cost  ${cost}`,
    `  time  ${timeOf(estimate, concurrency)}`,
    ...basisLines(estimate),
    ...(estimate.cut === undefined ? [] : ["", `Warning: ${estimate.cut}; the rest of those is not searched.`]),
    ...estimate.gone.flatMap((why) => ["", `Gone since it was read: ${why}; what was made of it is taken as it is.`]),
    "",
  ];
}

function timeOf({ seconds, calls, embeddingSeconds }: RunEstimate, concurrency: number): string {
  const atOnce = calls > 0 && seconds > 0 ? ` with ${concurrency} calls at the same time` : "";
  const about = seconds === 0 ? "seconds" : `about ${durationText(seconds)}${atOnce}`;
  return embeddingSeconds === undefined ? `${about}; embedding is not counted, none was done here yet` : about;
}

/** Where an estimate comes from, in a line; nothing where there is nothing to pay. */
function basisLines({ basis, inputTokens }: RunEstimate): string[] {
  if (inputTokens === 0) return [];
  const each = `${amount(round(basis.callsAPair), "call")} a pair, ${numberText(round(basis.secondsACall))} s and ${numberText(Math.round(basis.outputTokens))} tokens a reply`;
  return basis.measured > 0
    ? ["", `By the ${amount(basis.measured, "call")} that the last run here made with this model: ${each}.`]
    : ["", `Assumed: ${each}. Make a few pairs first, and the next dry run goes by what they took.`];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
