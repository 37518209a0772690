import { defineParadigm } from "./paradigm.ts";

const instructions = `
You get one document. Write a question that the document supports without answering it: what it says is needed to find the
answer, but the answer itself stands nowhere in it, neither word for word nor in other words.
Reach the answer by reasoning from what the document says together with common knowledge, and let the answer show that
reasoning where the form of the example allows it.
`;

export const singleDocSupport = defineParadigm({
  id: "single-doc-support",
  documents: { min: 1, max: 1 },
  instructions,
  relation: { answerStated: false, documentsAre: "helpful" },
});
