import {
  type Exemplar,
  mapOrdered,
  nearDuplicateIndex,
  type OnProgress,
  type Outcome,
  RagInstructError,
  type Source,
} from "@rag-instruct/core";
import type { AskRequest, Calls, ModelObject } from "@rag-instruct/core/calls";
import { languageCode, loadDetector, readLanguage } from "../../language.ts";
import { maxExemplarLength } from "../formats/format.ts";
import { judge } from "./judge.ts";
import { type InstructionView, viewOf } from "./rule.ts";
import { asksNothing, isGreeting, rules, type TopicReason } from "./rules.ts";

/** Why an instruction is not kept, by its words alone. */
type FreeReason = TopicReason | "no-request" | "too-long" | "too-short" | "other-language" | "near-duplicate";

/** Why an exemplar was not kept: a free rule's reason, the model's judgement, or a judgement that cannot be read. */
export type KeepReason = FreeReason | "not-knowledge-intensive" | "unreadable-judgement";

/** How one exemplar ended. */
export type KeepOutcome = Outcome<Exemplar, Exemplar, KeepReason>;

/** Options of {@link keepKnowledgeIntensive}. */
export interface KeepOptions {
  exemplars: Source<Exemplar>;
  /** A model object of the AI SDK that judges what the free rules leave. Needs `calls`. @default none: the rules alone */
  model?: ModelObject;
  /** Ledger, rate and budget of the judgements. */
  calls?: Calls;
  /** Temperature and the like. @default {} */
  settings?: NonNullable<AskRequest["settings"]>;
  /** The only language kept, such as "en" or "English". @default any */
  language?: string;
  /** Longer instructions are not kept, nor is any of more than {@link maxExemplarLength} characters. @default 300 */
  maxWords?: number;
  /** Share of word pairs in common from which an instruction repeats an earlier one; 0 keeps all. @default 0.8 */
  duplicates?: number;
  /** Most judgements under way. @default what the calls have room for: four times their concurrency, or ten thousand for batches */
  concurrency?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Keeps the exemplars whose answer needs knowledge: free rules first, then, with a model, its judgement. Outcomes come in
 * the order of the exemplars, each exactly once; a judgement is paid for once per ledger. A call that fails gives a failed outcome.
 * Throws `bad-option`, and what stops all calls.
 */
export async function* keepKnowledgeIntensive(options: KeepOptions): AsyncGenerator<KeepOutcome> {
  const {
    exemplars,
    model,
    calls,
    settings = {},
    concurrency = options.calls?.roomFor ?? 1,
    signal,
    onProgress,
  } = options;
  if ((model === undefined) !== (calls === undefined)) {
    throw new RagInstructError("bad-option", "a judging model needs calls, and calls need a model; give both or none");
  }
  const sifted = siftByRules(exemplars, options);
  const outcomes = model && calls ? judgeKept(sifted, { model, calls, settings, concurrency, signal }) : sifted;
  let done = 0;
  for await (const outcome of outcomes) {
    signal?.throwIfAborted();
    onProgress?.({ stage: "keep", done: ++done });
    yield outcome;
  }
}

/** What judging needs. */
interface JudgeOptions extends Required<Pick<KeepOptions, "model" | "calls">> {
  settings?: KeepOptions["settings"];
  concurrency?: number;
  /** Whether an exemplar is to be judged; others stay as they are. @default all are */
  mayJudge?: (exemplar: Exemplar) => boolean;
  signal?: AbortSignal;
}

/** Has a model judge what was accepted so far; the rest passes, in its place. */
export function judgeKept<I, R extends string>(
  outcomes: Source<Outcome<Exemplar, Exemplar | I, R>>,
  { model, calls, settings = {}, concurrency = calls.roomFor, mayJudge = () => true, signal }: JudgeOptions,
): AsyncGenerator<Outcome<Exemplar, Exemplar | I, R | KeepReason>> {
  const judging = { model, calls, settings };
  return mapOrdered(
    outcomes,
    async (outcome, { signal }) =>
      outcome.status === "accepted" && mayJudge(outcome.value) ? judgeOne(outcome.value, judging, signal) : outcome,
    { concurrency, signal },
  );
}

/** The free rules, which need no model. */
export async function* siftByRules(
  exemplars: Source<Exemplar>,
  { language, maxWords = 300, duplicates = 0.8 }: Pick<KeepOptions, "language" | "maxWords" | "duplicates"> = {},
): AsyncGenerator<KeepOutcome> {
  const wanted = language === undefined ? undefined : readLanguage(language);
  if (!(duplicates >= 0 && duplicates <= 1)) {
    throw new RagInstructError("bad-option", `duplicates must be a share from 0 to 1, not ${duplicates}`);
  }
  const detect = await loadDetector();
  const seen = duplicates > 0 ? nearDuplicateIndex({ threshold: duplicates, size: 2 }) : undefined;
  const keptIds: string[] = [];
  for await (const exemplar of exemplars) {
    const { id } = exemplar;
    const { length } = exemplar.question;
    if (length > maxExemplarLength) {
      const detail = `it has ${length} characters, more than ${maxExemplarLength}`;
      yield { status: "rejected", id, input: exemplar, reason: "too-long", detail };
      continue;
    }
    const view = viewOf(exemplar);
    const told = exemplar.language === undefined ? undefined : languageCode(exemplar.language);
    const found = findReason(view, { language: told ?? detect(exemplar.question), wanted, maxWords });
    if (found) {
      yield { status: "rejected", id, input: exemplar, ...found };
      continue;
    }
    const earlier = seen?.findOrAdd(view.text);
    if (earlier) {
      const detail = `it repeats exemplar ${keptIds[earlier.member]}`;
      yield { status: "rejected", id, input: exemplar, reason: "near-duplicate", detail };
    } else {
      keptIds.push(id);
      yield { status: "accepted", id, value: exemplar };
    }
  }
}

/** What the rules are told of a text besides. */
interface RuleSettings {
  /** ISO 639-1 code of the text, where it could be told. */
  language: string;
  /** The only language that is kept. */
  wanted: string | undefined;
  maxWords: number;
}

// One word asks for nothing in particular, two do when the first is an order or asks ("Describe photosynthesis").
const minWords = 3;
const shortOrder = /^\W*(?:explain|describe|define|discuss|summari[sz]e|compare|who|what|whats|where|when|why|how)\b/i;

/** The first reason against keeping an instruction, or undefined. */
function findReason(view: InstructionView, settings: RuleSettings): { reason: FreeReason; detail: string } | undefined {
  const { language, wanted, maxWords } = settings;
  const { length } = view.words;
  if (length > maxWords) return { reason: "too-long", detail: `it has ${length} words, more than ${maxWords}` };
  const greeting = isGreeting(view);
  if (greeting) return { reason: "greeting", detail: greeting };
  if (length < minWords && !(length === 2 && shortOrder.test(view.text))) {
    return { reason: "too-short", detail: `it has ${length} words` };
  }
  for (const [reason, rule] of rules) {
    const detail = rule(view);
    if (detail) return { reason, detail };
  }
  if (wanted && language !== "" && language !== wanted) {
    return { reason: "other-language", detail: `it is in ${language}, not in ${wanted}` };
  }
  const nothing = language === "en" ? asksNothing(view) : undefined;
  return nothing ? { reason: "no-request", detail: nothing } : undefined;
}

async function judgeOne(
  exemplar: Exemplar,
  judging: Parameters<typeof judge>[1],
  signal: AbortSignal,
): Promise<KeepOutcome> {
  const { id } = exemplar;
  try {
    const judgement = await judge(exemplar, judging, signal);
    if ("detail" in judgement) {
      const { detail, raw } = judgement;
      return { status: "rejected", id, input: exemplar, reason: "unreadable-judgement", detail, raw };
    }
    if (judgement.keep) return { status: "accepted", id, value: exemplar };
    const { reason: detail, raw } = judgement;
    return { status: "rejected", id, input: exemplar, reason: "not-knowledge-intensive", detail, raw };
  } catch (error) {
    const endsThisOne =
      RagInstructError.is(error, "call-failed") ||
      RagInstructError.is(error, "prompt-refused") ||
      RagInstructError.is(error, "budget-exhausted");
    if (signal.aborted || !endsThisOne) throw error;
    return { status: "failed", id, input: exemplar, error };
  }
}
