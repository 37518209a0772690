import { join } from "node:path";
import { askCorpus } from "../ask.ts";
import { openRunRetriever } from "../search.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { readSettings } from "./settings.ts";

/** Answers a question from the corpus and shows the sources. */
export async function askCommand(question: string, flags: RunFlags, { view, signal }: CommandContext): Promise<Answer> {
  const config = await readSettings({ flags });
  await using retriever = await openRunRetriever(config, { ...view, signal });
  const { model, documents, to } = config;
  const answer = await askCorpus({
    question,
    retriever,
    model,
    documents,
    ledger: join(to, "asked.jsonl"),
    signal,
  });
  const sources = answer.sources.map(({ title, id }, i) => `  [${i + 1}] ${title ? `${title}  (${id})` : id}`);
  return { text: `${answer.answer}\n\nDocuments shown to the model:\n${sources.join("\n")}\n`, json: answer };
}
