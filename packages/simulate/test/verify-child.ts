import { writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "@rag-instruct/core/calls";
import { proveNoise, verify } from "../src/index.ts";
import { demoPassages } from "./demo-passages.ts";
import { labelledPairs } from "./labelled-pairs.ts";
import { noisyExamples } from "./noisy-examples.ts";

// Verifies labelled pairs of every kind to the proof, then the noise of examples, for a test that kills it:
// node verify-child.ts URL LEDGER OUT CONCURRENCY
const [url = "", ledger = "", out = "", concurrency = ""] = process.argv.slice(2);
globalThis.AI_SDK_LOG_WARNINGS = false;
const pairs = labelledPairs(demoPassages(), { each: 3, seed: 3 }).map(({ pair }) => pair);
const examples = noisyExamples({ count: 20, badShare: 0.3 }).map(({ example }) => example);
const calls = await openCalls({
  ledger,
  backOff: 5,
  concurrency: { max: Number(concurrency) },
  breakAfter: 1000,
  attempts: 12,
});
const model = createOpenAICompatible({ name: "test", baseURL: url })("m");
const verdicts = await Array.fromAsync(verify({ pairs, level: "proof", model, calls, duplicates: {} }));
const proof = proveNoise({ examples, model, calls, sample: 12, seed: 2 });
const noise = await Array.fromAsync(proof);
await calls.close();
await writeFile(out, [...verdicts, ...noise, proof.report()].map((outcome) => JSON.stringify(outcome)).join("\n"));
