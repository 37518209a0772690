import { type OnProgress, type Outcome, type Pair, RagInstructError, type Source } from "@rag-instruct/core";
import { contaminationReport, type DecontaminationReport } from "./contamination-report.ts";
import { type DecontaminationReason, findContamination, rejectContaminated } from "./find-contamination.ts";
import { type ForbiddenText, type ForbiddenTexts, readForbiddenTexts } from "./forbidden-texts.ts";

/** Options of {@link decontaminate}. */
export interface DecontaminationOptions {
  pairs: Source<Pair>;
  /** Read once, to the end, before the first pair; or texts that were read already. */
  against: Source<ForbiddenText> | ForbiddenTexts;
  /** Words that must stand in a row in both. @default 13 */
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
