import { relative } from "node:path";
import { offlineModelId } from "@rag-instruct/simulate";
import type { RunSummary } from "../pipeline.ts";

/** What a run came to, in a few lines: counts that add up, where things are, and what to do next. */
export function describeRun({ to, model, stages }: RunSummary, { command }: { command: string }): string {
  const counts = Object.fromEntries(stages.map(({ name, counts }) => [name, counts]));
  const { requested = 0, accepted = 0, rejected = 0, failed = 0 } = counts.synthesize ?? {};
  const place = (file: string) => `${relative(process.cwd(), to) || "."}/${file}`;
  const lines = [
    "",
    `${accepted} pairs accepted + ${rejected} rejected + ${failed} failed = ${requested} attempted, written by ${model}`,
    `${counts.assemble?.examples ?? 0} training examples`,
    "",
    `  training data  ${place("train.jsonl")}`,
    `  exports        ${place("exports/")}`,
    `  report         ${place("report.html")}`,
    `  manifest       ${place("manifest.json")}`,
  ];
  if (model.endsWith(`/${offlineModelId}`)) {
    lines.push(
      "",
      "The offline model wrote this: good for trying the flow, not for training. With a real model:",
      `  ${command} --base-url http://127.0.0.1:11434/v1 --model llama3.1`,
      "or set OPENAI_API_KEY and run the same command again.",
    );
  }
  return `${lines.join("\n")}\n`;
}
