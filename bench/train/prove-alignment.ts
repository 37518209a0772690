import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TrainingExample } from "@rag-instruct/core";
import { exportAlignment } from "@rag-instruct/format";
import { madeExamples } from "./made-examples.ts";
import { python } from "./python.ts";

/**
 * Trains from the exports for rewards and preferences, on a CPU, with a randomly initialised Llama of a few hundred thousand weights: two
 * steps of GRPO and of DPO with TRL, what LLaMA-Factory reads of the preferences, and verl of its table. Virtual environments as for prove.ts:
 *   node --conditions=@rag-instruct/source bench/train/prove-alignment.ts --trl VENV [--llama-factory VENV] [--verl VENV]
 */
const { values: venvs } = parseArgs({
  options: { trl: { type: "string" }, "llama-factory": { type: "string" }, verl: { type: "string" } },
});
if (!venvs.trl) throw new Error("name the virtual environment with TRL: --trl VENV");
const here = import.meta.dirname;
const folder = await mkdtemp(join(tmpdir(), "alignment-"));
const model = join(folder, "model");
const count = 24;

try {
  const report = await exportAlignment({
    splits: { train: answeredExamples() },
    to: folder,
    formats: ["grpo", "verl", "dpo"],
    documents: 3,
  });
  console.log(JSON.stringify(report.formats));
  await python(venvs.trl, [join(here, "tiny_model.py"), join(folder, "grpo/train.jsonl"), model], folder);
  const log = await python(venvs.trl, [join(here, "rewards.py"), folder, model], folder);
  console.log(log.match(/^(?:GRPO|DPO|rewards|verl).*$/gm)?.join("\n"));
  if (venvs["llama-factory"]) await comparePreferences(venvs["llama-factory"]);
  if (venvs.verl) {
    const out = await python(venvs.verl, [join(here, "verl_rows.py"), folder, model], folder);
    console.log(out.match(/^verl: .*$/m)?.[0]);
  }
} finally {
  await rm(folder, { recursive: true });
}

/** Examples of three documents with short answers, verdicts among them, and with an answer that a reader without documents might give. */
async function* answeredExamples(): AsyncGenerator<TrainingExample> {
  let n = 0;
  for await (const example of madeExamples(count)) {
    const year = example.answer.match(/\d+/)![0];
    const from = n % 3 === 0 ? "some-documents" : "no-documents";
    const failures = [
      { answer: `In ${1900 + n}, I think.`, from, reason: "another answer", pairId: example.id } as const,
    ];
    const [source] = example.documents.filter(({ role }) => role === "source");
    const documents = [...example.documents.filter(({ role }) => role === "noise").slice(0, 2), source!];
    const answer = [`In ${year}.`, "Yes. It is as old as that.", "No. It is younger."][n++ % 3]!;
    yield { ...example, documents, answer, failures };
  }
}

async function comparePreferences(venv: string): Promise<void> {
  const out = await python(venv, [join(here, "llama_factory_preferences.py"), join(folder, "dpo"), model], folder);
  const read = JSON.parse(out.match(/^RESULT (.*)$/m)![1]!) as [string, string][][];
  const lines = (await readFile(join(folder, "dpo/train-standard.jsonl"), "utf8")).trim().split("\n");
  const expected = lines.map((line) => JSON.parse(line)).map(({ chosen, rejected }) => [chosen, rejected]);
  for (const [i, rows] of read.entries()) {
    const bare = rows.map((sides) => sides.map((side) => side.replace(/<\|eot_id\|>|<\|end\|>/g, "").trim()));
    const isEqual = JSON.stringify(bare.toSorted()) === JSON.stringify(expected.toSorted());
    console.log(
      `LLaMA-Factory, ${i === 0 ? "sharegpt" : "alpaca"} form: ${rows.length} preferences, ${isEqual ? "equal ours" : `DIFFER: ${JSON.stringify(bare[0])}`}`,
    );
    if (!isEqual) process.exitCode = 1;
  }
}
