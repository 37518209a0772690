import { type AlignmentFormat, userTurn } from "../alignment/alignment-format.ts";
import { groundTruthOf } from "../alignment/ground-truth.ts";
import { rewardFile, rewardModule } from "../reward-module.ts";

/**
 * What TRL's `GRPOTrainer` and its kin train on: `prompt` as a conversation, and the columns that the `reward` of `reward.py` is called
 * with, which gives each completion the verdict of eval's `scoreItem`.
 */
export const grpo: AlignmentFormat = {
  files: [{ name: (part) => `${part}.jsonl` }],
  records({ prompt, ...example }) {
    const truth = groundTruthOf(example);
    if (typeof truth === "string") return truth;
    const { id, paradigm, question } = example;
    const { answer: ground_truth, kind, options } = truth;
    const row = { prompt: userTurn(prompt), ground_truth, kind, options, question, id, paradigm };
    return [{ rows: [row], sort: kind }];
  },
  beside: { [rewardFile]: rewardModule },
};
