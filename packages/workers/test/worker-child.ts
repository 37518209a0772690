import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { startWorker } from "../src/index.ts";
import { wordEmbedder } from "./word-embedder.ts";

// A worker in a process of its own. The environment says what it is to do.
const { WORKER_REDIS: redis = "", WORKER_LOCK: lock = "1000", WORKER_CONCURRENCY: concurrency = "8" } = process.env;

await startWorker({
  redis,
  concurrency: Number(concurrency),
  lockFor: Number(lock),
  openModel: ({ name, baseUrls = [] }) =>
    createOpenAICompatible({ name: "test", baseURL: baseUrls[0]!, supportsStructuredOutputs: true })(name),
  openEmbedder: async ({ model }) => wordEmbedder(model),
});
process.send?.("ready");
