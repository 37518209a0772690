import { mapOrdered } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { openWorkerPool, remoteModel } from "../src/index.ts";

// A coordinator in a process of its own: asks a hundred questions through one ledger and says their replies.
const { COORDINATOR_REDIS: redis = "", COORDINATOR_LEDGER: ledger = "", COORDINATOR_MODEL: url = "" } = process.env;

await using pool = await openWorkerPool({ redis, run: "killed", lookEvery: 200 });
await using calls = await openCalls({ ledger, concurrency: { max: 16 }, backOff: 50 });
const model = remoteModel({ pool, reference: { name: "any", baseUrls: [url] }, provider: "test.chat" });
const prompts = Array.from({ length: 100 }, (_, n) => `question ${n}`);
const replies = mapOrdered(prompts, (prompt) => calls.ask({ model, prompt, version: "1" }), { concurrency: 16 });
const texts = await Array.fromAsync(replies, ({ text }) => text);
process.send?.(texts);
