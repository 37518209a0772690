import type { Passage } from "@rag-instruct/core";
import { hashOf, isObject } from "@rag-instruct/core";
import type { Fields } from "../item.ts";
import { parseLiteral } from "./literals.ts";

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
  const parsed = parseLiteral(text);
  return Array.isArray(parsed) ? parsed : [text];
}

/**
 * Documents, whatever their keys are called: a list of objects, of texts, or of HotpotQA's `[title, sentences]`, or columns
 * `{ title: [], sentences: [] }`. Entries without text are left out. Ids that are missing are hashes of the content.
 */
export function documentsOf(value: unknown): Passage[] {
  if (isFields(value)) return documentsOfColumns(value);
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry): Passage[] => {
    if (typeof entry === "string") return passage("", entry.trim());
    if (Array.isArray(entry)) return passage(asText(entry[0]) ?? "", joined(entry[1]));
    if (!isFields(entry)) return [];
    const key = textKeys.find((key) => joined(entry[key]) !== "");
    const id = textOf(entry, "id", "docid", "doc_id", "passage_id", "psg_id");
    const title = textOf(entry, "title", "wikipedia_title") ?? "";
    return key === undefined ? [] : passage(title, joined(entry[key]), id);
  });
}

/** Keys of a document's text; some hold it as a list of sentences. */
const textKeys = [
  "text",
  "paragraph_text",
  "contents",
  "content",
  "passage",
  "body",
  "sentences",
  "paragraph",
  "context",
];

// Columns of titles and texts, or of texts alone (PubMedQA's `contexts`).
function documentsOfColumns(columns: Fields): Passage[] {
  const key = [...textKeys, "contexts"].find((key) => Array.isArray(columns[key]));
  if (key === undefined) return [];
  const titles = Array.isArray(columns.title) ? columns.title : [];
  return (columns[key] as unknown[]).flatMap((text, i) => passage(asText(titles[i]) ?? "", joined(text)));
}

function joined(sentences: unknown): string {
  if (!Array.isArray(sentences)) return asText(sentences) ?? "";
  const parts = sentences.filter((sentence) => typeof sentence === "string");
  return parts.join(parts.some((part) => part.startsWith(" ")) ? "" : " ").trim();
}

function passage(title: string, text: string, id?: string): Passage[] {
  return text === "" ? [] : [{ id: id ?? hashOf([title, text]), title, text }];
}
