import { defineParadigm } from "./paradigm.ts";

const instructions = `
You get several documents. Write one multi-hop question whose answer needs every one of them: a fact from one document leads
to a fact in the next, or facts from all of them must be put together. With any document missing the question cannot be answered.
The documents state all that the answer says: keep their names, numbers and terms, and add nothing that they do not say.
Do not join separate questions with "and"; ask one question that happens to need several places.
`;

export const multiDocAnswer = defineParadigm({
  id: "multi-doc-answer",
  documents: { min: 2, max: 4 },
  instructions,
  relation: { answerStated: true, documentsAre: "required" },
});
