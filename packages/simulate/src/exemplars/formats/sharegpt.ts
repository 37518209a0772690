import { isObject } from "@rag-instruct/core";
import { firstHumanTurn } from "./chat-turns.ts";
import { type ExemplarFormat, otherShape, type Row } from "./format.ts";

/** The turns of a row of ShareGPT's family, under whichever key they stand. */
export function conversationOf(row: Row): unknown {
  return row.conversations ?? row.conversation ?? row.items;
}

/** Whether a row has a list of turns under one of ShareGPT's keys. */
export function hasConversation(row: Row): boolean {
  return Array.isArray(conversationOf(row));
}

/** ShareGPT, as shared, cleaned or split: `conversations` of `from` and `value`; the first turn by a person counts. */
export const sharegptFormat: ExemplarFormat = {
  name: "sharegpt",
  matches: hasConversation,
  read: (row) => readConversation(row),
};

/** SlimOrca: ShareGPT's shape with a `weight` on each turn. */
export const slimorcaFormat: ExemplarFormat = {
  name: "slimorca",
  matches(row) {
    const turns = conversationOf(row);
    return Array.isArray(turns) && turns.some((turn) => isObject(turn) && "weight" in turn && "from" in turn);
  },
  read: (row) => readConversation(row),
};

/** Reads any row that holds a conversation. */
export function readConversation(row: Row) {
  if (conversationOf(row) === undefined) return otherShape(row, "conversations");
  return firstHumanTurn(conversationOf(row)).result;
}
