import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "../src/calls/index.ts";

// Asks 400 questions, 64 at a time, for a test that kills it: node kill-child.ts URL LEDGER
const [url = "", ledger = ""] = process.argv.slice(2);
globalThis.AI_SDK_LOG_WARNINGS = false;
const calls = await openCalls({ ledger, concurrency: { max: 64 } });
const model = createOpenAICompatible({ name: "test", baseURL: url })("m");
await Promise.all(Array.from({ length: 400 }, (_, i) => calls.ask({ model, prompt: `prompt ${i}`, version: "1" })));
await calls.close();
