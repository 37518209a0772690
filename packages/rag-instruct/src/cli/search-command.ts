import {
  inBatches,
  isObject,
  type OnProgress,
  RagInstructError,
  type Retriever,
  type ScoredPassage,
} from "@rag-instruct/core";
import { extensionOf, readRecords, writeAtomic } from "@rag-instruct/core/node";
import { openRunRetriever } from "../search.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { SearchFlags } from "./flags.ts";
import { namePassage } from "./name-passage.ts";
import { readSettings } from "./settings.ts";
import { whenFree } from "./when-free.ts";

const questionsAtOnce = 64;

/** Ranks passages for one question, or adds `ctxs` to every record of a file. */
export async function searchCommand(
  question: string | undefined,
  flags: SearchFlags,
  { view, signal }: CommandContext,
): Promise<Answer> {
  const { input, output, nDocs } = flags;
  if ((question === undefined) === (input === undefined)) {
    throw new RagInstructError("bad-option", "give one question, or --input with a file of questions");
  }
  if (nDocs === 0) throw new RagInstructError("bad-option", "--n-docs must be 1 or more");
  const config = await readSettings({ flags, prefersFolder: true });
  const retriever = await whenFree(() => openRunRetriever(config, { ...view, signal }), { view, signal });
  if (question !== undefined) {
    await using _held = retriever;
    const [found = []] = await retriever.retrieve([question], { limit: nDocs ?? 10, signal });
    return { text: describe(found), json: { question, ctxs: found.map(toContext) } };
  }
  const lines = withContexts(input!, { retriever, limit: nDocs ?? 250, output, signal, onProgress: view.onProgress });
  if (output === undefined) return { text: lines };
  await writeAtomic(output, lines, { signal });
  return { text: `${output}\n`, json: { output } };
}

interface FileSearch {
  retriever: Retriever & AsyncDisposable;
  limit: number;
  output: string | undefined;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** The records of a file with what is found for each, as JSONL, or as a JSON array where the file's name ends in .json. */
async function* withContexts(input: string, options: FileSearch): AsyncGenerator<string> {
  const { limit, output, signal, onProgress } = options;
  await using retriever = options.retriever;
  const isArray = extensionOf(output ?? input) === "json";
  let done = 0;
  for await (const batch of inBatches(readQuestions(input, signal), questionsAtOnce)) {
    const questions = batch.map(({ question }) => question);
    const found = await retriever.retrieve(questions, { limit, signal });
    const records = batch.map(({ record }, i) => JSON.stringify({ ...record, ctxs: found[i]!.map(toContext) }));
    if (isArray) yield `${done === 0 ? "[\n" : ",\n"}${records.join(",\n")}`;
    else yield `${records.join("\n")}\n`;
    done += batch.length;
    onProgress({ stage: "search", done });
  }
  if (isArray) yield done === 0 ? "[]\n" : "\n]\n";
}

async function* readQuestions(
  input: string,
  signal: AbortSignal,
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

function toContext({ passage: { id, title, text }, score }: ScoredPassage) {
  return { id, title, text, score };
}

function describe(found: readonly ScoredPassage[]): string {
  if (found.length === 0) return "No passage shares a word with the question.\n";
  const lines = found.map(({ passage, rank, score }) => {
    const text = passage.text.replace(/\s+/g, " ");
    return `${String(rank).padStart(3)}  ${score.toFixed(3)}  ${namePassage(passage)}\n     ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`;
  });
  return `${lines.join("\n")}\n`;
}
