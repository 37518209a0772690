import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openCalls } from "@rag-instruct/core/calls";
import { expect, it } from "vitest";
import { evaluate } from "../evaluate.ts";
import type { EvalItem } from "../item.ts";
import { buildEvalReport } from "../report/eval-report.ts";
import { summarizeBenchmark } from "../report/summarize-benchmark.ts";
import { writeEvalReport } from "../report/write-eval-report.ts";
import { serveModel } from "./serve-model.ts";

/** A server that answers a prompt with the last word of its first paragraph. */
const program = fileURLToPath(new URL("../../test/last-word-server.ts", import.meta.url));

const items: EvalItem[] = ["Leeds", "York", "Bath"].map((town, i) => ({
  id: `${i}`,
  question: `Where was person ${i} born?`,
  golds: [town],
  documents: i === 2 ? [] : [{ id: `${i}`, title: "", text: `Person ${i} was born in ${town}.` }],
}));

it.skipIf(process.platform === "win32")("starts a server, evaluates what it serves, reports and ends it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "serve-and-evaluate-"));
  try {
    await using server = await serveModel({
      command: `${JSON.stringify(process.execPath)} --no-warnings ${JSON.stringify(program)}`,
      log: join(folder, "server.log"),
      model: "last-word",
    });
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const model = { baseURL: server.baseURL, model: "last-word", id: "served" };
    const outcomes = evaluate({
      benchmark: "popqa",
      items,
      model,
      calls,
      sampling: "published",
      signal: server.signal,
    });
    const summary = await summarizeBenchmark({ benchmark: "popqa", outcomes });
    const report = buildEvalReport({ command: "this test", models: [{ model: "last-word", benchmarks: [summary] }] });
    const { markdown } = await writeEvalReport(report, { to: join(folder, "report") });
    expect(summary).toMatchObject({
      asked: 3,
      answered: 3,
      accuracy: { mean: 2 / 3 },
      reference: { mean: 2 / 3 },
      notes: { empty: ["2"] },
    });
    expect(calls.summary()).toMatchObject({ made: 3, inputTokens: 27, outputTokens: 3 });
    expect(await readFile(markdown, "utf8")).toContain("66.7 \\[20.8, 93.9\\] (3)");
  } finally {
    await rm(folder, { recursive: true });
  }
});
