import {
  type OnProgress,
  type Outcome,
  type Pair,
  questionWithOptions,
  RagInstructError,
  type Source,
} from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import {
  type ForbiddenText,
  type ForbiddenTexts,
  type ForbiddenTextsOptions,
  readForbiddenTexts,
  type TextMatch,
} from "./forbidden-texts.ts";

/** Options of {@link decontaminate}. */
export interface DecontaminationOptions {
  pairs: Source<Pair>;
  /** Read once, to the end, before the first pair; or texts that were read already. */
  against: Source<ForbiddenText> | ForbiddenTexts;
  /** Words that must occur in a row in both. @default 13 */
  words?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Outcomes in the order of the pairs, and the report, which is complete when they are read. */
export interface Decontamination extends AsyncIterable<Outcome<Pair, Pair, DecontaminationReason>> {
  report(): DecontaminationReport;
}

/**
 * Takes pairs out that share a run of 13 words with a forbidden text, in question, answer or source documents, or whose
 * question or source document is one: a text of 6 to 12 words counts where it stands whole in the question, a shorter one where
 * it is the question. A pair taken out keeps in its `evidence.contamination` where, of which source and which text of it (from
 * 1), and the words. How words are compared and what is held: see `readForbiddenTexts`. Throws `bad-option`.
 */
export function decontaminate(options: DecontaminationOptions): Decontamination {
  const { pairs, words, signal, onProgress } = options;
  if (words !== undefined && !(Number.isInteger(words) && words >= 2)) {
    throw new RagInstructError("bad-option", `words must be a whole number from 2, not ${words}`);
  }
  const sum = contaminationReport();
  let forbidden: Pick<ForbiddenTexts, "words" | "counts"> = { words: words ?? 0, counts: {} };
  async function* outcomes(): AsyncGenerator<Outcome<Pair, Pair, DecontaminationReason>> {
    const texts = await textsOf(options);
    forbidden = texts;
    let done = 0;
    for await (const pair of pairs) {
      signal?.throwIfAborted();
      const finding = findContamination(pair, texts);
      const outcome = finding
        ? rejectContaminated(pair, finding)
        : ({ status: "accepted", id: pair.id, value: pair } as const);
      sum.add(outcome);
      yield outcome;
      if (++done % 10_000 === 0) onProgress?.({ stage: "decontaminate", done });
    }
  }
  const stream = outcomes();
  return { [Symbol.asyncIterator]: () => stream, report: () => sum.report(forbidden) };
}

async function textsOf({ against, words, signal, onProgress }: DecontaminationOptions): Promise<ForbiddenTexts> {
  if ("match" in against) return against;
  return readForbiddenTexts(against, {
    words,
    signal,
    onProgress,
  });
}

/** Where a pair holds a forbidden text: its question, its answer or its source documents, the answer's context. */
export type DecontaminationReason = "question-in-benchmark" | "answer-in-benchmark" | "context-in-benchmark";

/** A forbidden text in a pair, as recorded in the pair's `evidence.contamination`. */
export interface Contamination extends TextMatch {
  /** `question`, `answer`, or `document` with its number from 1. */
  place: string;
}

/** A contamination with what it is called. */
interface Finding {
  reason: DecontaminationReason;
  detail: string;
  evidence: { contamination: Contamination };
}

/** The first forbidden text of a pair, the question first, or undefined. */
export function findContamination(
  pair: Pick<Pair, "question" | "options" | "answer" | "documents">,
  forbidden: ForbiddenTexts,
): Finding | undefined {
  const { question, options, answer } = pair;
  const inQuestion =
    (options && forbidden.match(questionWithOptions({ question, options }), { inside: true })) ??
    forbidden.match(question, { inside: true });
  if (inQuestion) return finding("question-in-benchmark", "question", inQuestion);
  const inAnswer = forbidden.match(answer);
  if (inAnswer && isRun(inAnswer, forbidden)) return finding("answer-in-benchmark", "answer", inAnswer);
  return findInDocuments(pair, forbidden);
}

/** The same in source documents alone: what can be said before anything is written from them. */
export function findInDocuments(
  { documents }: Pick<Pair, "documents">,
  forbidden: ForbiddenTexts,
): Finding | undefined {
  for (const [i, { title, text }] of documents.entries()) {
    const match = forbidden.match(`${title}\n${text}`) ?? forbidden.match(text);
    if (match) return finding("context-in-benchmark", `document ${i + 1}`, match);
  }
  return undefined;
}

/** The pair as an outcome that says why it is taken out. */
export function rejectContaminated(
  pair: Pair,
  { reason, detail, evidence }: Finding,
): Outcome<Pair, Pair, DecontaminationReason> & { status: "rejected" } {
  const input = { ...pair, evidence: { ...pair.evidence, ...evidence } };
  return { status: "rejected", id: pair.id, input, reason, detail };
}

// "In 1932" may well be the whole of a forbidden text and gives nothing away.
function isRun({ words }: TextMatch, { words: size }: ForbiddenTexts): boolean {
  return words.split(" ").length >= size;
}

function finding(reason: DecontaminationReason, place: string, match: TextMatch): Finding {
  const detail = `${place} shares “${match.words}” with text ${match.text} of ${match.source}`;
  return { reason, detail, evidence: { contamination: { place, ...match } } };
}

/** What was taken out. */
export interface DecontaminationReport {
  /** Words that had to occur in a row in both. */
  words: number;
  /** Forbidden texts read, by source. */
  texts: Record<string, number>;
  /** Pairs looked at. */
  pairs: number;
  /** Pairs taken out, by source and by where they held the text. */
  taken: Record<string, Partial<Record<DecontaminationReason, number>>>;
  /** The first thousand taken out, each with what it shares; all of them are among the rejected outcomes. */
  examples: TakenOut[];
}

/** A pair that was taken out, and why. */
export interface TakenOut extends Contamination {
  id: string;
  reason: DecontaminationReason;
  /** Absent where its documents alone gave it away. */
  question?: string;
}

/** An outcome as far as the report reads it. */
type CheckedOutcome = Outcome<unknown, { evidence?: Record<string, unknown>; question?: string }>;

const maxExamples = 1000;

/** Adds up what was taken out, of `decontaminate`, `synthesize` or read from a file. */
export interface ContaminationReport {
  add(outcome: CheckedOutcome): void;
  /** Adds outcomes as they pass. */
  watching<O extends CheckedOutcome>(outcomes: Source<O>): AsyncGenerator<O>;
  /** What it came to so far. */
  report(forbidden: Pick<ForbiddenTexts, "words" | "counts">): DecontaminationReport;
}

/** A {@link ContaminationReport} that has seen nothing yet. */
export function contaminationReport(): ContaminationReport {
  const taken: DecontaminationReport["taken"] = {};
  const examples: TakenOut[] = [];
  let pairs = 0;
  function add(outcome: CheckedOutcome): void {
    pairs++;
    if (outcome.status !== "rejected") return;
    const { evidence, question } = outcome.input;
    const contamination = evidence?.contamination as Contamination | undefined;
    if (!contamination) return;
    const reason = outcome.reason as DecontaminationReason;
    const ofSource = Object.hasOwn(taken, contamination.source) ? taken[contamination.source]! : {};
    taken[contamination.source] = ofSource;
    ofSource[reason] = (ofSource[reason] ?? 0) + 1;
    if (examples.length === maxExamples) return;
    examples.push({ id: outcome.id, reason, question, ...contamination });
  }
  return {
    add,
    async *watching(outcomes) {
      for await (const outcome of outcomes) {
        add(outcome);
        yield outcome;
      }
    },
    report: ({ words, counts }) => structuredClone({ words, texts: { ...counts }, pairs, taken, examples }),
  };
}

/** Name of the report on texts of benchmarks, in a run folder. */
export const decontaminationFile = "decontamination.json";

/** The texts of benchmarks, and which pairs of a set are in them. */
export interface ForbiddenFiles extends Pick<ContaminationReport, "watching"> {
  texts: ForbiddenTexts;
  /** Writes what was found once the pairs have passed. */
  writeReport(path: string): Promise<void>;
}

/**
 * Reads texts once and watches which pairs are in them, for a report.
 * @param options.unread records that gave no text, by source, which the report tells too
 */
export async function readForbiddenFiles(
  texts: Source<ForbiddenText>,
  { unread, ...options }: ForbiddenTextsOptions & { unread: Readonly<Record<string, number>> },
): Promise<ForbiddenFiles> {
  const forbidden = await readForbiddenTexts(texts, options);
  const sum = contaminationReport();
  return {
    texts: forbidden,
    watching: sum.watching,
    writeReport: (path) => writeAtomic(path, `${JSON.stringify({ ...sum.report(forbidden), unread }, null, 2)}\n`),
  };
}
