import { type Passage, RagInstructError, type Retriever, renderInstruction } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import type { ModelChoice } from "./config.ts";
import { resolveModel } from "./models.ts";

/** What {@link askCorpus} needs. */
export interface AskOptions {
  question: string;
  retriever: Retriever;
  /** A model that was trained on RAG-Instruct data, or any other. */
  model: ModelChoice;
  /** Documents shown to the model. @default 10 */
  documents?: number;
  /** File that keeps replies, so that the same question is paid for once. */
  ledger: string;
  signal?: AbortSignal;
}

/** A question, its answer and the documents that the model was shown, best first. */
export interface CorpusAnswer {
  question: string;
  answer: string;
  sources: (Passage & { rank: number; score: number })[];
}

/** Answers a question from a corpus, with the prompt that RAG-Instruct models are trained on. Throws `bad-option` for the offline model. */
export async function askCorpus(options: AskOptions): Promise<CorpusAnswer> {
  const { question, retriever, model, documents = 10, ledger, signal } = options;
  if (model === "offline") {
    throw new RagInstructError(
      "bad-option",
      "the offline model answers no questions; name one with --model, and --base-url for a server of your own",
    );
  }
  const passed = signal ? { signal } : {};
  const [found = []] = await retriever.retrieve([question], { limit: documents, ...passed });
  const sources = found.map(({ passage, rank, score }) => ({ ...passage, rank, score }));
  await using calls = await openCalls({ ledger });
  const { text } = await calls.ask({
    model: resolveModel(model),
    prompt: renderInstruction({ documents: sources, question }),
    version: "ask 1",
    settings: { temperature: 0, maxOutputTokens: 1024 },
    ...passed,
  });
  return { question, answer: text.trim(), sources };
}
