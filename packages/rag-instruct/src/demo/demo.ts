import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What the dataset card of the demo says. */
export const demoCard = {
  name: "RAG-Instruct demo",
  license: "apache-2.0",
  corpus: { name: "documentation of the AI SDK", license: "Apache-2.0", url: "https://github.com/vercel/ai" },
};

/** The folder of documentation that the AI SDK's package carries: documents to try the flow on, without a download. */
export function demoCorpus(): string {
  return join(dirname(createRequire(import.meta.url).resolve("ai/package.json")), "docs");
}
