import { join } from "node:path";
import { hashOf } from "@rag-instruct/core";
import type { CommandDefinition } from "../command.ts";
import { namePassage, whenFree } from "./search.ts";

/**
 * Answers a question from the corpus and shows the sources. Each question has a ledger of its own, so that questions can be
 * asked at the same time, and the same one waits for its answer in place of paying twice.
 */
export const ask: CommandDefinition<string> = {
  argument: ["<question>", "what you want to know"],
  flags: ["config", "to", "model", "documents", "embeddings", "retrieval", "set"],
  more: ["settings", "corpus", "postgres"],
  examples: [
    "rag-instruct ask 'Who signs for travel?' --model rag-instruct-8b \\",
    "    --base-url http://127.0.0.1:8000/v1",
    "rag-instruct ask 'Who signs for travel?' --documents 5 --json",
  ],
  async run(question, flags, context) {
    const { view, signal } = context;
    const [{ readSettings }, { askCorpus, openRunRetriever }] = await Promise.all([
      import("../settings.ts"),
      import("../../pipeline/search.ts"),
    ]);
    const config = await readSettings({ flags, prefersFolder: true });
    await using retriever = await whenFree(() => openRunRetriever(config, { ...view, signal }), context);
    const { model, settings, documents, to } = config;
    const ledger = join(to, "asked", `${hashOf(question).slice(0, 16)}.jsonl`);
    const answer = await whenFree(
      () => askCorpus({ question, retriever, model, settings, documents, ledger, signal }),
      context,
    );
    const sources = answer.sources.map((source, i) => `  [${i + 1}] ${namePassage(source)}`);
    return { text: `${answer.answer}\n\nDocuments shown to the model:\n${sources.join("\n")}\n`, json: answer };
  },
};
