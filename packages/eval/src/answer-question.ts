import { type Passage, type Retriever, renderInstruction, tokensAbout } from "@rag-instruct/core";
import type { Calls, ModelObject } from "@rag-instruct/core/calls";

/** Options of {@link answerQuestion}. */
export interface AnswerQuestionOptions {
  question: string;
  retriever: Retriever;
  /** A model that was trained on RAG-Instruct data, or any other. */
  model: ModelObject;
  calls: Calls;
  /** Documents shown to the model. @default 10 */
  documents?: number;
  /** Told about how many tokens the call takes, before it is made. */
  onAsk?: (expected: { inputTokens: number; outputTokens: number }) => void;
  signal?: AbortSignal;
}

/** A question, its answer and the documents that the model was shown, best first. */
export interface CorpusAnswer {
  question: string;
  answer: string;
  sources: (Passage & { rank: number; score: number })[];
}

const maxAnswerTokens = 1024;

/** Answers one question from what a retriever finds, with the prompt that RAG-Instruct models are trained on. Throws what retrieving and asking throw. */
export async function answerQuestion(options: AnswerQuestionOptions): Promise<CorpusAnswer> {
  const { question, retriever, model, calls, documents = 10, onAsk, signal } = options;
  const [found = []] = await retriever.retrieve([question], { limit: documents, signal });
  const sources = found.map(({ passage, rank, score }) => ({ ...passage, rank, score }));
  const prompt = renderInstruction({ documents: sources, question });
  onAsk?.({ inputTokens: tokensAbout(prompt), outputTokens: maxAnswerTokens });
  const { text } = await calls.ask({
    model,
    prompt,
    version: "ask 1",
    purpose: "answer",
    settings: { temperature: 0, maxOutputTokens: maxAnswerTokens },
    signal,
  });
  return { question, answer: text.trim(), sources };
}
