import type { Fields } from "../item.ts";
import { isFields } from "./fields.ts";
import { parseLiteral } from "./literals.ts";

// A question may be a list or an object as it stands, and none of the records have theirs inside another text.
const asWritten: ReadonlySet<string> = new Set(["question", "query", "claim", "input", "instruction", "QUESTION"]);

/** Where Open Life Science AI's copies keep under `data` what the originals call otherwise. */
const lifeScienceKeys: Readonly<Record<string, readonly string[]>> = {
  Question: ["question"],
  Options: ["options"],
  Context: ["CONTEXTS"],
  "Correct Option": ["answer_idx"],
  "Correct Answer": ["answer", "final_decision"],
};

/**
 * A record with what its re-host folded away laid open: lists and objects inside texts, FlashRAG's `metadata` and Open Life Science AI's
 * `data`, whose keys stand beside the record's own ones, which have precedence.
 */
export function unfolded(fields: Fields): Fields {
  const open: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    open[key] = typeof value === "string" && !asWritten.has(key) ? (parseLiteral(value) ?? value) : value;
  }
  const { data, metadata } = open;
  return {
    ...(isFields(metadata) ? unfolded(metadata) : undefined),
    ...(isFields(data) && "Question" in data ? renamed(data) : undefined),
    ...open,
  };
}

function renamed(data: Fields): Fields {
  const entries = Object.entries(data).flatMap(([key, value]) =>
    (lifeScienceKeys[key] ?? [key]).map((name) => [name, value] as const),
  );
  return Object.fromEntries(entries);
}
