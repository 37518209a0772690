import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("synthesize", {
  places: ["pairs.jsonl", "rejected.jsonl"],
  flags: ["exemplars", "model", "baseUrl", "pairs", "verify", "benchmark", "budget"],
  more: [
    "paradigm",
    "language",
    "concurrency",
    "batch",
    "seed",
    "embeddings",
    "retrieval",
    "format",
    "redis",
    "postgres",
  ],
  examples: [
    "rag-instruct synthesize --pairs 200 --budget 5",
    "rag-instruct synthesize --base-url http://127.0.0.1:11434/v1 --model llama3.1",
  ],
});
