import { amount, durationText, numberText, type Passage, tokensAbout } from "@rag-instruct/core";
import { costOf, isOnLoopback, type Price, priceOf } from "@rag-instruct/core/calls";
import type { StageRecord } from "@rag-instruct/core/node";
import { type Paradigm, renderPrompt } from "@rag-instruct/paradigms";
import type { ExpectedJudgements } from "./exemplars/filter-exemplars.ts";
import { exemplarSet } from "./exemplars/sets/exemplar-sets.ts";
import { readPairs } from "./given-pairs.ts";
import { isStandIn } from "./offline/recorded-model.ts";
import type { VerifyLevel } from "./verify/verify.ts";

/** What a call takes: as calls of the same model took, or, where it made none, as is assumed. */
export interface EstimateBasis {
  /** Calls that were looked at; 0 where all is assumed. */
  measured: number;
  /** With those for the turns that go on from it. */
  callsAPair: number;
  /** Training examples that a pair gives, with those of the turns that go on from it. */
  examplesAPair: number;
  secondsACall: number;
  /** Tokens of a reply. */
  outputTokens: number;
  /** Tokens of a prompt, where they were measured. */
  inputTokens?: number;
}

/** A synthesis that was made with the same model and as many checks. */
export interface MeasuredSynthesis {
  /** First pairs accepted, and later turns. */
  accepted: number;
  laterTurns: number;
  /** Replies paid for, and replies taken from the ledger. */
  made: number;
  reused: number;
  /** Of the replies paid for. */
  inputTokens: number;
  outputTokens: number;
  seconds: number;
  /** Most calls at the same time. */
  concurrency: number;
}

/** What the stage took when it last made calls with this model and as many checks, by its record; nothing where it did not. */
export function measuredSynthesis(
  record: Pick<StageRecord, "paid" | "counts"> | undefined,
  { model, verify, turns = 1 }: { model: string; verify: VerifyLevel; turns?: number },
): MeasuredSynthesis | undefined {
  const { paid, counts } = record ?? {};
  if (paid?.model !== model || paid.verify !== verify || (paid.turns ?? 1) !== turns) return undefined;
  const laterTurns = counts?.["later turns"] ?? 0;
  const accepted = (counts?.accepted ?? 0) - laterTurns;
  return accepted > 0 ? { ...paid, accepted, laterTurns } : undefined;
}

/** Options of {@link estimateSynthesis}. */
export interface EstimateOptions {
  /** Pairs wanted, by paradigm. */
  counts: Readonly<Record<string, number>>;
  /** By id; each that is counted must be there. */
  paradigms: Readonly<Record<string, Paradigm>>;
  /** Some passages of the corpus, from which the length of a prompt is told. */
  passages: readonly Passage[];
  verify: VerifyLevel;
  /** Turns that a pair may grow to. @default 1 */
  turns?: number;
  /** Training examples whose noise a model checks, from `judge` on. */
  noiseSample: number | "all";
  /** Share of them whose question a reader is asked with the noise alone, at `proof`. @default 0 */
  noiseAnswers?: number;
  /** @default that of the documents */
  language?: string;
  /** Most calls at the same time. */
  concurrency: number;
  /** What an earlier synthesis took. @default none: all is assumed */
  measured?: MeasuredSynthesis;
}

/** What a synthesis would call and take. */
export interface SynthesisEstimate {
  /** First pairs. */
  pairs: number;
  /** Training examples, one a pair and one for each turn that goes on from it. */
  examples: number;
  /** With those for pairs that are refused and written anew, and with those that check pairs and noise. */
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** Of the calls. */
  seconds: number;
  basis: EstimateBasis;
}

// One pair in seven is refused and written anew, a reply takes a few seconds and some 150 tokens: nobody has measured that for your model.
const assumed = { measured: 0, secondsACall: 4, outputTokens: 150 };
const writtenAPair = 1.17;
// A proof asks for up to three answers and one more a document, of which there are two to four in half of the pairs.
const checksAPair: Readonly<Record<VerifyLevel, number>> = { lexical: 0, judge: 1, proof: 5 };
// A later turn is read alone too, and at the proof answered by one who knows what went before.
const checksATurn: Readonly<Record<VerifyLevel, number>> = { lexical: 0, judge: 2, proof: 7 };

