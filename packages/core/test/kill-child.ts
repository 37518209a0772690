import { openSync, writeSync } from "node:fs";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { openCalls } from "../src/calls/index.ts";

// Asks 400 questions, 64 at a time, for a test that kills it, and notes the prompts whose answers it has read to the end:
// node kill-child.ts URL LEDGER READ
const [url = "", ledger = "", read = ""] = process.argv.slice(2);
globalThis.AI_SDK_LOG_WARNINGS = false;
const notes = openSync(read, "a");

async function noted(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const body = await response.arrayBuffer();
  writeSync(notes, `${JSON.parse(String(init?.body)).messages.at(-1).content}\n`);
  return new Response(body, response);
}

const calls = await openCalls({ ledger, concurrency: { max: 64 } });
const model = createOpenAICompatible({ name: "test", baseURL: url, fetch: noted })("m");
await Promise.all(Array.from({ length: 400 }, (_, i) => calls.ask({ model, prompt: `prompt ${i}`, version: "1" })));
await calls.close();
