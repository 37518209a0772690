import { detectTask } from "../detect-task.ts";
import { asRecord, contentText } from "./fields.ts";
import type { ExemplarFormat } from "./format.ts";

/** MT-Bench, Vicuna bench and Arena-Hard: `turns` by a person, of which the first counts. */
export const turnsFormat: ExemplarFormat = {
  name: "turns",
  matches: (record) => Array.isArray(record.turns),
  read(record) {
    const [first] = record.turns as unknown[];
    const question = contentText(asRecord(first)?.content ?? first);
    return question
      ? { question, source: "turns", task: detectTask(question) }
      : { problem: "the first turn is empty" };
  },
};
