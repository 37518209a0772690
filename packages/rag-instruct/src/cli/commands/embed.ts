import { stageCommand } from "../stage-command.ts";

export const { define } = stageCommand("embed", {
  places: ["embeddings/"],
  flags: ["embeddings"],
  more: ["format", "concurrency", "budget", "redis"],
  examples: [
    "rag-instruct embed docs/ --embeddings models/all-MiniLM-L6-v2",
    "rag-instruct embed docs/ --embeddings contriever-msmarco",
    `rag-instruct embed docs/ --set 'embeddings={"name":"bge-m3","dimensions":1024,`,
    `    "baseUrl":"http://127.0.0.1:11434/v1"}'`,
  ],
});
