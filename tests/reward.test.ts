import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TrainingExample } from "@rag-instruct/core";
import { type EvalItem, findBenchmark, scoreItem } from "@rag-instruct/eval";
import { exportAlignment } from "@rag-instruct/format";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "./support/shared.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;
const golden = join(sharedData, "eval-golden/reference-scorer.jsonl");
const handmade = join(sharedData, "../cases/eval/scorer-cases.jsonl");

/** An output with what its reward is decided by, and scoreItem's verdict. */
interface Case {
  kind: string;
  golds: string[];
  options: readonly string[];
  question: string;
  output: string;
  expected: boolean;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reward-"));
  const document = { id: "d", title: "", text: "The Caspian Sea is salty.", role: "source" } as const;
  const example: TrainingExample = {
    id: "e",
    paradigm: "p",
    question: "What?",
    answer: "salty",
    documents: [document],
  };
  await exportAlignment({ splits: { train: [example] }, to: folder, formats: ["grpo"], documents: "any" });
});
afterAll(() => rm(folder, { recursive: true }));

function caseOf(
  benchmark: string,
  item: Pick<EvalItem, "golds" | "options"> & { question?: string },
  output: string,
): Case {
  const { task, verdicts, numeric } = findBenchmark(benchmark);
  const { golds, options, question = "" } = item;
  const isChoice = task === "multiple-choice" && options;
  const kind = isChoice ? "choice" : verdicts ? "verdict" : numeric ? "figure" : "text";
  const offered = isChoice ? options : (verdicts ?? []);
  const expected = scoreItem(benchmark, { ...item, question }, output).correct;
  return { kind, golds, options: offered, question, output, expected };
}

function read(path: string): Record<string, never>[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** The cases of which the module that the export wrote gives another verdict, by TRL's function or by verl's. */
async function differing(cases: readonly Case[]): Promise<Case[]> {
  const script = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(folder, "grpo"))})
import reward
cases = json.load(sys.stdin)
column = lambda name: [case[name] for case in cases]
truths, others = [case["golds"][0] for case in cases], [case["golds"][1:] for case in cases]
talks = [[{"role": "assistant", "content": case["output"]}] for case in cases]
trl = reward.reward(completions=talks, prompts=[], ground_truth=truths, aliases=others, kind=column("kind"), options=column("options"), question=column("question"))
verl = [reward.compute_score("x", case["output"], case["golds"][0], {"aliases": case["golds"][1:], "kind": case["kind"], "options": case["options"], "question": case["question"]}) for case in cases]
assert trl == verl
print(json.dumps(trl))`;
  const run = promisify(execFile)(python!, ["-W", "error", "-c", script], { maxBuffer: 1 << 26 });
  run.child.stdin!.end(JSON.stringify(cases));
  const rewards = JSON.parse((await run).stdout) as number[];
  expect(rewards).toHaveLength(cases.length);
  return cases.filter(({ expected }, i) => rewards[i] !== Number(expected));
}

/** Words that scoring turns on, and some of any script. */
const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ..."not A B C the answer is correct wrong option yes no maybe true false or and never rather than isn't 12 1,200 12% -13% (13) $5 million".split(
        " ",
      ),
      ...". , ; : \n ( ) ** ' ’ - – decrease of fell by therefore = # ½ ² Saint II three hundred twenty-first 3rd March 1999 1999-03-03 U.S. WHO".split(
        " ",
      ),
      ..."either West Virginia York WWII World War II Henry the Eighth two thirds colour grey theatre United States Spider-Man spiderman Jr Inc".split(
        " ",
      ),
      ..."不是 ではない 이 아니 בירושלים ירושלים unchanged actually, it is ✓ ❌ 정답은 正解は Bです Ｂ supported unclear the case nein oui はい いいえ 03/03/1999".split(
        " ",
      ),
      ..."us Müller Mueller İ ſ Ａ 東京 は 서울 입니다 l'école <think> </think> analysis assistantfinal ``` 😀 𝒜𝒷 e\u0301 \u200b 一百五十万 vingt J. K. 1939-45 𝐀12 x5 ⁵7".split(
        " ",
      ),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
);
const phrase = (maxLength: number) => fc.array(word, { minLength: 1, maxLength }).map((words) => words.join(" "));
const made = fc.record({
  before: phrase(12),
  after: phrase(12),
  gold: phrase(4),
  question: phrase(4),
  options: fc.array(phrase(3), { minLength: 2, maxLength: 5 }),
  at: fc.nat(),
});

describe.skipIf(!python)("reward.py (needs RAG_INSTRUCT_PYTHON)", () => {
  it.skipIf(!existsSync(golden))("gives the verdicts of scoreItem on every case of shared eval-golden", async () => {
    const cases = read(golden).map(({ source, golds, output, options }) =>
      caseOf(source!, { golds: golds!, options: options && Object.values(options) }, output!),
    );
    expect(cases).toHaveLength(2695);
    expect(await differing(cases)).toEqual([]);
  });

  it.skipIf(!existsSync(handmade))("gives them on the shared cases", async () => {
    const cases = read(handmade).map((each) => caseOf(each.benchmark!, each as never, each.output!));
    expect(cases).toHaveLength(22);
    expect(await differing(cases)).toEqual([]);
  });

  it("takes completions and columns in the shapes that trainers give", async () => {
    const script = `
import json, sys
sys.path.insert(0, ${JSON.stringify(join(folder, "grpo"))})
import reward
turns = [[{"role": "assistant", "content": content}] for content in ("It is 12.", [{"type": "text", "text": "It is "}, {"type": "text", "text": "12."}], None)]
columns = dict(ground_truth=["12"] * 5, kind=["text"] * 5, options=[[], None, [], [], []], question=["q", None, "q", "q", "q"])
trl = reward.reward(completions=[*turns, "12", []], prompts=[], id=["a"] * 5, **columns)
print(json.dumps([trl, reward.compute_score("x", None, "12"), reward.compute_score("x", "12", "12", {"options": None})]))`;
    const { stdout } = await promisify(execFile)(python!, ["-W", "error", "-c", script]);
    expect(JSON.parse(stdout)).toEqual([[1, 1, 0, 1, 0], 0, 1]);
  });

  it("gives them on outputs made of what scoring turns on, in all kinds", async () => {
    const kinds = ["popqa", "convfinqa", "pubhealth", "pubmedqa", "hotpotqa", "medqa"];
    const cases = fc
      .sample(made, { numRuns: 4000, seed: 30 })
      .map(({ before, after, gold, question, options, at }, i) => {
        const benchmark = kinds[i % kinds.length]!;
        const { task, verdicts } = findBenchmark(benchmark);
        if (task === "multiple-choice") {
          const golds = ["ABCDE"[at % options.length]!];
          const said = [golds[0], options[at % options.length], ""][at % 3];
          return caseOf(benchmark, { golds, options }, `${before} ${said} ${after}`);
        }
        const golds = verdicts ? [verdicts[at % verdicts.length]!] : [gold, question];
        return caseOf(
          benchmark,
          { golds, question: at % 2 ? question : "" },
          `${before} ${at % 3 ? golds[0] : ""} ${after}`,
        );
      });
    for (const kind of ["text", "figure", "verdict", "choice"]) {
      const right = cases.filter((each) => each.kind === kind && each.expected).length;
      expect([kind, right > 50]).toEqual([kind, true]);
    }
    expect(await differing(cases)).toEqual([]);
  });
});
