import {
  type Exemplar,
  mapOrdered,
  type OnProgress,
  type Outcome,
  type Pair,
  plainAnswer,
  RagInstructError,
  type Source,
} from "@rag-instruct/core";
import type { AskRequest, Calls, ModelObject } from "@rag-instruct/core/calls";
import { allParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import {
  type DecontaminationReason,
  type ForbiddenTexts,
  findContamination,
  rejectContaminated,
} from "../decontaminate/decontaminate.ts";
import { type DuplicateReason, type DuplicateRules, knownPairs } from "../duplicates/drop-duplicates.ts";
import type { Asker } from "./ask-model.ts";
import { type JudgeEvidence, type JudgeFault, judgePair } from "./judge.ts";
import { checkLexically, type LexicalContext, type LexicalEvidence, type LexicalFault } from "./lexical.ts";
import { type ProofEvidence, type ProofFault, provePair } from "./proof.ts";
import { checkTurn, judgeTurn, proveTurn, type TurnEvidence, type TurnFault } from "./turn.ts";

/**
 * How far a pair is verified, each level with those before it: `lexical` by its words, for free; `judge` by one call whose
 * quotes are checked; `proof` by the answers that a model gives with and without the documents.
 */
export type VerifyLevel = "lexical" | "judge" | "proof";

/** Why a pair is rejected. */
export type VerifyReason = LexicalFault | JudgeFault | ProofFault | TurnFault;

/** What a verdict rests on, as recorded in a pair's `evidence`. */
export interface VerifyEvidence {
  lexical: LexicalEvidence;
  /** Of a turn with a history, what its question leaves out. */
  turn?: TurnEvidence;
  judge?: JudgeEvidence;
  proof?: ProofEvidence;
  /** The level reached and the calls it took, those shared through the ledger among them; `proofCalls` are those of the proof alone. */
  verify: { level: VerifyLevel; calls: number; proofCalls?: number };
}

/** How one pair ended. Accepted or not, the pair keeps the evidence. */
export type VerifyOutcome = Outcome<Pair, Pair, VerifyReason | DecontaminationReason | DuplicateReason>;

/** Options of {@link verify}. */
export interface VerifyOptions {
  pairs: Source<Pair>;
  /** @default "lexical" */
  level?: VerifyLevel;
  /** A model object of the AI SDK, best not the one that wrote the pairs. Needed from `judge` up. */
  model?: ModelObject;
  /** The calls of the run: rate, budget and ledger are theirs. Needed from `judge` up. */
  calls?: Calls;
  /** The paradigms there are. @default the method's five and the further ones */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** The exemplars of the pairs, so that none is repeated; their questions are held in memory. @default none: that is not checked */
  exemplars?: Source<Pick<Exemplar, "id" | "question">>;
  /** Language of the pairs, such as "German". @default that of each pair's documents */
  language?: string;
  /** Reject pairs that are like an accepted one before them, as `dropDuplicates` does. @default none are looked for */
  duplicates?: DuplicateRules;
  /** Reject pairs that hold one of these texts, before anything is asked about them. @default none */
  forbidden?: ForbiddenTexts;
  /** Temperature and the like. @default {} */
  settings?: NonNullable<AskRequest["settings"]>;
  /** Most pairs under way. @default what the calls have room for, 64 where there are none */
  concurrency?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Proves that pairs have the relation of their paradigm, at one of three levels, each with those before it. Outcomes come in the
 * order of the pairs, one each; a pair keeps what the verdict rests on in its `evidence`, accepted or rejected. A pair whose call
 * fails, that the budget has no room for or whose paradigm is not known gives a failed outcome; what stops all calls is thrown.
 * Throws `bad-option` where `judge` or `proof` have no model or no calls. Every reply is in the ledger, so a second run asks nothing twice.
 */
export async function* verify(options: VerifyOptions): AsyncGenerator<VerifyOutcome> {
  const { concurrency = options.calls?.roomFor ?? 64, signal, onProgress } = options;
  const questions = new Map<string, string>();
  for await (const { id, question } of options.exemplars ?? []) questions.set(id, question);
  const check = pairChecker(options, questions);
  const known = options.duplicates && knownPairs(options.duplicates);
  let done = 0;
  const outcomes = mapOrdered(options.pairs, (pair, { signal }) => check(pair, signal), {
    concurrency,
    signal,
  });
  for await (const outcome of outcomes) {
    onProgress?.({ stage: "verify", done: ++done });
    yield (outcome.status === "accepted" && known?.take(outcome.value)) || outcome;
  }
}

/** Says of one pair how it ends, but for its likeness to others. */
function pairChecker(
  options: VerifyOptions,
  questions: ReadonlyMap<string, string>,
): (pair: Pair, signal: AbortSignal) => Promise<VerifyOutcome> {
  const { level = "lexical", paradigms = allParadigms, language, forbidden } = options;
  const asker = askerFor(level, options);
  return async (pair, signal) => {
    const contaminated = forbidden && findContamination(pair, forbidden);
    if (contaminated) return rejectContaminated(pair, contaminated);
    const exemplar = questions.get(pair.exemplarId);
    try {
      return await verifyPair(pair, {
        level,
        paradigm: paradigmById(pair.paradigm, paradigms),
        language,
        exemplar: exemplar === undefined ? undefined : { question: exemplar },
        asker: asker ? { ...asker, signal } : undefined,
      });
    } catch (error) {
      if (signal.aborted || !endsOnePair(error)) throw error;
      return { status: "failed", id: pair.id, input: pair, error };
    }
  };
}

/** The model that a level asks; none at the lexical level. Throws `bad-option` where a level that asks has none. */
export function askerFor(
  level: VerifyLevel,
  { model, calls, settings = {} }: Pick<VerifyOptions, "model" | "calls" | "settings">,
): Asker | undefined {
  if (level === "lexical") return undefined;
  if (model && calls) return { model, calls, settings };
  throw new RagInstructError("bad-option", `verification at level ${level} asks a model: give model and calls`);
}

function endsOnePair(error: unknown): error is RagInstructError {
  const codes = ["call-failed", "prompt-refused", "budget-exhausted", "unknown-paradigm"] as const;
  return codes.some((code) => RagInstructError.is(error, code));
}

/** What one pair is verified with. */
interface PairVerification extends LexicalContext {
  level: VerifyLevel;
  /** Needed from `judge` up. */
  asker?: Asker;
}

/** Verifies one pair, the free level first; the first fault ends it. */
export async function verifyPair(pair: Pair, context: PairVerification): Promise<VerifyOutcome> {
  const { level, paradigm, asker } = context;
  // What a paradigm asks of a question is asked of one that is understood alone.
  const alone: Pair = pair.standalone ? { ...pair, question: pair.standalone, history: undefined } : pair;
  const lexical = checkLexically(alone, context);
  const evidence: VerifyEvidence = { lexical: lexical.evidence, verify: { level: "lexical", calls: 0 } };
  const end = (fault?: { reason: VerifyReason; detail: string; raw?: string; asked?: number }): VerifyOutcome => {
    const value: Pair = { ...pair, cites: paradigm.cites || undefined, evidence: { ...pair.evidence, ...evidence } };
    if (!fault) return { status: "accepted", id: pair.id, value };
    const { reason, detail, raw, asked } = fault;
    return { status: "rejected", id: pair.id, input: value, reason, detail, raw, asked };
  };
  if (!lexical.ok) return end(lexical);
  const turn = pair.history && checkTurn(pair, lexical.evidence.language);
  if (turn) evidence.turn = turn.evidence;
  if (turn && !turn.ok) return end(turn);
  if (level === "lexical" || !asker) return end();

  const judged = await judgePair(alone, { paradigm, asker });
  evidence.verify = { level: "judge", calls: judged.calls };
  if (judged.evidence) evidence.judge = judged.evidence;
  if (!judged.ok) return end(judged);
  const needing = pair.history && (await judgeTurn(pair, asker));
  evidence.verify.calls += needing?.calls ?? 0;
  if (needing && !needing.ok) return end(needing);
  if (level === "judge") return end();

  // A reader's answer carries no numbers.
  const plain: Pair = { ...alone, answer: plainAnswer({ answer: pair.answer, cites: paradigm.cites }) };
  const proved = await provePair(plain, { paradigm, asker });
  const { calls } = evidence.verify;
  evidence.verify = { level: "proof", calls: calls + proved.calls, proofCalls: proved.calls };
  if (proved.evidence) evidence.proof = proved.evidence;
  if (!proved.ok || !pair.history) return end(proved.ok ? undefined : proved);
  const resolved = await proveTurn({ ...pair, answer: plain.answer }, { paradigm, asker });
  evidence.verify.calls += resolved.calls;
  evidence.verify.proofCalls! += resolved.calls;
  return end(resolved.ok ? undefined : resolved);
}

/** What a check says of one pair. */
export interface PairVerdict {
  ok: boolean;
  reason?: string;
  detail?: string;
}

/** The verdict of a judge on one pair, such as one that was edited. Throws what the call throws. */
export async function verdictOf(
  pair: Pair,
  {
    exemplar,
    ...options
  }: Omit<VerifyOptions, "pairs" | "level" | "exemplars"> & { exemplar?: Pick<Exemplar, "id" | "question"> },
): Promise<PairVerdict> {
  for await (const outcome of verify({
    ...options,
    pairs: [pair],
    level: "judge",
    exemplars: exemplar && [exemplar],
  })) {
    if (outcome.status === "failed") throw outcome.error;
    if (outcome.status === "rejected") return { ok: false, reason: outcome.reason, detail: outcome.detail };
  }
  return { ok: true };
}

/** Whether a pair's relation was checked by words alone, and they could not prove it. */
export function isUnproved({ evidence }: Pick<Pair, "evidence">): boolean {
  const { lexical, verify } = (evidence ?? {}) as Partial<VerifyEvidence>;
  return lexical?.relation === "unproved" && (verify?.level ?? "lexical") === "lexical";
}

/** What a dataset card says of pairs that words alone have checked: no line where a model has looked at them, or words prove all. */
export async function describeUnproved(pairs: Source<Pair>): Promise<string[]> {
  let all = 0;
  let unproved = 0;
  for await (const pair of pairs) {
    all++;
    if (isUnproved(pair)) unproved++;
  }
  if (unproved === 0) return [];
  return [
    `Of ${unproved} of the ${all} pairs words alone have checked how question and documents relate, and words cannot prove it: that documents support an answer, or do not help with it.`,
  ];
}
