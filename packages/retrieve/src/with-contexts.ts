import { inBatches, type OnProgress, type Retriever, type ScoredPassage } from "@rag-instruct/core";
import { extensionOf } from "@rag-instruct/core/node";
import { readQuestions } from "./read-questions.ts";

/** A passage that was found, as the files of DPR and of the original's retriever hold it under `ctxs`. */
export interface FoundContext {
  id: string;
  title: string;
  text: string;
  score: number;
}

/** Options of {@link withContexts}. */
export interface WithContextsOptions {
  retriever: Retriever;
  /** Passages of each question. @default 250 */
  limit?: number;
  /** Path whose ending says how records are written: as a JSON array for .json, else as JSON lines. @default the input's */
  like?: string;
  /** Called for each question with fewer passages than `limit`. */
  onShort?: (question: { question: string; found: number }) => void;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const questionsAtOnce = 64;

/**
 * The records of a file with what is found for each added as `ctxs`, best first, as text to be written. Questions are
 * read as {@link readQuestions} does. Throws what that and retrieving throw.
 */
export async function* withContexts(
  input: string,
  { retriever, limit = 250, like = input, onShort, signal, onProgress }: WithContextsOptions,
): AsyncGenerator<string> {
  const isArray = extensionOf(like) === "json";
  let done = 0;
  for await (const batch of inBatches(readQuestions(input, { signal }), questionsAtOnce)) {
    const questions = batch.map(({ question }) => question);
    const found = await retriever.retrieve(questions, { limit, signal });
    for (const [i, { length }] of found.entries()) {
      if (length < limit) onShort?.({ question: questions[i]!, found: length });
    }
    const records = batch.map(({ record }, i) => JSON.stringify({ ...record, ctxs: found[i]!.map(contextOf) }));
    if (isArray) yield `${done === 0 ? "[\n" : ",\n"}${records.join(",\n")}`;
    else yield `${records.join("\n")}\n`;
    done += batch.length;
    onProgress?.({ stage: "search", done });
  }
  if (isArray) yield done === 0 ? "[]\n" : "\n]\n";
}

/** A passage as a member of `ctxs`. */
export function contextOf({ passage: { id, title, text }, score }: ScoredPassage): FoundContext {
  return { id, title, text, score };
}
