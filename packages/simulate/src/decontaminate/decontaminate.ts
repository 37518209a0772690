import {
  eachGram,
  foldText,
  hashTable,
  hashWords,
  type OnProgress,
  type Outcome,
  type Pair,
  questionWithOptions,
  RagInstructError,
  type Source,
  standaloneQuestion,
  wordsOf,
} from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";

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
  pair: Pick<Pair, "question" | "options" | "answer" | "documents" | "standalone">,
  forbidden: ForbiddenTexts,
): Finding | undefined {
  const { options, answer } = pair;
  // A benchmark's question in a conversation is known by the whole of it.
  const question = standaloneQuestion(pair);
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

/** A text that no training data may hold, such as a question of a benchmark. */
export interface ForbiddenText {
  /** Where it is from, such as `popqa`; named in the report. */
  source: string;
  text: string;
}

/** What of a forbidden text occurs in another. */
interface TextMatch {
  source: string;
  /** Which text of the source, from 1. */
  text: number;
  /** The words shared, as they are compared. */
  words: string;
}

/** Forbidden texts, ready to be looked for. */
export interface ForbiddenTexts {
  /** Words that must occur in a row in both. */
  readonly words: number;
  /** Texts by source. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * What of them occurs in a text: a run of so many words, or the whole text being one of them.
   * @param options.inside whether a shorter one counts as well where it stands whole inside the text @default false
   */
  match(text: string, options?: { inside?: boolean }): TextMatch | undefined;
}

/** Options of {@link readForbiddenTexts}. */
export interface ForbiddenTextsOptions {
  /** Words that must occur in a row in both. @default 13 */
  words?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

// As GPT-3 (Brown et al. 2020, appendix C) and others since.
const usualWords = 13;
// A shorter text is looked for as a whole text alone: "who is he" occurs in many.
const minInside = 6;
const articles = new Set(["a", "an", "the"]);

/**
 * Reads texts once, to the end, and hashes every run of 13 words of them, and shorter texts as a whole. Words are compared
 * without case, accents and punctuation, in any script; whole texts without English articles as well. Holds 64-bit hashes in
 * typed arrays, 12 bytes a word, no texts.
 */
export async function readForbiddenTexts(
  texts: Source<ForbiddenText>,
  { words: size = usualWords, signal, onProgress }: ForbiddenTextsOptions = {},
): Promise<ForbiddenTexts> {
  const numbers = hashTable();
  const places = textPlaces();
  for await (const { source, text } of texts) {
    signal?.throwIfAborted();
    const number = places.add(source);
    const words = comparedWords(text);
    const hash = (of: readonly string[], length: number) =>
      eachGram(hashWords(of), length, (high, low) => {
        numbers.add(high, low, number);
        return false;
      });
    hash(words, Math.max(1, Math.min(size, words.length)));
    hash(...wholeOf(words));
    if ((number + 1) % 10_000 === 0) onProgress?.({ stage: "read benchmark texts", done: number + 1 });
  }

  function find(words: readonly string[], length: number): TextMatch | undefined {
    let found: TextMatch | undefined;
    eachGram(hashWords(words), length, (high, low, start) => {
      const number = numbers.get(high, low);
      if (number === undefined) return false;
      found = { ...places.at(number), words: words.slice(start, start + length).join(" ") };
      return true;
    });
    return found;
  }
  return {
    words: size,
    counts: places.counts,
    match(text, { inside = false } = {}) {
      const words = comparedWords(text);
      if (words.length === 0) return undefined;
      const shortest = inside ? Math.min(minInside, size) : size;
      for (let length = size; length >= shortest; length--) {
        const found = find(words, length);
        if (found) return found;
      }
      return find(...wholeOf(words));
    },
  };
}

/** Words as they are compared. */
function comparedWords(text: string): string[] {
  return wordsOf(foldText(text)).map((word) => word.replaceAll("'", ""));
}

/** A text of articles alone is compared with them. */
function wholeOf(words: readonly string[]): [words: readonly string[], length: number] {
  const telling = words.filter((word) => !articles.has(word));
  return telling.length > 0 ? [telling, telling.length] : [words, Math.max(1, words.length)];
}

/** Remembers of which source each text is, in a note a stretch of one source. */
function textPlaces(): {
  counts: Record<string, number>;
  /** The text's number among all, from 0. */
  add(source: string): number;
  at(number: number): { source: string; text: number };
} {
  const counts: Record<string, number> = {};
  const stretches: { source: string; from: number; first: number }[] = [];
  let count = 0;
  return {
    counts,
    add(source) {
      const before = Object.hasOwn(counts, source) ? counts[source]! : 0;
      if (stretches.at(-1)?.source !== source) stretches.push({ source, from: count, first: before + 1 });
      counts[source] = before + 1;
      return count++;
    },
    at(number) {
      const { source, from, first } = stretches.findLast((stretch) => stretch.from <= number)!;
      return { source, text: number - from + first };
    },
  };
}
