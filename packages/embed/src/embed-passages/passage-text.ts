import type { Passage } from "@rag-instruct/core";

/** Which text of a passage is embedded. Vectors of two versions never mix. */
export interface PassageText {
  /** Changes whenever `of` does. */
  version: string;
  of(passage: Passage): string;
}

/** Title, a space, text: what Contriever's own passages are embedded as. Without a title the text alone. */
export const titleAndText: PassageText = {
  version: "title text 1",
  of: ({ title, text }) => (title ? `${title} ${text}` : text),
};
