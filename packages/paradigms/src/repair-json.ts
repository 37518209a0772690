import { isObject, jsonValue, type ReasoningMark, reasoningMarks } from "@rag-instruct/core";
import { jsonrepair } from "jsonrepair";
import { lenientObject, withBackslashes } from "./lenient-object.ts";

/** A value read from a model's reply, or why there is none. */
export type JsonReply =
  | { ok: true; value: unknown }
  | { ok: false; reason: "not-json" | "cut-off" | "only-thinking" | "unclear-backslash"; detail: string };

const onlyThinking: JsonReply = {
  ok: false,
  reason: "only-thinking",
  detail:
    "the reply ends inside its reasoning; raise maxOutputTokens, lower the reasoning effort, or switch thinking off",
};
const unclearBackslash: JsonReply = {
  ok: false,
  reason: "unclear-backslash",
  detail: "a backslash in the reply has two readings; in JSON, each backslash of a text is written twice",
};

/**
 * Reads the JSON object of a model's reply where its meaning is certain: fenced, with prose or reasoning around it, with comments,
 * Python's literals, other quotes or trailing commas, or escaped twice. A reply that breaks off is not completed, because nobody
 * knows how it went on. Single backslashes of LaTeX, of paths and of regular expressions are read as they are written.
 */
export function readJsonReply(text: string): JsonReply {
  const trimmed = text.trim();
  const whole = jsonValue(trimmed);
  if (isObject(whole)) {
    const meant = jsonValue(withBackslashes(trimmed));
    return meant === undefined ? unclearBackslash : { ok: true, value: meant };
  }
  if (typeof whole === "string" && whole.includes("{")) return readJsonReply(whole);

  const { strict, loose, isCut, isUncertain, isBackslashUnclear, isOnlyThinking } = objectsIn(text);
  if (isBackslashUnclear) return unclearBackslash;
  const values = (strict.length > 0 ? strict : loose).filter(hasFields);
  const [value] = values;
  if (new Set(values.map((each) => JSON.stringify(each))).size > 1) {
    return { ok: false, reason: "not-json", detail: "the reply holds several JSON objects that differ" };
  }
  if (isCut) return { ok: false, reason: "cut-off", detail: "the reply breaks off inside its JSON object" };
  if (value) return { ok: true, value };
  if (isOnlyThinking) return onlyThinking;
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
  isBackslashUnclear: boolean;
  /** Whether reasoning begins and does not end. */
  isOnlyThinking: boolean;
}

function noObjects(): ObjectsIn {
  return { strict: [], loose: [], isCut: false, isUncertain: false, isBackslashUnclear: false, isOnlyThinking: false };
}

/**
 * The outermost objects that a text says, its reasoning left out; `isCut` when one begins and does not end, or goes on behind its
 * end. A mark of reasoning inside an object's string is part of the object. What stands before a mark that closes is reasoning
 * whose opening mark stands in the prompt, and what stands behind one that opens and is never closed is reasoning as well.
 */
function objectsIn(text: string): ObjectsIn {
  const marks = reasoningMarks(text);
  let found = noObjects();
  let uncertain = 0;
  let nextMark = 0;
  let start = 0;
  while (true) {
    const brace = text.indexOf("{", start);
    while (nextMark < marks.length && marks[nextMark]!.index < start) nextMark++;
    const mark = marks[nextMark];
    if (mark && (brace < 0 || mark.index < brace)) {
      if (!mark.isOpening) found = noObjects();
      else if (mark.reasoningEnd === undefined) return { ...found, isOnlyThinking: true };
      start = mark.reasoningEnd ?? mark.end;
      continue;
    }
    if (brace < 0) return found;
    if (!opensObject.test(text.slice(brace, brace + 200))) {
      start = brace + 1;
      continue;
    }
    const { value, isStrict, isBackslashUnclear, end } = objectAt(text, brace);
    const isCut = end < 0 || goesOn.test(text.slice(end, end + 400));
    if (value === undefined || isCut) {
      if (++uncertain > maxUncertain) return { ...noObjects(), isCut, isUncertain: true };
      // A draft inside of reasoning whose opening mark stands in the prompt.
      const closing = closingAfter(marks, nextMark);
      if (closing) {
        found = noObjects();
        start = closing.end;
        continue;
      }
      if (isBackslashUnclear) return { ...noObjects(), isBackslashUnclear };
      if (isCut) return { ...noObjects(), isCut };
      found.isUncertain = true;
    } else if (isStrict) found.strict.push(value);
    else found.loose.push(value);
    start = end;
  }
}

/** The next mark that closes what no mark before it has opened. */
function closingAfter(marks: readonly ReasoningMark[], from: number): ReasoningMark | undefined {
  const next = marks[from];
  return next && !next.isOpening ? next : undefined;
}

interface ObjectAt {
  value: unknown;
  isStrict: boolean;
  isBackslashUnclear?: boolean;
  end: number;
}

function objectAt(text: string, start: number): ObjectAt {
  const end = endOfObject(text, start);
  const source = end < 0 ? undefined : text.slice(start, end);
  if (source !== undefined && jsonValue(source) !== undefined) {
    const value = jsonValue(withBackslashes(source));
    return { value, isStrict: true, isBackslashUnclear: value === undefined, end };
  }
  if (/^\{\s*\\"/.test(text.slice(start, start + 200))) {
    const json = source === undefined ? undefined : repaired(source);
    const value = json === undefined ? undefined : jsonValue(withBackslashes(json));
    return { value, isStrict: false, end };
  }
  const loose = lenientObject(text, start);
  if (loose.ok) return { value: jsonValue(repaired(loose.json)), isStrict: false, end: loose.end };
  const { isCut, isBackslashUnclear } = loose;
  return { value: undefined, isStrict: false, isBackslashUnclear, end: isCut ? -1 : Math.max(end, start + 1) };
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

function repaired(text: string): string | undefined {
  try {
    return jsonrepair(text);
  } catch {
    return undefined;
  }
}
