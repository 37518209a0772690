import { badOption } from "@rag-instruct/core";
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
    const actions = await import("../actions.ts");
    const { run, question } = await actions.runAndQuestion("search", named, flags);
    if ((question === undefined) === (input === undefined))
      throw badOption("give one question, or --input with a file of questions");
    if (nDocs === 0) throw badOption("--n-docs must be 1 or more");
    const config = await actions.readRunSettings(run ?? flags.to, flags);
    const retriever = await actions.openSearchRetriever(config, { signal });
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
