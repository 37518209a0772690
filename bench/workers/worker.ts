import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { startWorker } from "rag-instruct/workers";

// One worker of the bench; its parent says by the environment whom to serve.
const { WORKER_REDIS: redis = "", WORKER_CONCURRENCY: concurrency = "64" } = process.env;

await startWorker({
  redis,
  concurrency: Number(concurrency),
  openModel: ({ name, baseUrls = [] }) => createOpenAICompatible({ name: "bench", baseURL: baseUrls[0]! })(name),
  openEmbedder: () => Promise.reject(new Error("this bench does not embed")),
});
process.send?.("ready");
