import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("report", {
  places: ["report.html"],
  flags: ["model", "baseUrl"],
  more: [
    "pairs",
    "exemplars",
    "paradigm",
    "language",
    "documents",
    "seed",
    "budget",
    "concurrency",
    "embeddings",
    "retrieval",
  ],
  examples: ["rag-instruct report", "rag-instruct report --to runs/march"],
});
