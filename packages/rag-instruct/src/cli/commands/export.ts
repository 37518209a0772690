import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("export", {
  places: ["exports/"],
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
  examples: ["rag-instruct export", `rag-instruct export --set 'exports=["messages","parquet"]'`],
});
