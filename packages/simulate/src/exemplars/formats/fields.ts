/** The value as a record, or undefined. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
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
    if (role === "user" || role === "human") return textField(record, "content", "value");
  }
  return undefined;
}
