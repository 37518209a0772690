/**
 * How often the two scorers agree with people: the EVOUNA judgements (Wang et al. 2023, "Evaluating Open-QA Evaluation"; Apache-2.0,
 * github.com/wangcunxiang/QA-Eval, EVOUNA/NQ.json and TQ.json), five models on Natural Questions and TriviaQA:
 *   pnpm exec node --conditions=@rag-instruct/source bench/eval/human.ts folder-with-NQ-and-TQ
 * Rules were tuned on the first half of each file's questions; with `--half second` the other half alone counts. `--wrong N` lists disagreements.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scoreItem, scoreReference } from "@rag-instruct/eval";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { half: { type: "string" }, wrong: { type: "string" }, model: { type: "string" } },
});
const [folder = "bench/data/evouna"] = positionals;
const models = values.model ? [values.model] : ["fid", "gpt35", "chatgpt", "gpt4", "newbing"];

for (const [file, benchmark] of [
  ["NQ.json", "nq"],
  ["TQ.json", "triviaqa"],
] as const) {
  const all = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, string | boolean | null>[];
  const middle = Math.floor(all.length / 2);
  const rows = values.half === "first" ? all.slice(0, middle) : values.half === "second" ? all.slice(middle) : all;
  let [judged, ours, published] = [0, 0, 0];
  const wrong: string[] = [];
  for (const row of rows) {
    const golds = String(row.golden_answer).split("/");
    if (row.improper === true) continue;
    for (const model of models) {
      const [output, human] = [row[`answer_${model}`], row[`judge_${model}`]];
      if (typeof output !== "string" || typeof human !== "boolean") continue;
      judged++;
      const { correct } = scoreItem(benchmark, { golds, question: String(row.question) }, output);
      if (correct === human) ours++;
      else
        wrong.push(
          `${human ? "missed " : "granted"} ${JSON.stringify(golds.slice(0, 6))} | ${row.question} | ${output}`,
        );
      if (scoreReference("triviaqa", { golds }, output)!.correct === human) published++;
    }
  }
  const share = (count: number) => (count / judged).toFixed(4);
  console.log(
    `${file}: ${judged} judged answers; ours agrees with ${share(ours)}, the published scorer with ${share(published)}`,
  );
  for (const line of wrong.slice(0, Number(values.wrong ?? 0))) console.log(`  ${line.slice(0, 400)}`);
}
