import { isObject } from "@rag-instruct/core";
import { type MalformedRecord, type RecordFormat, readRecords } from "@rag-instruct/core/node";
import type { RawDocument, ReadEvent } from "../raw-document.ts";
import { contextDocuments } from "./contexts.ts";
import { type FieldNames, type FormatOptions, type FormatReader, unread } from "./format.ts";

const idNames = ["id", "_id", "docid", "idx", "doc_id", "wikipedia_id"];
const titleNames = ["title", "wikipedia_title"];
const textNames = ["text", "contents", "content", "paragraph_text", "body"];
const eventsAtOnce = 256;

/** Reads records whose fields are mapped to documents. */
export function recordReader(format: RecordFormat): FormatReader {
  return async function* read(input, options) {
    let events: ReadEvent[] = [];
    const onMalformed = ({ file, line, detail, isTooLong }: MalformedRecord) =>
      events.push(unread(isTooLong ? "too-long" : "malformed", file, line, detail));
    const source = format === "parquet" && input.path ? input.path : input;
    const records = readRecords(source, {
      format,
      onMalformed,
      onText: ({ invalidBytes }) => options.onInvalidBytes(invalidBytes),
      signal: options.signal,
    });
    for await (const { value, line } of records) {
      for (const event of recordEvents(value, input.name, line, options)) events.push(event);
      if (events.length >= eventsAtOnce) {
        yield events;
        events = [];
      }
    }
    yield events;
  };
}

function* recordEvents(value: unknown, file: string, line: number, options: FormatOptions): Generator<ReadEvent> {
  if (typeof value === "string") {
    yield { document: { title: "", text: value }, line };
    return;
  }
  if (!isObject(value)) {
    yield unread("malformed", file, line, "the record is no object");
    return;
  }
  const document = documentOf(value, options.fields);
  if (document) {
    yield { document, line };
    return;
  }
  if (Array.isArray(value.data)) {
    for (const inner of value.data) yield* recordEvents(inner, file, line, options);
    return;
  }
  const contexts = contextDocuments(value);
  for (const found of contexts) yield { document: found, line };
  if (contexts.length === 0) yield unread("malformed", file, line, noText(value, options.fields));
}

function documentOf(record: Record<string, unknown>, fields: FieldNames): RawDocument | undefined {
  const inner = [record.fields, record._source].find(isObject) ?? {};
  const merged = { ...inner, ...record };
  const text = asText(pick(merged, fields.text, textNames));
  if (text === undefined) return undefined;
  const id = asId(pick(merged, fields.id, idNames));
  const title = asText(pick(merged, fields.title, titleNames));
  const metadata = furtherFields(merged, fields);
  const split =
    title === undefined && typeof merged.contents === "string" ? splitContents(text) : { title: title ?? "", text };
  return { id, ...split, metadata };
}

/** FlashRAG and Search-R1 write the title in quotes on the first line of `contents`. */
function splitContents(contents: string): { title: string; text: string } {
  const [, title, text] = /^"(.*)"\r?\n([\s\S]*)$/.exec(contents) ?? [];
  return title === undefined ? { title: "", text: contents } : { title, text: text! };
}

function pick(record: Record<string, unknown>, name: string | undefined, usual: readonly string[]): unknown {
  if (name !== undefined) return record[name] ?? atPath(record, name.split("."));
  return record[usual.find((candidate) => record[candidate] !== undefined && record[candidate] !== null) ?? ""];
}

function atPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const isList = Array.isArray(value) && value.every((part) => typeof part === "string");
  return isList ? value.map((part: string) => (part.endsWith("\n") ? part : `${part}\n`)).join("") : undefined;
}

function asId(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" ? String(value) : undefined;
}

/** Plain values beside id, title and text are kept; nested ones are not. */
function furtherFields(record: Record<string, unknown>, fields: FieldNames): Record<string, unknown> | undefined {
  const used = new Set([...idNames, ...titleNames, ...textNames, ...Object.values(fields)]);
  const kept = Object.entries(record).filter(([key, value]) => !used.has(key) && isPlainValue(value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function isPlainValue(value: unknown): boolean {
  return value !== "" && (typeof value === "string" || typeof value === "number" || typeof value === "boolean");
}

function noText(record: Record<string, unknown>, { text }: FieldNames): string {
  const keys = Object.keys(record).slice(0, 12).join(", ");
  const wanted = text === undefined ? "no text field" : `no text in the field ${text}`;
  return `${wanted}; it has ${keys}: name it by fields: { text: … }`;
}
