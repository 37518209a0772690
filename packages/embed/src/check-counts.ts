import { RagInstructError } from "@rag-instruct/core";

/** Throws `bad-option` for a count that is given and no whole number from 1 on. */
export function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isInteger(count) && count > 0)) continue;
    throw new RagInstructError("bad-option", `${name} is ${count}; give a whole number from 1 on`);
  }
}
