import { writeFile } from "node:fs/promises";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "../src/calls/index.ts";

// Asks 40 questions through batches of 16 and writes the replies, for a test that kills it: node batch-child.ts URL LEDGER OUT
const [url = "", ledger = "", out = ""] = process.argv.slice(2);
globalThis.AI_SDK_LOG_WARNINGS = false;
const calls = await openCalls({ ledger, backOff: 5, batch: { requests: 16, gather: 20, poll: { from: 5, to: 20 } } });
const model = createOpenAICompatible({ name: "test", baseURL: url })("m");
const ask = async (_: unknown, i: number) => (await calls.ask({ model, prompt: `prompt ${i}`, version: "1" })).text;
const texts = await Promise.all(Array.from({ length: 40 }, ask));
await calls.close();
await writeFile(out, texts.join("\n"));
