// A paradigm of one's own: questions on what a term means, from passages that define one, checked by words.
import { defineParadigm, paradigms, renderPrompt } from "@rag-instruct/paradigms";

const defines = /\b(?:is|are) (?:called|known as)\b|\bmeans\b|\brefers to\b/i;

const definition = defineParadigm({
  id: "definition",
  documents: { min: 1, max: 1 },
  instructions: `
You get a document that defines a term. Write a question that somebody asks who has met the term and does not know it. The answer gives the
definition in one sentence that begins with the term.`,
  relation: { answerStated: true, documentsAre: "required" },
  about: "The document defines a term: the question asks what it means.",
  reply: { term: "the term that the document defines" },
  // Only such passages are planned for it.
  fits: (passages) => passages.every(({ text }) => defines.test(text)),
  check: ({ answer, documents: [document] }) => {
    const [first = ""] = answer.split(/\s+(?:is|are|means|refers)\b/);
    return document?.text.toLowerCase().includes(first.replace(/^(?:an?|the) /i, "").toLowerCase())
      ? "shown"
      : { reason: "no-term", detail: `the document does not speak of “${first}”` };
  },
});

const documents = [
  { id: "1", title: "Railways", text: "The distance between the inner sides of two rails is called the gauge." },
];
const exemplar = { question: "What is an isthmus?", task: "open" as const };
const { instructions, prompt, version } = renderPrompt({ paradigm: definition, documents, exemplar });
console.log(`${Object.keys(paradigms).length} paradigms and ${version}\n\n${instructions}\n\n${prompt}`);
const pair = { question: "What is a gauge?", answer: "The gauge is the distance between two rails.", documents };
console.log(definition.fits!(documents), definition.check!(pair, {}));
// In a run: ragInstruct({ …, paradigms: [definition], pairs: { definition: 100 } })
