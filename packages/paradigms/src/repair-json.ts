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

  const said = text.replace(/<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/gi, "");
  const { objects, isCut } = objectsIn(said);
  const strict = objects.map(parse).filter(hasFields);
  const values = strict.length > 0 ? strict : objects.map((object) => parse(repaired(object))).filter(hasFields);
  const [value] = values;
  if (new Set(values.map((each) => JSON.stringify(each))).size > 1) {
    return { ok: false, reason: "not-json", detail: "the reply holds several JSON objects that differ" };
  }
  if (value) return { ok: true, value };
  if (isCut) return { ok: false, reason: "cut-off", detail: "the reply breaks off inside its JSON object" };
  const detail =
    objects.length > 0 ? "the reply's JSON cannot be repaired with certainty" : "the reply has no JSON object";
  return { ok: false, reason: "not-json", detail };
}

// What stands behind the brace of an object, and not of prose in braces.
const opensObject = /^\{\s*(?:["'“‘`]|\\"|\w+\s*:|\/[/*])/;

/** The outermost objects of a text; `isCut` when one begins and does not end, or goes on behind its end. */
function objectsIn(text: string): { objects: string[]; isCut: boolean } {
  const objects: string[] = [];
  for (let start = text.indexOf("{"); start >= 0; start = text.indexOf("{", start)) {
    if (!opensObject.test(text.slice(start, start + 200))) {
      start++;
      continue;
    }
    const end = endOfObject(text, start);
    if (end < 0 || /^\s*,\s*["']/.test(text.slice(end, end + 50))) return { objects: [], isCut: true };
    objects.push(text.slice(start, end));
    start = end;
  }
  return { objects, isCut: false };
}

function hasFields(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.keys(value).length > 0;
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
