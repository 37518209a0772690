import { isObject } from "@rag-instruct/core";
import { asQuestion } from "./fields.ts";
import { type ExemplarFormat, otherShape } from "./format.ts";

/** MT-Bench, Vicuna bench and Arena-Hard: `turns` by a person, of which the first counts. */
export const turnsFormat: ExemplarFormat = {
  name: "turns",
  matches: (row) => Array.isArray(row.turns),
  read(row) {
    if (!Array.isArray(row.turns)) return otherShape(row, "turns");
    const first: unknown = row.turns[0];
    return asQuestion(isObject(first) ? first.content : first, "the first turn");
  },
};
