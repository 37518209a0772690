import { defineParadigm } from "./paradigm.ts";

const instructions = `
You get one document. Write a question whose answer the document states. Somebody who reads the document can answer it
completely and beyond doubt; somebody who has never seen it should find it hard.
Take the answer from the document: keep its names, numbers and terms as they stand there, and add nothing that it does not say.
`;

export const singleDocAnswer = defineParadigm({
  id: "single-doc-answer",
  documents: { min: 1, max: 1 },
  instructions,
  relation: { answerStated: true, documentsAre: "required" },
});
