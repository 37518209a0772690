import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RecordedReply } from "@rag-instruct/simulate";
import type { Config } from "./config/schema.ts";

// The folder of this package that holds documents, exemplars and replies; sources and bundles lie equally deep.
const folder = fileURLToPath(new URL("../demo/", import.meta.url));

/**
 * Documents to try the flow on, without a download: `ostrey`, a handbook of an island that does not exist, written for this project, and
 * `ai-docs`, the documentation that the AI SDK's package carries, for a larger run.
 */
export type DemoName = "ostrey" | "ai-docs";

/** The folder of a demo's documents. @param name @default "ostrey" */
export function demoCorpus(name: DemoName = "ostrey"): string {
  if (name === "ostrey") return join(folder, "ostrey");
  return join(dirname(createRequire(import.meta.url).resolve("ai/package.json")), "docs");
}

/** What a demo is made of, over a config's defaults. */
export function demoConfig(name: DemoName): Partial<Config> {
  const from = demoCorpus(name);
  const exemplars = { exemplars: join(folder, `${name}.jsonl`), filter: false };
  if (name === "ai-docs") {
    const card = cardOf("documentation of the AI SDK", "https://github.com/vercel/ai");
    return { ...exemplars, corpus: { from }, card };
  }
  return {
    ...exemplars,
    corpus: { from, by: "headings" },
    model: process.env.OPENAI_API_KEY ? undefined : "recorded",
    card: cardOf("handbook of Ostrey, written for this project"),
  };
}

function cardOf(corpus: string, url?: string): Config["card"] {
  const license = "Apache-2.0";
  const exemplars = { name: "the exemplars of rag-instruct's demo", license };
  return { name: "RAG-Instruct demo", license: "apache-2.0", corpus: { name: corpus, license, url }, exemplars };
}

/** The replies that were written in advance for the demo `ostrey`. */
export function recordedReplies(): RecordedReply[] {
  const lines = readFileSync(join(folder, "replies.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as RecordedReply);
}
