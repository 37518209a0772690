import { isObject } from "@rag-instruct/core";

/** The value as a record, or undefined. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return isObject(value) ? value : undefined;
}

/** The trimmed text of a field, or undefined where it is missing, empty or no text. */
export function textField(record: Record<string, unknown>, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = record[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return undefined;
}

/** The text of the first turn by a person, in either of the two usual shapes. */
export function firstUserTurn(turns: unknown): string | undefined {
  if (!Array.isArray(turns)) return undefined;
  for (const turn of turns) {
    const record = asRecord(turn);
    if (!record) return undefined;
    const role = textField(record, "role", "from");
    if (role === "user" || role === "human") return contentText(record.content ?? record.value);
  }
  return undefined;
}

/** The text of a message's content: a text, or a list of parts of which the texts count. */
export function contentText(content: unknown): string | undefined {
  if (typeof content === "string") return content.trim() || undefined;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part) => textField(asRecord(part) ?? {}, "text", "value") ?? "");
  return parts.join("\n").trim() || undefined;
}
