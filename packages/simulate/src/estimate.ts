import { type Passage, tokensAbout } from "@rag-instruct/core";
import type { StageRecord } from "@rag-instruct/core/node";
import { type Paradigm, renderPrompt } from "@rag-instruct/paradigms";
import { demoExemplars } from "./exemplars/demo-exemplars.ts";
import type { VerifyLevel } from "./verify/verify.ts";

/** What a call takes: as calls of the same model took, or, where it made none, as is assumed. */
export interface EstimateBasis {
  /** Calls that were looked at; 0 where all is assumed. */
  measured: number;
  callsAPair: number;
  secondsACall: number;
  /** Tokens of a reply. */
  outputTokens: number;
  /** Tokens of a prompt, where they were measured. */
  inputTokens?: number;
}

/** A synthesis that was made with the same model and as many checks. */
export interface MeasuredSynthesis {
  /** Pairs accepted. */
  accepted: number;
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
  { model, verify }: { model: string; verify: VerifyLevel },
): MeasuredSynthesis | undefined {
  const { paid, counts } = record ?? {};
  if (paid?.model !== model || paid.verify !== verify) return undefined;
  return counts?.accepted ? { ...paid, accepted: counts.accepted } : undefined;
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
  /** Training examples whose noise a model checks, from `judge` on. */
  noiseSample: number | "all";
  /** @default that of the documents */
  language?: string;
  /** Most calls at the same time. */
  concurrency: number;
  /** What an earlier synthesis took. @default none: all is assumed */
  measured?: MeasuredSynthesis;
}

/** What a synthesis would call and take. */
export interface SynthesisEstimate {
  pairs: number;
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

/** What a synthesis would take, as far as can be told without making it. Calls nothing. */
export function estimateSynthesis(options: EstimateOptions): SynthesisEstimate {
  const { counts, verify, concurrency, measured } = options;
  const basis = measured ? basisOf(measured) : { ...assumed, callsAPair: writtenAPair * (1 + checksAPair[verify]) };
  const pairs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const calls = Math.ceil(pairs * basis.callsAPair) + noiseChecks(pairs, options);
  const meanPrompt = basis.inputTokens ?? promptTokens(options) / Math.max(1, pairs);
  return {
    pairs,
    calls,
    inputTokens: Math.ceil(calls * meanPrompt),
    outputTokens: Math.ceil(calls * basis.outputTokens),
    seconds: Math.ceil((calls * basis.secondsACall) / Math.max(1, Math.min(concurrency, calls))),
    basis,
  };
}

function basisOf(measured: MeasuredSynthesis): EstimateBasis {
  const { accepted, made, reused, inputTokens, outputTokens, seconds, concurrency } = measured;
  return {
    measured: made,
    callsAPair: (made + reused) / accepted,
    secondsACall: (seconds * Math.min(concurrency, made)) / made,
    inputTokens: inputTokens / made,
    outputTokens: outputTokens / made,
  };
}

/** Calls that check the noise of assembled examples, one each. */
export function noiseChecks(
  pairs: number,
  { verify, noiseSample }: Pick<EstimateOptions, "verify" | "noiseSample">,
): number {
  if (verify === "lexical") return 0;
  return noiseSample === "all" ? pairs : Math.min(pairs, noiseSample);
}

/** Tokens of one prompt a pair, as they would be for these passages. */
function promptTokens({ counts, paradigms, language, passages }: EstimateOptions): number {
  const exemplar = demoExemplars[0]!;
  return Object.entries(counts).reduce((sum, [id, count]) => {
    const paradigm = paradigms[id]!;
    const wanted = Math.round((paradigm.documents.min + paradigm.documents.max) / 2);
    const documents = Array.from({ length: wanted }, (_, i) => passages[i % passages.length]!);
    const { instructions, prompt } = renderPrompt({ paradigm, documents, exemplar, language: language || undefined });
    return sum + count * tokensAbout(instructions, prompt);
  }, 0);
}
