import {
  inBatches,
  isObject,
  type OnProgress,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
} from "@rag-instruct/core";
import { extensionOf, readRecords } from "@rag-instruct/core/node";

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
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

const questionsAtOnce = 64;

/**
 * The records of a file with what is found for each added as `ctxs`, best first, as text to be written. A record's question is its
 * `question`, else its `instruction`. Throws `bad-record` with file and line where it has neither, and what reading and retrieving throw.
 */
export async function* withContexts(
  input: string,
  { retriever, limit = 250, like = input, signal, onProgress }: WithContextsOptions,
): AsyncGenerator<string> {
  const isArray = extensionOf(like) === "json";
  let done = 0;
  for await (const batch of inBatches(readQuestions(input, signal), questionsAtOnce)) {
    const questions = batch.map(({ question }) => question);
    const found = await retriever.retrieve(questions, { limit, signal });
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

async function* readQuestions(
  input: string,
  signal?: AbortSignal,
): AsyncGenerator<{ question: string; record: Record<string, unknown> }> {
  for await (const { value, file, line } of readRecords(input, { signal })) {
    const record = isObject(value) ? (value as Record<string, unknown>) : {};
    const question = record.question ?? record.instruction;
    if (typeof question !== "string" || question.trim() === "") {
      const message = `${file}:${line}: a record needs a \`question\` or an \`instruction\` with text`;
      throw new RagInstructError("bad-record", message);
    }
    yield { question, record };
  }
}
