import { isObject } from "@rag-instruct/core";
import type { FieldNames, Heading, RawDocument } from "./format.ts";

// Usual names, in lower case; a record's own may be in capitals.
const idNames = [
  ...["id", "_id", "id_", "pid", "passage_id", "psg_id", "docid", "docno", "doc_id", "document_id"],
  ...["idx", "wikipedia_id", "element_id"],
];
const titleNames = ["title", "wikipedia_title", "headline", "document_title", "page_title"];
const textNames = [
  ...["text", "contents", "content", "page_content", "paragraph_text", "passage", "passage_text", "segment", "body"],
  ...["article", "abstract", "full_text", "maintext", "document", "chunk", "chunk_text"],
];
/** Objects in which others keep the record itself: Vespa, Elasticsearch, LangChain, LlamaIndex, Qdrant, Weaviate, the hub's rows. */
const wrapperNames = [
  "fields",
  "_source",
  "kwargs",
  "__data__",
  "payload",
  "properties",
  "row",
  "document",
  "doc",
  "node",
];
const metadataNames = ["metadata", "meta"];

type Fields = Record<string, unknown>;

/** The document of a record, by the fields that are named or else usual; undefined where it has no text. */
export function documentOf(record: Fields, fields: FieldNames): RawDocument | undefined {
  const inner = wrapperNames.map((name) => record[name]).find(isObject) ?? {};
  const merged = { ...inner, ...record };
  const text = fieldOf(merged, fields.text, textNames);
  const isBare = text.value === undefined && fields.text === undefined;
  const sections = isBare ? (sectionsOf(merged.sections) ?? sectionsOf(merged.paragraphs)) : undefined;
  if (text.value === undefined && !sections) return undefined;
  const id = fieldOf(merged, fields.id, idNames, idText);
  const title = fieldOf(merged, fields.title, titleNames);
  const beside = metadataNames.map((name) => merged[name]).find(isObject) ?? {};
  const body = sections ?? { text: text.value! };
  const named = title.value ?? (typeof beside.title === "string" ? beside.title : undefined);
  const split = named === undefined && text.name === "contents" ? splitContents(body.text) : { title: named ?? "" };
  const used = new Set([id, title, text].flatMap(({ name }) => name ?? []));
  return { id: id.value, ...body, ...split, metadata: furtherFields({ ...beside, ...merged }, used) };
}

/** FlashRAG and Search-R1 write the title in quotes on the first line of `contents`. */
function splitContents(contents: string): { title: string; text: string } {
  const [, title, text] = /^"(.*)"\r?\n([\s\S]*)$/.exec(contents) ?? [];
  return title === undefined ? { title: "", text: contents } : { title, text: text! };
}

interface Field {
  /** Undefined where no name has a value. */
  name?: string;
  value?: string;
}

/** The field that is named; else the first usual one that says something, else one that is there and says nothing. */
function fieldOf(record: Fields, named: string | undefined, usual: readonly string[], read = plainText): Field {
  if (named !== undefined) return { name: named, value: read(record[named] ?? atPath(record, named.split("."))) };
  const keys = usual.some((name) => record[name] !== undefined) ? usual : keysInAnyCase(record, usual);
  let blank: Field = {};
  for (const name of keys) {
    const given = record[name];
    if (given === undefined) continue;
    const value = given === null ? "" : read(given);
    if (value !== undefined && /\S/.test(value)) return { name, value };
    if (blank.name === undefined && value !== undefined && read === plainText) blank = { name, value };
  }
  return blank;
}

function keysInAnyCase(record: Fields, usual: readonly string[]): string[] {
  const known = new Map(Object.keys(record).map((key) => [key.toLowerCase().trim(), key]));
  return usual.flatMap((name) => known.get(name) ?? []);
}

function atPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** A text; a list of them, or of parts that have one, line by line. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part) => (isObject(part) ? part.text : part));
  if (!parts.every((part) => typeof part === "string")) return undefined;
  return parts.map((part) => (part.endsWith("\n") ? part : `${part}\n`)).join("");
}

/** An id; those of MongoDB stand in an object. */
export function idText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return isObject(value) ? idText(value.$oid ?? value.$numberLong) : undefined;
}

/** Sections with headings of their own, as one text. */
function sectionsOf(sections: unknown): { text: string; headings?: Heading[] } | undefined {
  if (!Array.isArray(sections) || !sections.every(isObject)) return undefined;
  const headings: Heading[] = [];
  let text = "";
  for (const section of sections) {
    const body = fieldOf(section, undefined, ["text", "content", "body", "paragraphs"]).value;
    if (body === undefined) return undefined;
    const title = fieldOf(section, undefined, [...titleNames, "heading", "section_title", "name"]).value ?? "";
    if (title !== "") headings.push({ at: text.length, depth: 1, title });
    text += `${[title, body].filter((part) => part !== "").join("\n\n")}\n\n`;
  }
  return { text, headings: headings.length > 0 ? headings : undefined };
}

/** Plain values beside those that are used; nested ones are not kept. */
function furtherFields(record: Fields, used: ReadonlySet<string>): Fields | undefined {
  const kept = Object.entries(record).filter(([key, value]) => key !== "" && !used.has(key) && isPlainValue(value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function isPlainValue(value: unknown): boolean {
  return value !== "" && (typeof value === "string" || typeof value === "number" || typeof value === "boolean");
}
