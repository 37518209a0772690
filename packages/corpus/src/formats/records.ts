import { isObject } from "@rag-instruct/core";
import {
  type DelimitedRow,
  type MalformedRecord,
  openText,
  type RecordFormat,
  readDelimited,
  readRecords,
} from "@rag-instruct/core/node";
import {
  countingInvalid,
  type FieldNames,
  type FormatInput,
  type FormatOptions,
  type FormatReader,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";

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
    yield unread("malformed", file, line, "the record is not a JSON object");
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

/**
 * Documents that question sets bring with their questions: HotpotQA and 2WikiMultihopQA (`context`: title and sentences, in pairs or
 * in columns), DPR (`ctxs`, `positive_ctxs` …) and SQuAD (`paragraphs`).
 */
function contextDocuments(record: Record<string, unknown>): RawDocument[] {
  const { context, paragraphs, title } = record;
  if (Array.isArray(context)) return context.flatMap(pairDocument);
  if (isObject(context) && Array.isArray(context.title) && Array.isArray(context.sentences)) {
    const { sentences } = context;
    return context.title.flatMap((name: unknown, index) => pairDocument([name, sentences[index]]));
  }
  if (Array.isArray(paragraphs)) {
    return paragraphs.flatMap((paragraph) =>
      isObject(paragraph) && typeof paragraph.context === "string"
        ? [{ title: typeof title === "string" ? title : "", text: paragraph.context }]
        : [],
    );
  }
  return listNames.flatMap((name) => (Array.isArray(record[name]) ? record[name].flatMap(listedDocument) : []));
}

const listNames = ["ctxs", "positive_ctxs", "negative_ctxs", "hard_negative_ctxs"];

function pairDocument(pair: unknown): RawDocument[] {
  if (!Array.isArray(pair)) return [];
  const [title, sentences] = pair as unknown[];
  if (typeof title !== "string") return [];
  if (typeof sentences === "string") return [{ title, text: sentences }];
  return Array.isArray(sentences) ? [{ title, text: joinSentences(sentences.map(String)) }] : [];
}

/** Sentences of HotpotQA begin with their space, those of 2Wiki do not. */
function joinSentences(sentences: readonly string[]): string {
  return sentences.reduce(
    (text, next) => text + (text === "" || /\s$/.test(text) || /^\s/.test(next) ? "" : " ") + next,
    "",
  );
}

function listedDocument(listed: unknown): RawDocument[] {
  if (!isObject(listed) || typeof listed.text !== "string") return [];
  const id = listed.id ?? listed.passage_id ?? listed.psg_id;
  const title = typeof listed.title === "string" ? listed.title : "";
  const isKnown = typeof id === "string" || typeof id === "number";
  return [{ id: isKnown ? String(id) : undefined, title, text: listed.text, isPassage: true }];
}

/**
 * Passages as DPR publishes them (psgs_w100.tsv): `id`, `text`, `title` by tabs, quoted as Python's csv module does, with a
 * header line or without; files of two columns have no title. Every row is one passage.
 */
export async function* readDprTsv(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const text = countingInvalid(openText(input, options), options);
  for await (const rows of readDelimited(text, { delimiter: "\t" })) {
    const events: ReadEvent[] = [];
    for (const row of rows) {
      const event = rowEvent(row, input.name);
      if (event) events.push(event);
    }
    yield events;
  }
}

function rowEvent({ fields, line }: DelimitedRow, file: string): ReadEvent | undefined {
  if (!fields) return unread("malformed", file, line, "a quoted field is never closed");
  const [id = "", text = "", title = ""] = fields;
  if (fields.length < 2 || fields.length > 3) {
    return unread("malformed", file, line, `${fields.length} columns where id, text and title are expected`);
  }
  if (line === 1 && id === "id") return undefined;
  if (id === "") return unread("malformed", file, line, "the row has no id");
  return { document: { id, title, text, isPassage: true }, line };
}
