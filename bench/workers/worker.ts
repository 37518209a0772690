import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { startWorker } from "@rag-instruct/workers";

// One worker of the bench; its parent says by the environment whom to serve.
const { WORKER_REDIS: redis = "", WORKER_CONCURRENCY: concurrency = "64" } = process.env;

await startWorker({
  redis,
  concurrency: Number(concurrency),
  openModel: ({ name, baseUrls = [] }) => createOpenAICompatible({ name: "bench", baseURL: baseUrls[0]! })(name),
  // Costs nothing, so that what is measured is the way there and back.
  openEmbedder: async () => ({
    id: "nothing",
    dimensions: 768,
    embed: async ({ length: count }) => ({ data: new Float32Array(count * 768).fill(0.1), count, dimensions: 768 }),
  }),
});
process.send?.("ready");
