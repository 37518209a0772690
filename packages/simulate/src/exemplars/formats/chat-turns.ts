import { isObject } from "@rag-instruct/core";
import { asQuestion } from "./fields.ts";
import type { FormatResult } from "./format.ts";

// What the published sets call the turns of a person.
const humanRoles = new Set(["human", "user", "prompter"]);

/** The first turn by a person, and where it stands. Turns by the system or the model before it are passed over. */
export function firstHumanTurn(turns: unknown): { result: FormatResult; index: number } {
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
