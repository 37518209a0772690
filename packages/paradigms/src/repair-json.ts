import { isObject } from "@rag-instruct/core";
import { jsonrepair } from "jsonrepair";
import { lenientObject } from "./lenient-object.ts";

/** A value read from a model's reply, or why there is none. */
export type JsonReply = { ok: true; value: unknown } | { ok: false; reason: "not-json" | "cut-off"; detail: string };

/**
 * Reads the JSON object of a model's reply where its meaning is certain: fenced, with prose or reasoning around it, with comments,
 * Python's literals, other quotes or trailing commas, or escaped twice. A reply that breaks off is not completed, because nobody
 * knows how it went on.
 */
export function readJsonReply(text: string): JsonReply {
  const whole = parse(text.trim());
  if (isObject(whole)) return { ok: true, value: whole };
  if (typeof whole === "string" && whole.includes("{")) return readJsonReply(whole);

  const { strict, loose, isCut, isUncertain } = objectsIn(withoutReasoning(text));
  const values = (strict.length > 0 ? strict : loose).filter(hasFields);
  const [value] = values;
  if (new Set(values.map((each) => JSON.stringify(each))).size > 1) {
    return { ok: false, reason: "not-json", detail: "the reply holds several JSON objects that differ" };
  }
  if (isCut) return { ok: false, reason: "cut-off", detail: "the reply breaks off inside its JSON object" };
  if (value) return { ok: true, value };
  const detail = isUncertain ? "the reply's JSON cannot be repaired with certainty" : "the reply has no JSON object";
  return { ok: false, reason: "not-json", detail };
}

// What stands behind the brace of an object, and not of prose in braces.
const opensObject = /^\{[\s\u200b-\u200d\u2060\ufeff]*(?:["'“‘`]|\\"|\w+\s*:|\/[/*]|#)/;
// An object that goes on behind its end: which end is meant is not known.
const goesOn = /^\s*,\s*["']|^[^{\n]*["”]\s*[}\]]/;

// Each may be looked for up to the end of the text; a reply with more of them means nothing certain.
const maxUncertain = 50;

interface ObjectsIn {
  strict: unknown[];
  /** What could be repaired. */
  loose: unknown[];
  isCut: boolean;
  isUncertain: boolean;
}

/** The outermost objects of a text; `isCut` when one begins and does not end, or goes on behind its end. */
function objectsIn(text: string): ObjectsIn {
  const found: ObjectsIn = { strict: [], loose: [], isCut: false, isUncertain: false };
  let uncertain = 0;
  for (let start = text.indexOf("{"); start >= 0; start = text.indexOf("{", start)) {
    if (!opensObject.test(text.slice(start, start + 200))) {
      start++;
      continue;
    }
    const { value, isStrict, end } = objectAt(text, start);
    if (end < 0 || goesOn.test(text.slice(end, end + 400))) return { ...found, strict: [], loose: [], isCut: true };
    if (value === undefined) {
      found.isUncertain = true;
      if (++uncertain > maxUncertain) return { ...found, strict: [], loose: [] };
    } else if (isStrict) found.strict.push(value);
    else found.loose.push(value);
    start = end;
  }
  return found;
}

function objectAt(text: string, start: number): { value: unknown; isStrict: boolean; end: number } {
  const end = endOfObject(text, start);
  const strict = end < 0 ? undefined : parse(text.slice(start, end));
  if (strict !== undefined) return { value: strict, isStrict: true, end };
  if (/^\{\s*\\"/.test(text.slice(start))) {
    return { value: end < 0 ? undefined : parse(repaired(text.slice(start, end))), isStrict: false, end };
  }
  const loose = lenientObject(text, start);
  if (loose.ok) return { value: parse(repaired(loose.json)), isStrict: false, end: loose.end };
  return { value: undefined, isStrict: false, end: loose.isCut ? -1 : Math.max(end, start + 1) };
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

const reasoningTags = "think|thinking|thought|reasoning|reflection";
const anyTag = new RegExp(`<(/?)(${reasoningTags})>`, "gi");
const untilLastEnd = new RegExp(`^[\\s\\S]*</(?:${reasoningTags})>`, "i");
const fromFirstStart = new RegExp(`<(?:${reasoningTags})>[\\s\\S]*$`, "i");

/** What is said outside of reasoning, whose opening tag may stand in the prompt, and whose closing one may be cut off. */
function withoutReasoning(text: string): string {
  return withoutPairs(text).replace(untilLastEnd, "").replace(fromFirstStart, "");
}

/** Takes out each opening tag with all up to the next closing one of its name, in one pass: a model caught in a loop writes thousands. */
function withoutPairs(text: string): string {
  const tags = [...text.matchAll(anyTag)];
  const nextEnd = new Map<string, number>();
  const ends = new Array<number | undefined>(tags.length);
  for (const [at, [tag, slash, name]] of [...tags.entries()].reverse()) {
    const key = name!.toLowerCase();
    if (slash) nextEnd.set(key, tags[at]!.index + tag.length);
    else ends[at] = nextEnd.get(key);
  }
  let kept = "";
  let from = 0;
  for (const [at, { index }] of tags.entries()) {
    const end = ends[at];
    if (end === undefined || index < from) continue;
    kept += text.slice(from, index);
    from = end;
  }
  return kept + text.slice(from);
}
