import { defineParadigm } from "./paradigm.ts";

const instructions = `
You get one document. Write a question on the same subject as the document, but one that the document does not help with at
all: nobody who reads it comes closer to the answer.
Answer from your own knowledge, correctly and completely. The answer must not use the document, mention it, or excuse itself
because of it. Choose something well established, so that you are certain of the answer.
`;

export const uselessDoc = defineParadigm({
  id: "useless-doc",
  documents: { min: 1, max: 1 },
  instructions,
  relation: { answerStated: false, documentsAre: "useless" },
});
