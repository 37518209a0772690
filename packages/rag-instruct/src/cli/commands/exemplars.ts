import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("exemplars", {
  places: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
  flags: ["exemplars", "filter"],
  examples: ["rag-instruct exemplars --exemplars alpaca_data.json", "rag-instruct exemplars"],
});
