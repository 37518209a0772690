import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("index", {
  places: ["bm25/"],
  flags: ["format"],
  examples: ["rag-instruct index docs/", "rag-instruct index", "rag-instruct search 'Who signs for travel?'"],
});
