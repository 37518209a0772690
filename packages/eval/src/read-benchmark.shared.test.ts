import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sharedData } from "../test/shared-data.ts";
import { readBenchmark, readIds } from "./read-benchmark.ts";

const root = sharedData("benchmarks");
const dummy = "hf-dummy";

/** Items read, items outside the paper's subset, and records without an item by reason, of every file that holds questions. */
const files: [benchmark: string, file: string, items: number, leftOut?: number, rejected?: Record<string, number>][] = [
  ["2wikimultihopqa", "2wikimultihopqa/2wiki.dev200.json", 200],
  ["arc-challenge", "arc-challenge/ARC-Challenge-Dev.jsonl", 294],
  ["arc-challenge", "arc-challenge/ARC-Challenge-Test.jsonl", 1150],
  ["convfinqa", "convfinqa/test_private434.json.gz", 0, 0, { "missing-gold": 434 }],
  ["convfinqa", "convfinqa/train_subset50.json", 183],
  ["arc-challenge", "crag-selfrag-sets/arc_challenge.sources.txt", 0, 0, { "missing-option": 1172 }],
  ["popqa", "crag-selfrag-sets/popqa.sources.txt", 0, 0, { "missing-gold": 1399 }],
  ["pubhealth", "crag-selfrag-sets/pubqa.sources.txt", 0, 0, { "missing-gold": 987 }],
  ["nq", "dpr-ctxs/llm_embedder.toy.qa.jsonl", 8],
  ["nq", "dpr-ctxs/nq-open-oracle.jsonl.gz", 2655],
  ["nq", "dpr-qa/nq_1000_dev_dpr.csv", 999, 0, { "missing-gold": 1 }],
  ["nq", "dpr-qa/nq_1000_dev_orqa.jsonl", 999, 0, { "missing-gold": 1 }],
  ["nq", "dpr-qa/topics.dpr.curated.test.txt", 694],
  ["nq", "dpr-qa/topics.dpr.nq.test.txt", 3610],
  ["triviaqa", "dpr-qa/topics.dpr.trivia.test.txt.gz", 11313],
  ["webquestions", "dpr-qa/topics.dpr.wq.test.txt", 2032],
  ["arc-challenge", `${dummy}/ai2_arc/ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Train.jsonl`, 3],
  ["casehold", `${dummy}/case_hold/casehold.csv`, 6],
  ["pubhealth", `${dummy}/health_fact/PUBHEALTH/dev.tsv`, 3, 1],
  ["pubhealth", `${dummy}/health_fact/PUBHEALTH/test.tsv`, 4],
  ["pubhealth", `${dummy}/health_fact/PUBHEALTH/train.tsv`, 2, 2],
  ["hotpotqa", `${dummy}/hotpot_qa-distractor/hotpot_dev_distractor_v1.json`, 1],
  ["hotpotqa", `${dummy}/kilt_hotpotqa/hotpotqa-dev-kilt.jsonl`, 5],
  ["hotpotqa", `${dummy}/kilt_hotpotqa/hotpotqa-test_without_answers-kilt.jsonl`, 0, 0, { "missing-gold": 5 }],
  ["nq", `${dummy}/kilt_nq/nq-dev-kilt.jsonl`, 5],
  ["triviaqa", `${dummy}/kilt_triviaqa/triviaqa-dev_id-kilt.jsonl`, 0, 0, { "missing-question": 5 }],
  ["openbookqa", `${dummy}/openbookqa-additional/OpenBookQA-V1-Sep2018/Data/Additional/train.jsonl`, 4],
  ["openbookqa", `${dummy}/openbookqa-main/OpenBookQA-V1-Sep2018/Data/Main/test.jsonl`, 2],
  ["pubmedqa", `${dummy}/pubmed_qa/ori_pqal.json`, 3],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/web-dev.json`, 3],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/web-test-without-answers.json`, 0, 0, { "missing-gold": 3 }],
  ["triviaqa", `${dummy}/trivia_qa-unfiltered/triviaqa-unfiltered/unfiltered-web-train.json`, 3],
  ["webquestions", `${dummy}/web_questions/blobtest`, 1],
  ["webquestions", `${dummy}/web_questions/blobtrain`, 2],
  ["arc-challenge", `${dummy}/ai2_arc/ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Dev.jsonl`, 2],
  ["arc-challenge", `${dummy}/ai2_arc/ARC-V1-Feb2018-2/ARC-Challenge/ARC-Challenge-Test.jsonl`, 2],
  ["hotpotqa", `${dummy}/hotpot_qa-distractor/hotpot_train_v1.1.json`, 1],
  ["hotpotqa", `${dummy}/kilt_hotpotqa/hotpotqa-train-kilt.jsonl`, 5],
  ["nq", `${dummy}/kilt_nq/nq-train-kilt.jsonl`, 5],
  ["nq", `${dummy}/kilt_nq/nq-test_without_answers-kilt.jsonl`, 0, 0, { "missing-gold": 5 }],
  ["triviaqa", `${dummy}/kilt_triviaqa/triviaqa-train_id-kilt.jsonl`, 0, 0, { "missing-question": 5 }],
  ["triviaqa", `${dummy}/kilt_triviaqa/triviaqa-test_id_without_answers-kilt.jsonl`, 0, 0, { "missing-question": 5 }],
  ["openbookqa", `${dummy}/openbookqa-additional/OpenBookQA-V1-Sep2018/Data/Additional/dev.jsonl`, 2],
  ["openbookqa", `${dummy}/openbookqa-additional/OpenBookQA-V1-Sep2018/Data/Additional/test.jsonl`, 2],
  ["openbookqa", `${dummy}/openbookqa-main/OpenBookQA-V1-Sep2018/Data/Main/dev.jsonl`, 2],
  ["openbookqa", `${dummy}/openbookqa-main/OpenBookQA-V1-Sep2018/Data/Main/train.jsonl`, 4],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/web-train.json`, 3],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/wikipedia-dev.json`, 1],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/wikipedia-train.json`, 1],
  ["triviaqa", `${dummy}/trivia_qa-rc/qa/wikipedia-test-without-answers.json`, 0, 0, { "missing-gold": 1 }],
  ["triviaqa", `${dummy}/trivia_qa-unfiltered/triviaqa-unfiltered/unfiltered-web-dev.json`, 3],
  [
    "triviaqa",
    `${dummy}/trivia_qa-unfiltered/triviaqa-unfiltered/unfiltered-web-test-without-answers.json`,
    0,
    0,
    { "missing-gold": 3 },
  ],
  ["hotpotqa", "hotpotqa/hotpot.dev100.hf-columns.json", 100],
  ["hotpotqa", "hotpotqa/hotpot.dev200.json", 200],
  ["medqa", "medqa/phrases_no_exclude_test.jsonl", 1273],
  ["nq", "nq-open/NQ-open.dev.jsonl", 3610],
  ["nq", "nq-open/NQ-open.efficientqa.dev.1.1.sample.jsonl", 100],
  ["nq", "nq-triviaqa/migres-odqa400.json", 400],
  ["openbookqa", "openbookqa/llm-adapters.test.json", 500],
  ["popqa", "popqa/popqa.1000.with-paragraphs.json", 259, 741],
  ["pubmedqa", "pubmedqa/ori_pqal.json", 500, 500],
  ["triviaqa", "triviaqa/triviaqa_sample.json", 1],
  ["webquestions", "webquestions/brmson.main.devtest.json", 189],
  ["webquestions", "webquestions/brmson.main.test.json", 2032],
];

describe.skipIf(!existsSync(root))("readBenchmark over shared benchmarks", () => {
  it.each(files)("reads %s from %s: %i items", async (benchmark, file, count, leftOut = 0, rejected = {}) => {
    const reasons: Record<string, number> = {};
    let outside = 0;
    const items = await Array.fromAsync(
      readBenchmark({
        benchmark,
        from: `${root}/${file}`,
        onRejected: ({ reason }) => {
          reasons[reason] = (reasons[reason] ?? 0) + 1;
        },
        onLeftOut: () => {
          outside++;
        },
      }),
    );
    expect({ items: items.length, outside, reasons }).toEqual({ items: count, outside: leftOut, reasons: rejected });
    expect(new Set(items.map(({ id }) => id)).size).toBe(count);
    for (const { question, golds, options } of items) {
      expect(question).toBe(question.trim());
      expect(golds.length).toBeGreaterThan(0);
      expect(
        golds.some((gold) => gold === "" || (gold.startsWith("[") && gold.endsWith("]") && gold.includes("',"))),
      ).toBe(false);
      if (options)
        expect(options.length).toBeGreaterThanOrEqual(Math.max(...golds.map((gold) => gold.charCodeAt(0) - 64)));
    }
  });

  it("keeps of PubMedQA's thousand the 500 that its ground truth lists, with the decisions listed there", async () => {
    const only = await readIds(`${root}/pubmedqa/test_ground_truth.json`);
    const items = await Array.fromAsync(
      readBenchmark({ benchmark: "pubmedqa", from: `${root}/pubmedqa/ori_pqal.json` }),
    );
    expect(only).toHaveLength(500);
    expect(items.map(({ id }) => id).sort()).toEqual(only.sort());
    const decisions = Object.groupBy(items, ({ golds }) => golds[0]!);
    expect([decisions.yes!.length, decisions.no!.length, decisions.maybe!.length]).toEqual([276, 169, 55]);
  });

  it("reads ARC's questions of three and five options", async () => {
    const items = await Array.fromAsync(
      readBenchmark({ benchmark: "arc-challenge", from: `${root}/arc-challenge/ARC-Challenge-Test.jsonl` }),
    );
    const sizes = items.map(({ options }) => options!.length);
    expect([3, 4, 5].map((size) => sizes.filter((each) => each === size).length)).toEqual([3, 1144, 3]);
  });
});
