import { writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "@rag-instruct/core/calls";
import { type SynthesisTask, synthesize } from "../src/index.ts";

// Writes the outcomes of 120 tasks and their reserves, for a test that kills it: node synthesize-child.ts URL LEDGER OUT CONCURRENCY
const [url = "", ledger = "", out = "", concurrency = ""] = process.argv.slice(2);
globalThis.AI_SDK_LOG_WARNINGS = false;
const tasks = Array.from(
  { length: 180 },
  (_, i): SynthesisTask => ({
    id: `t${i}`,
    paradigm: "single-doc-answer",
    exemplar: { id: `e${i}`, question: "How tall is the tower?", source: "s", task: "open" },
    documents: [{ id: `d${i}`, title: "", text: `The station code${i} was built by engineer Kowalski.` }],
    reserve: i >= 120,
  }),
);
const calls = await openCalls({
  ledger,
  backOff: 5,
  concurrency: { max: Number(concurrency) },
  breakAfter: 1000,
  attempts: 12,
});
const model = createOpenAICompatible({ name: "test", baseURL: url })("m");
const outcomes = await Array.fromAsync(synthesize({ tasks, model, calls }));
await calls.close();
await writeFile(out, outcomes.map((outcome) => JSON.stringify(outcome)).join("\n"));
