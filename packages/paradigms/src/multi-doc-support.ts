import { defineParadigm } from "./paradigm.ts";

const instructions = `
You get several documents. Write one question that they support together without answering it: each document gives something
that is needed to find the answer, but the answer itself stands in none of them, neither word for word nor in other words.
Reach the answer by bringing together what all of the documents say and reasoning from it with common knowledge. A question
that could be answered as well with one of the documents taken away is wrong.
`;

export const multiDocSupport = defineParadigm({
  id: "multi-doc-support",
  documents: { min: 2, max: 4 },
  instructions,
  relation: { answerStated: false, documentsAre: "helpful" },
});
