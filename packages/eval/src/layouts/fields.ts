import type { Passage } from "@rag-instruct/core";
import { hashOf, isObject } from "@rag-instruct/core";
import type { Fields } from "../item.ts";

/** Whether a value is an object with keys. */
export function isFields(value: unknown): value is Fields {
  return isObject(value);
}

/** The first of the keys that holds a text, a number or a boolean, as a trimmed text. */
export function textOf(fields: Fields, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const text = asText(fields[key]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A text, number or boolean as trimmed text; undefined for anything else and for an empty text. */
export function asText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = String(value).trim();
  return text === "" ? undefined : text;
}

/**
 * A list of texts, however it is written: an array, a JSON array in a string, a Python list in a string, or one text.
 * Repeated entries are dropped.
 */
export function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : listInText(value);
  return [...new Set(list.map(asText).filter((text) => text !== undefined))];
}

function listInText(value: unknown): unknown[] {
  const text = asText(value);
  if (text === undefined) return [];
  if (!text.startsWith("[") || !text.endsWith("]")) return [text];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [text];
  } catch {
    return pythonList(text) ?? [text];
  }
}

/** The strings of a Python list as `repr` writes it, such as `['a', "b's"]`; undefined for a text that is not one. */
function pythonList(text: string): string[] | undefined {
  const inner = text.slice(1, -1).trim();
  const entry = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|$)/sy;
  const entries: string[] = [];
  while (entry.lastIndex < inner.length) {
    const found = entry.exec(inner);
    if (!found) return undefined;
    entries.push(unescapePython(found[1] ?? found[2] ?? ""));
  }
  return entries;
}

function unescapePython(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_all, x, u, wide, plain) => {
    if (plain !== undefined) return plain === "n" ? "\n" : plain === "t" ? "\t" : plain;
    return String.fromCodePoint(Number.parseInt(x ?? u ?? wide, 16));
  });
}

/** Documents, whatever their keys are called; entries without text are left out. Ids that are missing are hashes of the content. */
export function documentsOf(value: unknown): Passage[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry): Passage[] => {
    if (typeof entry === "string") return passage("", entry);
    if (!isFields(entry)) return [];
    const contents = textOf(entry, "text", "paragraph_text", "contents", "content", "passage", "body");
    const title = textOf(entry, "title", "wikipedia_title") ?? "";
    const id = textOf(entry, "id", "docid", "doc_id", "passage_id", "psg_id");
    return contents === undefined ? [] : passage(title, contents, id);
  });
}

/** Paragraphs as `[title, sentences]`, or as columns `{ title: [], sentences: [] }`. */
export function titledParagraphsOf(value: unknown): Passage[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry): Passage[] =>
      Array.isArray(entry) ? passage(asText(entry[0]) ?? "", joined(entry[1])) : [],
    );
  }
  if (!isFields(value) || !Array.isArray(value.title)) return [];
  const sentences = Array.isArray(value.sentences) ? value.sentences : [];
  return value.title.flatMap((title, i) => passage(asText(title) ?? "", joined(sentences[i])));
}

function joined(sentences: unknown): string {
  if (!Array.isArray(sentences)) return asText(sentences) ?? "";
  const parts = sentences.filter((sentence) => typeof sentence === "string");
  return parts.join(parts.some((part) => part.startsWith(" ")) ? "" : " ").trim();
}

function passage(title: string, text: string, id?: string): Passage[] {
  return text === "" ? [] : [{ id: id ?? hashOf([title, text]), title, text }];
}
