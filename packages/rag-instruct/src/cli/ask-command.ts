import { join } from "node:path";
import { hashOf } from "@rag-instruct/core";
import { askCorpus } from "../ask.ts";
import { openRunRetriever } from "../search.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { namePassage } from "./name-passage.ts";
import { readSettings } from "./settings.ts";
import { whenFree } from "./when-free.ts";

/**
 * Answers a question from the corpus and shows the sources. Each question has a ledger of its own, so that questions can be
 * asked at the same time, and the same one waits for its answer in place of paying twice.
 */
export async function askCommand(question: string, flags: RunFlags, context: CommandContext): Promise<Answer> {
  const { view, signal } = context;
  const config = await readSettings({ flags, prefersFolder: true });
  await using retriever = await whenFree(() => openRunRetriever(config, { ...view, signal }), context);
  const { model, documents, to } = config;
  const ledger = join(to, "asked", `${hashOf(question).slice(0, 16)}.jsonl`);
  const answer = await whenFree(() => askCorpus({ question, retriever, model, documents, ledger, signal }), context);
  const sources = answer.sources.map((source, i) => `  [${i + 1}] ${namePassage(source)}`);
  return { text: `${answer.answer}\n\nDocuments shown to the model:\n${sources.join("\n")}\n`, json: answer };
}
