// A sixth paradigm, for documents that disagree, beside the method's five.
import { defineParadigm, paradigms, renderPrompt } from "@rag-instruct/paradigms";

const conflictingDocs = defineParadigm({
  id: "conflicting-docs",
  documents: { min: 2, max: 3 },
  instructions: `
You get documents that disagree on a point. Write a question on exactly that point. The answer names every position that the
documents take and says that they differ; it does not choose one.`,
  relation: { answerStated: true, documentsAre: "required" },
  reply: { positions: "what each document says on the point, in a few words" },
});

const { instructions, prompt, version } = renderPrompt({
  paradigm: conflictingDocs,
  documents: [
    { id: "1", title: "Guide of 1998", text: "The tower is 96 metres high." },
    { id: "2", title: "Survey of 2015", text: "The tower measures 93 metres." },
  ],
  exemplar: { question: "How long is the Great Wall?", task: "open" },
});
console.log(`${Object.keys(paradigms).length} paradigms and ${version}\n\n${instructions}\n\n${prompt}`);
// In a run: ragInstruct({ …, paradigms: [conflictingDocs], pairs: { "conflicting-docs": 100 } })
