import type { ChatRequest } from "@rag-instruct/core/testing";

/** A model that reads the prompt as a model would: it asks for the year in the first sentence of the first document. */
export function answerFromDocuments({ messages }: ChatRequest): string {
  const text = messages.at(-1)!.content;
  const [, year, what] = text.match(/In (\d{4}) (the \w+ near the \w+ was \w+ by \w+)/) ?? [];
  return JSON.stringify({ question: `In which year did it happen that ${what} and a crew?`, answer: year ?? "1900" });
}
