import { amount, durationText, numberText } from "@rag-instruct/core";
import type { Price } from "@rag-instruct/core/calls";
import type { EstimateBasis } from "./estimate.ts";

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
  /** What calls, tokens and time follow from. */
  basis: EstimateBasis;
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
