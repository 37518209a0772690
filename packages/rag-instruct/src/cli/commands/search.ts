import { amount, type Passage, RagInstructError, type Retriever, type ScoredPassage } from "@rag-instruct/core";
import type { filledRetriever } from "@rag-instruct/retrieve";
import type { ResolvedConfig } from "../../config/schema.ts";
import type { openRunRetriever } from "../../pipeline/search.ts";
import { type CommandDefinition, flag, type RunFlags } from "../command.ts";

interface SearchFlags extends RunFlags {
  input?: string;
  output?: string;
  nDocs?: number;
}

/** Ranks passages for one question, or adds `ctxs` to every record of a file, as the original's retriever does. */
export const search: CommandDefinition<string[], SearchFlags> = {
  argument: ["[question...]", "one question, and the run folder where --to names none"],
  flags: [
    flag("--input <file>", "questions: JSON, JSONL, CSV, TREC topics, lines"),
    flag("--output <path>", "where the records with their `ctxs` go; default here"),
    flag("--n-docs <number>", "depth of a ranking; default 10, with --input 250"),
    ...(["config", "to", "embeddings", "retrieval", "set"] as const),
  ],
  more: ["import", "postgres"],
  note: "It reads the run, and changes nothing in it. Documents: rag-instruct index.",
  examples: [
    "rag-instruct search 'Who signs for travel?'",
    "rag-instruct search runs/march 'Who signs for travel?' --json --n-docs 3",
    "rag-instruct search --input questions.jsonl --n-docs 250 > with-ctxs.jsonl",
  ],
  async run(named, flags, { view, signal }) {
    const { input, output, nDocs } = flags;
    const { runAndQuestion } = await import("../actions.ts");
    const { run, question } = await runAndQuestion("search", named, flags);
    if ((question === undefined) === (input === undefined))
      throw new RagInstructError("bad-option", "give one question, or --input with a file of questions");
    if (nDocs === 0) throw new RagInstructError("bad-option", "--n-docs must be 1 or more");
    const { contextOf, filledRetriever, openRunRetriever, readRunSettings, withContexts, writeAtomic } = await import(
      "../actions.ts"
    );
    const config = await readRunSettings(run ?? flags.to, flags);
    const retriever = await openFilled(config, { openRunRetriever, filledRetriever, signal });
    if (question !== undefined) {
      await using _held = retriever;
      const [found = []] = await retriever.retrieve([question], { limit: nDocs ?? 10, signal });
      return { text: describe(found), json: { question, ctxs: found.map(contextOf) } };
    }
    const { onProgress } = view;
    const short: number[] = [];
    const onShort = ({ found }: { found: number }) => short.push(found);
    const options = { retriever, limit: nDocs, like: output, onShort, signal, onProgress };
    const lines = closing(retriever, withContexts(input!, options), () => {
      view.clear();
      if (short.length > 0) process.stderr.write(shortfall(short, { limit: nDocs, retrieval: config.retrieval }));
    });
    if (output === undefined) return { text: lines };
    await writeAtomic(output, lines, { signal });
    return { text: `${output}\n`, json: { output, short: short.length } };
  },
};

interface Openers {
  openRunRetriever: typeof openRunRetriever;
  filledRetriever: typeof filledRetriever;
  signal: AbortSignal;
}

/** The run's retriever; where BM25 alone finds too few passages and the run is embedded, the rest comes from dense search. */
async function openFilled(
  config: ResolvedConfig,
  { openRunRetriever, filledRetriever, signal }: Openers,
): Promise<Retriever & AsyncDisposable> {
  const first = await openRunRetriever(config, { signal });
  if (config.retrieval !== "bm25" || config.embeddings === undefined) return first;
  let dense: AsyncDisposable | undefined;
  const filled = filledRetriever(first, async () => {
    try {
      const opened = await openRunRetriever({ ...config, retrieval: "dense" }, { signal });
      dense = opened;
      return opened;
    } catch (error) {
      if (RagInstructError.is(error, "file-missing") || RagInstructError.is(error, "index-mismatch")) return undefined;
      throw error;
    }
  });
  return {
    ...filled,
    async [Symbol.asyncDispose]() {
      await dense?.[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    },
  };
}

/** Lines whose retriever is closed after the last, or where nobody wants more; `atEnd` is called after the last. */
async function* closing(
  retriever: AsyncDisposable,
  lines: AsyncIterable<string>,
  atEnd: () => void,
): AsyncGenerator<string> {
  await using _held = retriever;
  yield* lines;
  atEnd();
}

function shortfall(
  found: readonly number[],
  { limit = 250, retrieval }: { limit?: number; retrieval: string },
): string {
  const why =
    retrieval === "bm25"
      ? "BM25 finds only passages that share a word with the question; embed the run, and the rest is filled in by dense search"
      : "the run has no more passages";
  return `${amount(found.length, "question has", "questions have")} fewer than ${amount(limit, "passage")}, the fewest ${Math.min(...found)}: ${why}\n`;
}

function describe(found: readonly ScoredPassage[]): string {
  if (found.length === 0) return "No passage shares a word with the question.\n";
  const lines = found.map(({ passage, rank, score }) => {
    const text = passage.text.replace(/\s+/g, " ");
    return `${String(rank).padStart(3)}  ${score.toFixed(3)}  ${namePassage(passage)}\n     ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`;
  });
  return `${lines.join("\n")}\n`;
}

/** A passage in a line for people: its title, and the file that it comes from, or its id where no file is known. */
export function namePassage({ id, title, metadata }: Passage): string {
  const place = typeof metadata?.source === "string" ? metadata.source : id;
  return title ? `${title}  (${place})` : place;
}
