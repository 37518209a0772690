import { type AlignmentFormat, userTurn } from "../alignment/alignment-format.ts";
import { sharegptTags } from "./record-formats.ts";

const trl = (part: string) => `${part}.jsonl`;
const standard = (part: string) => `${part}-standard.jsonl`;
const sharegpt = (part: string) => `${part}-sharegpt.jsonl`;

/**
 * Preferences: the verified answer is chosen over each wrong one that the run was given to the same question, and `rejected_from`,
 * `rejected_reason` and `rejected_id` say where that stands. In TRL's conversational form, in its standard one, which is LLaMA-Factory's
 * alpaca form too, and in that one's sharegpt form, of which `dataset_info.json` tells it.
 */
export const dpo: AlignmentFormat = {
  files: [{ name: trl }, { name: standard }, { name: sharegpt }],
  records({ id, prompt, answer: chosen, paradigm, documents, failures = [], edited }) {
    // Without its sources the answer is as little borne out as a wrong one.
    if (documents.every(({ role }) => role === "noise")) return "no-sources";
    // They were compared with the answer as it was.
    if (edited) return "edited";
    // A reader may have been wrong in the same words from several documents.
    const wrong = failures.filter(
      ({ answer }, i) => answer !== chosen && failures.findIndex((other) => other.answer === answer) === i,
    );
    if (wrong.length === 0) return "no-failure";
    return wrong.map(({ answer: rejected, from, reason, pairId }) => {
      const trace = { id, paradigm, rejected_from: from, rejected_reason: reason, rejected_id: pairId };
      const rows = [
        { prompt: userTurn(prompt), chosen: reply(chosen), rejected: reply(rejected), ...trace },
        { prompt, chosen, rejected, ...trace },
        {
          conversations: [{ from: "human", value: prompt }],
          chosen: { from: "gpt", value: chosen },
          rejected: { from: "gpt", value: rejected },
          ...trace,
        },
      ];
      return { rows, sort: from };
    });
  },
  beside: { "dataset_info.json": datasetInfo },
};

function reply(content: string): { role: "assistant"; content: string }[] {
  return [{ role: "assistant", content }];
}

/** LLaMA-Factory's description of the files: `rag_instruct_dpo_train` in its sharegpt form, `rag_instruct_dpo_train_alpaca` in its alpaca form. */
function datasetInfo(parts: readonly string[]): string {
  const preferred = { chosen: "chosen", rejected: "rejected" };
  const described = parts.flatMap((part) => [
    [
      `rag_instruct_dpo_${part}`,
      {
        file_name: sharegpt(part),
        formatting: "sharegpt",
        ranking: true,
        columns: { messages: "conversations", ...preferred },
        tags: sharegptTags,
      },
    ],
    [
      `rag_instruct_dpo_${part}_alpaca`,
      { file_name: standard(part), ranking: true, columns: { prompt: "prompt", ...preferred } },
    ],
  ]);
  return `${JSON.stringify(Object.fromEntries(described), null, 2)}\n`;
}
