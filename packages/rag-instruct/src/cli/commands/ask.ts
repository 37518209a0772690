import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { badOption, hashOf, RagInstructError } from "@rag-instruct/core";
import type { CommandContext, CommandDefinition } from "../command.ts";
import { note } from "../note.ts";

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
    const { signal } = context;
    const actions = await import("../actions.ts");
    const { run, question } = await actions.runAndQuestion("ask", named, flags);
    if (question === undefined) throw badOption(`give a question beside ${run}`);
    const config = await actions.readRunSettings(run ?? flags.to, flags);
    await using retriever = await actions.openRunRetriever(config, { signal });
    const { model, settings, documents, to } = config;
    const ledger = join(to, "asked", `${hashOf(question).slice(0, 16)}.jsonl`);
    const beforeCalls = actions.spendGuard({ ...config, yes: flags.yes }, context);
    const answer = await whenFree(
      () => actions.askCorpus({ question, retriever, model, settings, documents, ledger, beforeCalls, signal }),
      context,
    );
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
