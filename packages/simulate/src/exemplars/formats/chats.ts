import { isObject } from "@rag-instruct/core";
import { asQuestion, type ExemplarFormat, type FormatResult, otherShape, type Row, textField } from "./format.ts";

/** The turns of a row of ShareGPT's family, under whichever key they stand. */
function conversationOf(row: Row): unknown {
  return row.conversations ?? row.conversation ?? row.items;
}

/** Whether a row has a list of turns under one of ShareGPT's keys. */
export function hasConversation(row: Row): boolean {
  return Array.isArray(conversationOf(row));
}

/** ShareGPT, as shared, cleaned or split: `conversations` of `from` and `value`; the first turn by a person counts. */
export const sharegptFormat: ExemplarFormat = {
  name: "sharegpt",
  kind: "conversation",
  matches: hasConversation,
  isPlain: hasConversation,
  read: (row) => readConversation(row),
};

/** SlimOrca: ShareGPT's shape with a `weight` on each turn. */
export const slimorcaFormat: ExemplarFormat = {
  name: "slimorca",
  kind: "conversation",
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

// What LMSYS-chat-1M puts in the place of a person's name.
const placeholder = /\bNAME_\d+\b/;

/**
 * LMSYS-chat-1M, and WildChat, which took over its shape: `conversation` of `content` and `role`, with flags. A first turn that
 * moderation flagged, or from which a name was taken out, is no exemplar.
 */
export const lmsysFormat: ExemplarFormat = {
  name: "lmsys",
  kind: "conversation",
  matches: (row) =>
    hasConversation(row) && ("conversation_id" in row || "conversation_hash" in row || "openai_moderation" in row),
  read(row) {
    const turns = conversationOf(row);
    if (turns === undefined) return otherShape(row, "conversation");
    const { result, index } = firstHumanTurn(turns);
    return "unread" in result ? result : (refusal(row, result.question, index) ?? withLanguage(result, row));
  },
};

function refusal(row: Row, question: string, index: number): FormatResult | undefined {
  const moderation = Array.isArray(row.openai_moderation) ? row.openai_moderation[index] : undefined;
  const turn = (conversationOf(row) as unknown[])[index];
  const isToxic = isObject(turn) && turn.toxic === true;
  if (isToxic || (isObject(moderation) && moderation.flagged === true)) {
    return { unread: "flagged", detail: "moderation flagged its first turn by a person" };
  }
  const isRedacted = row.redacted === true && placeholder.test(question);
  return isRedacted ? { unread: "redacted", detail: "a name was taken out of its first turn by a person" } : undefined;
}

function withLanguage(result: FormatResult, row: Row): FormatResult {
  const language = textField(row, "language");
  return language && !("unread" in result) && !/^unknown$/i.test(language) ? { ...result, language } : result;
}

/** Chat data: `messages` of `role` and `content`, of which the first by a user counts. */
export const messagesFormat: ExemplarFormat = {
  name: "messages",
  matches: (row) => Array.isArray(row.messages),
  read: (row) => (row.messages === undefined ? otherShape(row, "messages") : firstHumanTurn(row.messages).result),
};

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

// What the published sets call the turns of a person.
const humanRoles = new Set(["human", "user", "prompter"]);

/** The first turn by a person, and where it stands. Turns by the system or the model before it are passed over. */
function firstHumanTurn(turns: unknown): { result: FormatResult; index: number } {
  const none = { result: { unread: "no-human-turn", detail: "no turn is by a person" }, index: -1 } as const;
  if (!Array.isArray(turns)) {
    return { result: { unread: "not-text", detail: "its conversation is not a list of turns" }, index: -1 };
  }
  for (const [index, turn] of turns.entries()) {
    if (!isObject(turn)) continue;
    const role = turn.from ?? turn.role;
    const name = typeof role === "string" ? role.trim().toLowerCase() : humanKeyOf(turn);
    if (name === undefined || !humanRoles.has(name)) continue;
    const value = role === undefined ? turn[name] : (turn.value ?? turn.content ?? turn.text);
    return { result: asQuestion(value, "the first turn by a person"), index };
  }
  return none;
}

/** Some sets write a turn pair as `{ human, assistant }`. */
function humanKeyOf(turn: Record<string, unknown>): string | undefined {
  return [...humanRoles].find((key) => key in turn);
}
