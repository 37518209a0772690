import {
  type OnProgress,
  type Outcome,
  type Pair,
  questionWithOptions,
  RagInstructError,
  type Source,
  wordsOf,
} from "@rag-instruct/core";
import { type BenchmarkTexts, type ForbiddenText, indexTexts, type TextMatch } from "./benchmark-texts.ts";

/** Where a pair holds a forbidden text: its question, its answer or its source documents, the answer's context. */
export type DecontaminationReason = "question-in-benchmark" | "answer-in-benchmark" | "context-in-benchmark";

/** Options of {@link decontaminate}. */
export interface DecontaminationOptions {
  pairs: Source<Pair>;
  /** Read once, to the end, before the first pair. */
  against: Source<ForbiddenText>;
  /** Words that must stand in a row in both. @default 13 */
  words?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What was taken out. */
export interface DecontaminationReport {
  /** Forbidden texts read, by source. */
  texts: Record<string, number>;
  /** Pairs looked at. */
  pairs: number;
  /** Pairs taken out, by source and by where they held the text. */
  taken: Record<string, Partial<Record<DecontaminationReason, number>>>;
}

/** Outcomes in the order of the pairs, and the report, which is complete when they are read. */
export interface Decontamination extends AsyncIterable<Outcome<Pair, Pair, DecontaminationReason>> {
  report(): DecontaminationReport;
}

// As GPT-3 (Brown et al. 2020, appendix C) and others since.
const defaultWords = 13;

/**
 * Takes pairs out that share a run of 13 words with a forbidden text, in question, answer or source documents, or whose
 * question is one: a text of fewer words counts where it stands whole in the question. Words are compared without case and
 * punctuation, in any script. A pair taken out keeps in its `evidence.contamination` where, of which source and which text of it (from
 * 1), and the words. Holds 64-bit hashes in typed arrays, 12 bytes a word of the forbidden texts, no texts. Throws `bad-option`.
 */
export function decontaminate(options: DecontaminationOptions): Decontamination {
  const { pairs, words = defaultWords, signal, onProgress } = options;
  if (!Number.isInteger(words) || words < 2) {
    throw new RagInstructError("bad-option", `words must be a whole number from 2, not ${words}`);
  }
  const report: DecontaminationReport = { texts: {}, pairs: 0, taken: {} };
  async function* outcomes(): AsyncGenerator<Outcome<Pair, Pair, DecontaminationReason>> {
    const forbidden = await indexTexts(options.against, {
      words,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    report.texts = forbidden.counts;
    for await (const pair of pairs) {
      signal?.throwIfAborted();
      report.pairs++;
      if (report.pairs % 10_000 === 0) onProgress?.({ stage: "decontaminate", done: report.pairs });
      const found = findIn(pair, forbidden);
      if (!found) {
        yield { status: "accepted", id: pair.id, value: pair };
        continue;
      }
      const ofSource = report.taken[found.match.source] ?? {};
      report.taken[found.match.source] = ofSource;
      ofSource[found.reason] = (ofSource[found.reason] ?? 0) + 1;
      yield reject(pair, found);
    }
  }
  const stream = outcomes();
  return { [Symbol.asyncIterator]: () => stream, report: () => structuredClone(report) };
}

interface Find {
  reason: DecontaminationReason;
  /** Number of the document, from 1. */
  document?: number;
  match: TextMatch;
}

function findIn(pair: Pair, forbidden: BenchmarkTexts): Find | undefined {
  const { question, options, answer, documents } = pair;
  const asked = wordsOf(questionWithOptions({ question, ...(options && { options }) }));
  const inQuestion = forbidden.match(asked, { whole: true }) ?? forbidden.match(wordsOf(question), { whole: true });
  if (inQuestion) return { reason: "question-in-benchmark", match: inQuestion };
  const inAnswer = forbidden.match(wordsOf(answer));
  if (inAnswer) return { reason: "answer-in-benchmark", match: inAnswer };
  for (const [i, { title, text }] of documents.entries()) {
    const match = forbidden.match(wordsOf(`${title}\n${text}`));
    if (match) return { reason: "context-in-benchmark", document: i + 1, match };
  }
  return undefined;
}

function reject(pair: Pair, { reason, document, match }: Find): Outcome<Pair, Pair, DecontaminationReason> {
  const place = document === undefined ? reason.slice(0, reason.indexOf("-")) : `document ${document}`;
  return {
    status: "rejected",
    id: pair.id,
    input: { ...pair, evidence: { ...pair.evidence, contamination: { place, ...match } } },
    reason,
    detail: `${place} shares “${match.words}” with text ${match.text} of ${match.source}`,
  };
}