/** What a synthesis would take, as far as can be told without making it. Calls nothing. */
export function estimateSynthesis(options: EstimateOptions): SynthesisEstimate {
  const { counts, concurrency, measured } = options;
  const basis = measured ? basisOf(measured) : { ...assumed, ...assumedOf(options) };
  const pairs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const examples = Math.ceil(pairs * basis.examplesAPair);
  const calls = Math.ceil(pairs * basis.callsAPair) + noiseChecks(examples, options);
  const meanPrompt = basis.inputTokens ?? promptTokens(options) / Math.max(1, pairs);
  return {
    pairs,
    examples,
    calls,
    inputTokens: Math.ceil(calls * meanPrompt),
    outputTokens: Math.ceil(calls * basis.outputTokens),
    seconds: Math.ceil((calls * basis.secondsACall) / Math.max(1, Math.min(concurrency, calls))),
    basis,
  };
}

/** A later turn that is refused is not written anew: it ends its conversation. */
function assumedOf({ verify, turns = 1 }: EstimateOptions): Pick<EstimateBasis, "callsAPair" | "examplesAPair"> {
  let callsAPair = writtenAPair * (1 + checksAPair[verify]);
  let examplesAPair = 1;
  for (let turn = 2, going = 1; turn <= turns; turn++) {
    callsAPair += going * (1 + checksATurn[verify]);
    going /= writtenAPair;
    examplesAPair += going;
  }
  return { callsAPair, examplesAPair };
}

function basisOf(measured: MeasuredSynthesis): EstimateBasis {
  const { accepted, laterTurns, made, reused, inputTokens, outputTokens, seconds, concurrency } = measured;
  return {
    measured: made,
    callsAPair: (made + reused) / accepted,
    examplesAPair: 1 + laterTurns / accepted,
    secondsACall: (seconds * Math.min(concurrency, made)) / made,
    inputTokens: inputTokens / made,
    outputTokens: outputTokens / made,
  };
}

/** Calls that check the noise of assembled examples, one each, and those that ask a reader and compare what it answers. */
export function noiseChecks(
  examples: number,
  { verify, noiseSample, noiseAnswers = 0 }: Pick<EstimateOptions, "verify" | "noiseSample" | "noiseAnswers">,
): number {
  if (verify === "lexical") return 0;
  const answers = verify === "proof" ? 2 * Math.ceil(examples * noiseAnswers) : 0;
  return answers + (noiseSample === "all" ? examples : Math.min(examples, noiseSample));
}

/** Tokens of one prompt a pair, as they would be for these passages. */
function promptTokens({ counts, paradigms, language, passages }: EstimateOptions): number {
  const [exemplar] = exemplarSet("general");
  return Object.entries(counts).reduce((sum, [id, count]) => {
    const paradigm = paradigms[id]!;
    const wanted = Math.round((paradigm.documents.min + paradigm.documents.max) / 2);
    const documents = Array.from({ length: wanted }, (_, i) => passages[i % passages.length]!);
    const { instructions, prompt } = renderPrompt({
      paradigm,
      documents,
      exemplar: exemplar!,
      language: language || undefined,
    });
    return sum + count * tokensAbout(instructions, prompt);
  }, 0);
}

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
  /** Training examples: more than pairs where these grow into conversations. */
  examples: number;
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
    examples: synthesis.examples,
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
 * @param of.to the run folder, as it is to be shown @param of.shares what of each paradigm and how long, as {@link sharesInWords} says it
 */
export function estimateLines(
  estimate: RunEstimate,
  { to, concurrency, shares }: { to: string; concurrency: number; shares: string },
): string[] {
  const { documents, passages, isPartial, exemplars, judgements, pairs, examples, calls } = estimate;
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
    assemble: `${examples > pairs ? "about " : ""}${amount(examples, "example")}`,
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

// As proofs ask: up to three answers, and one more a document.
const callsAVerdict: Readonly<Record<VerifyLevel, number>> = { lexical: 0, judge: 1, proof: 6 };
/** Tokens of a verdict, about. */
export const verdictTokens = 150;

/** What verifying the pairs of a file calls, about; records that name no paradigm are of the one given. Reads the file once. */
export async function estimateVerification(
  file: string,
  { level, paradigm, signal }: { level: VerifyLevel; paradigm?: string; signal?: AbortSignal },
): Promise<{ pairs: number; calls: number; inputTokens: number; outputTokens: number }> {
  let [pairs, tokens] = [0, 0];
  for await (const { question, answer, documents } of readPairs(file, { paradigm, signal })) {
    pairs++;
    tokens += tokensAbout(question, answer, ...documents.map(({ text }) => text));
  }
  const calls = pairs * callsAVerdict[level];
  return { pairs, calls, inputTokens: tokens * callsAVerdict[level], outputTokens: calls * verdictTokens };
}
