// Documents to training data by a model of your own machine: Ollama here; vLLM, SGLang, llama.cpp and LM Studio are named the same way.
import { demoCorpus, ragInstruct } from "rag-instruct";

const baseUrl = process.env.OLLAMA_URL ?? "http://127.0.0.1:11434/v1";
const name = process.env.OLLAMA_MODEL ?? "llama3.1";

const { model, stages, calls } = await ragInstruct({
  to: "run",
  corpus: { from: demoCorpus() },
  model: { name, baseUrl },
  // A machine of your own answers a few calls at a time; the pace follows from what it bears.
  concurrency: 4,
  pairs: { "single-doc-answer": 3, "multi-doc-answer": 3 },
});
const synthesis = stages.find((stage) => stage.name === "synthesize");
console.log(`${model} wrote ${synthesis?.counts.accepted} pairs of ${synthesis?.counts.requested} attempted`);
console.log(`${calls.made} calls, ${calls.retried} of them repeated; open run/report.html`);
