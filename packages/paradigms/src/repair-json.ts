import { isObject } from "@rag-instruct/core";
import { jsonrepair } from "jsonrepair";

/** A value read from a model's reply, or why there is none. */
export type JsonReply = { ok: true; value: unknown } | { ok: false; reason: "not-json" | "cut-off"; detail: string };

/**
 * Reads the JSON object of a model's reply where its meaning is certain: fenced, with prose around it, with comments,
 * single quotes or trailing commas, or escaped twice. A reply that breaks off is not completed, because nobody knows how it went on.
 */
export function readJsonReply(text: string): JsonReply {
  const whole = parse(text.trim());
  if (isObject(whole)) return { ok: true, value: whole };
  if (typeof whole === "string" && whole.includes("{")) return readJsonReply(whole);

  const start = text.indexOf("{");
  if (start < 0) return { ok: false, reason: "not-json", detail: "the reply has no JSON object" };
  const end = endOfObject(text, start);
  if (end < 0) return { ok: false, reason: "cut-off", detail: "the reply breaks off inside its JSON object" };
  const object = text.slice(start, end);
  const value = parse(object) ?? parse(repaired(object));
  return isObject(value)
    ? { ok: true, value }
    : { ok: false, reason: "not-json", detail: "the reply's JSON cannot be repaired with certainty" };
}

/** The index behind the brace that closes the object, or -1. Double-quoted strings are skipped; single quotes are left to the repair. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return i + 1;
  }
  return -1;
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function repaired(text: string): string | undefined {
  try {
    return jsonrepair(text);
  } catch {
    return undefined;
  }
}
