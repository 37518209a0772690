import { isObject } from "@rag-instruct/core";
import { firstHumanTurn } from "./chat-turns.ts";
import { textField } from "./fields.ts";
import { type ExemplarFormat, type FormatResult, otherShape, type Row } from "./format.ts";
import { conversationOf, hasConversation } from "./sharegpt.ts";

// What LMSYS-chat-1M puts in the place of a person's name.
const placeholder = /\bNAME_\d+\b/;

/**
 * LMSYS-chat-1M, and WildChat, which took over its shape: `conversation` of `content` and `role`, with flags. A first turn that
 * moderation flagged, or from which a name was taken out, is no exemplar.
 */
export const lmsysFormat: ExemplarFormat = {
  name: "lmsys",
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
