import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { badOption, hashOf, RagInstructError } from "@rag-instruct/core";
import { type CommandContext, type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { note } from "../note.ts";

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
  async run(named, flags, { view, paying, signal }) {
    const { input, output, nDocs } = flags;
    const actions = await import("../actions.ts");
    const { run, question } = await actions.runAndQuestion("search", named, flags);
    if ((question === undefined) === (input === undefined))
      throw badOption("give one question, or --input with a file of questions");
    if (nDocs === 0) throw badOption("--n-docs must be 1 or more");
    const config = await actions.readRunSettings(run ?? flags.to, flags);
    const retriever = await actions.openSearchRetriever(config, { paying, signal });
    if (question !== undefined) {
      await using _held = retriever;
      const [found = []] = await retriever.retrieve([question], { limit: nDocs ?? 10, signal });
      const lines = actions.rankingLines(found);
      const json = { question, ctxs: found.map(actions.contextOf), note: found.length === 0 ? lines[0] : undefined };
      return { text: `${lines.join("\n")}\n`, json };
    }
    const { onProgress } = view;
    const short: number[] = [];
    const onShort = ({ found }: { found: number }) => short.push(found);
    const options = { retriever, limit: nDocs, like: output, onShort, signal, onProgress };
    const lines = closing(retriever, actions.withContexts(input!, options), () => {
      view.clear();
      const isByWords = config.retrieval === "bm25";
      if (short.length > 0) view.say([actions.shortRankingsLine(short, { limit: nDocs, isByWords })]);
    });
    if (output === undefined) return { text: lines };
    await actions.writeAtomic(output, lines, { signal });
    return { text: `${output}\n`, json: { output, short: short.length } };
  },
};

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

/**
 * Answers a question from the corpus and shows the sources. Each question has a ledger of its own, so that questions can be
 * asked at the same time, and the same one waits for its answer in place of paying twice.
 */
export const ask: CommandDefinition<string[]> = {
  argument: ["<question...>", "what you want to know, and the run folder where --to names none"],
  flags: ["config", "to", "model", "documents", "embeddings", "retrieval", "set"],
  more: ["settings", "import", "postgres", "yes"],
  note: "It asks the model, once a question; replies are kept in asked/ of the run.",
  examples: [
    "rag-instruct ask 'Who signs for travel?' --model rag-instruct-8b \\",
    "    --base-url http://127.0.0.1:8000/v1",
    "rag-instruct ask 'Who signs for travel?' --n-docs 5 --json",
  ],
  async run(named, flags, context) {
    const { paying, signal } = context;
    const actions = await import("../actions.ts");
    const { run, question } = await actions.runAndQuestion("ask", named, flags);
    if (question === undefined) throw badOption(`give a question beside ${run}`);
    const config = await actions.readRunSettings(run ?? flags.to, flags);
    await using retriever = await actions.openRunRetriever(config, { paying, signal });
    const ledger = join(config.to, "asked", `${hashOf(question).slice(0, 16)}.jsonl`);
    const beforeCalls = actions.spendGuard({ ...config, yes: flags.yes }, context);
    const asked = { ...config, question, retriever, ledger, paying, beforeCalls, signal };
    const answer = await whenFree(() => actions.askCorpus(asked), context);
    const sources = answer.sources.map((source, i) => `  [${i + 1}] ${actions.passageLine(source)}`);
    if (sources.length === 0) note("no passage shares a word with the question: the model answered without documents");
    const shown = sources.length > 0 ? `\n\nDocuments shown to the model:\n${sources.join("\n")}` : "";
    return { text: `${answer.answer}${shown}\n`, json: answer };
  },
};

const pause = 250;

/** Does work that needs a lock, and waits while another process holds it. */
async function whenFree<T>(work: () => Promise<T>, { view, signal }: CommandContext): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!RagInstructError.is(error, "folder-locked")) throw error;
      view.onProgress({ stage: "waiting", done: 0, note: error.message });
      await sleep(pause);
    }
  }
}
