import { isObject, type Passage } from "@rag-instruct/core";
import { textField } from "./fields.ts";
import type { Row } from "./format.ts";

/** A list of documents with id and text, an empty one where there is none, or undefined where it is anything else. */
export function readDocuments(value: unknown): Passage[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const documents = value.map((item) => (isObject(item) ? readDocument(item) : undefined));
  return documents.every((document) => document !== undefined) ? documents : undefined;
}

function readDocument(item: Row): Passage | undefined {
  const text = textField(item, "text");
  if (!text || (typeof item.id !== "string" && typeof item.id !== "number")) return undefined;
  // "socre" is how the file spells it.
  const score = item.score ?? item.socre;
  const metadata = typeof score === "number" || typeof score === "string" ? { metadata: { score: Number(score) } } : {};
  return { id: String(item.id), title: textField(item, "title") ?? "", text, ...metadata };
}
