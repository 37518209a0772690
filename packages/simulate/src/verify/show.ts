import { type Pair, type Passage, questionWithOptions } from "@rag-instruct/core";
import { freeTag } from "@rag-instruct/paradigms";

/** Things to show to a model, each in tags that none of the texts can close. */
export interface Shown {
  documents: readonly Pick<Passage, "title" | "text">[];
  question: Pick<Pair, "question" | "options">;
  /** Texts by the name of their tag, such as `answer`. */
  more?: Readonly<Record<string, string>>;
}

/** Lays documents, question and what else there is out for a model that only reads. */
export function show({ documents, question, more = {} }: Shown): string {
  const asked = questionWithOptions({
    question: question.question,
    options: question.options,
  });
  const texts = [...documents.flatMap(({ title, text }) => [title, text]), asked, ...Object.values(more)];
  const tagged = (name: string, text: string, attributes = "") => {
    const tag = freeTag(name, texts);
    return `<${tag}${attributes}>\n${text}\n</${tag}>`;
  };
  return [
    ...documents.map(({ title, text }, i) =>
      tagged("document", title ? `${title}\n${text}` : text, ` number="${i + 1}"`),
    ),
    tagged("question", asked),
    ...Object.entries(more).map(([name, text]) => tagged(name, text)),
  ].join("\n");
}
