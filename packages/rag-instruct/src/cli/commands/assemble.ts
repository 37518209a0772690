import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("assemble", {
  places: ["train.jsonl"],
  flags: ["documents", "model", "baseUrl"],
  more: [
    "pairs",
    "exemplars",
    "paradigm",
    "language",
    "seed",
    "budget",
    "concurrency",
    "embeddings",
    "retrieval",
    "postgres",
    "format",
  ],
  examples: ["rag-instruct assemble", "rag-instruct assemble --documents 5 --set beyond=100 depth=150"],
});
