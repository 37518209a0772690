import { RagInstructError } from "@rag-instruct/core";

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/**
 * One line of PostgreSQL's COPY text format; null stands for no value.
 * Throws `bad-input` and names the row where a text holds a NUL or half a character, which PostgreSQL cannot store.
 */
export function copyLine(values: readonly (string | number | null)[], name: string): string {
  return `${values.map((value) => (value === null ? "\\N" : field(String(value), name))).join("\t")}\n`;
}

function field(text: string, name: string): string {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new RagInstructError(
      "bad-input",
      `${name} holds a NUL or half a character, which PostgreSQL cannot store; take it out of the text`,
    );
  }
  return text.replace(/[\\\t\n\r]/g, (character) => escapes[character]!);
}
