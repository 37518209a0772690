import { type AlignmentFormat, userTurn } from "../alignment/alignment-format.ts";
import { groundTruthOf } from "../alignment/ground-truth.ts";
import { rewardFile, rewardModule } from "../reward-module.ts";
import { listOf, optionalText, structure, tableWriter, text } from "./parquet.ts";

const columns = [
  text("data_source"),
  listOf("prompt", structure("element", [text("role"), text("content")], { repetition: "OPTIONAL" })),
  text("ability"),
  structure("reward_model", [text("style"), text("ground_truth")]),
  structure("extra_info", [
    text("split"),
    { name: "index", type: "INT64", repetition_type: "REQUIRED" },
    text("id"),
    text("paradigm"),
    text("question"),
    text("kind"),
    listOf("options", [optionalText("element")]),
  ]),
];

/**
 * What verl trains on, a table a part: a rule's reward by `ground_truth` and what `extra_info` says of it, which the `compute_score` of
 * `reward.py` reads. verl reports its measures by `data_source`, so that each paradigm is one.
 */
export const verl: AlignmentFormat = {
  files: [{ name: (part) => `${part}.parquet`, open: (file) => tableWriter(file, columns) }],
  records({ prompt, part: split, index, ...example }) {
    const truth = groundTruthOf(example);
    if (typeof truth === "string") return truth;
    const { id, paradigm, question } = example;
    const { answer: ground_truth, kind, options } = truth;
    const row = {
      data_source: `rag-instruct/${paradigm}`,
      prompt: userTurn(prompt),
      ability: "rag",
      reward_model: { style: "rule", ground_truth },
      extra_info: { split, index: BigInt(index), id, paradigm, question, kind, options },
    };
    return [{ rows: [row], sort: kind }];
  },
  beside: { [rewardFile]: rewardModule },
};
