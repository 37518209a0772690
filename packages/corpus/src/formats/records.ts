import { isObject } from "@rag-instruct/core";
import { decodeHead, type MalformedRecord, peekBytes, type RecordFormat, readRecords } from "@rag-instruct/core/node";
import { doclingDocument } from "./docling.ts";
import { type FieldNames, type FormatOptions, type FormatReader, type ReadEvent, unread } from "./format.ts";
import { documentOf } from "./record-fields.ts";
import { collectionIn, contextDocuments, recordsById } from "./record-sets.ts";

const eventsAtOnce = 256;
const headBytes = 256;
/** Fields that a message names. */
const maxNamed = 12;

/** Reads records whose fields are mapped to documents. */
export function recordReader(format: RecordFormat): FormatReader {
  return async function* read(input, options) {
    let events: ReadEvent[] = [];
    const onMalformed = ({ file, line, detail, isTooLong }: MalformedRecord) =>
      events.push(unread(isTooLong ? "too-long" : "malformed", file, line, detail));
    const { head, bytes } = await peekBytes(input.bytes, headBytes);
    const isFile = format === "parquet" && input.path !== undefined;
    if (isFile) await bytes.return(undefined);
    const records = readRecords(isFile ? input.path! : { ...input, bytes }, {
      format,
      onMalformed,
      onText: ({ invalidBytes }) => options.onInvalidBytes(invalidBytes),
      signal: options.signal,
    });
    // A file that is one object may be a map of ids to records.
    const mayBeMap = format === "json" && decodeHead(head).trimStart().startsWith("{");
    for await (const { value, line } of records) {
      const at = { file: input.name, line, fields: options.fields, mayBeMap: mayBeMap && line === 1, options };
      for (const event of recordEvents(value, at)) events.push(event);
      if (events.length >= eventsAtOnce) {
        yield events;
        events = [];
      }
    }
    yield events;
  };
}

interface RecordPlace {
  file: string;
  line: number;
  fields: FieldNames;
  mayBeMap: boolean;
  options: FormatOptions;
}

function* recordEvents(value: unknown, at: RecordPlace): Generator<ReadEvent> {
  const { file, line, fields, mayBeMap, options } = at;
  if (typeof value === "string") {
    yield { document: { title: "", text: value }, line };
    return;
  }
  if (!isObject(value)) {
    yield unread("malformed", file, line, "the record is not a JSON object");
    return;
  }
  const docling = doclingDocument(value, options);
  if (docling) {
    if (docling.pageHeaders > 0) options.onLeftOut("page-header", { count: docling.pageHeaders, at: line });
    yield { document: docling.document, line };
    return;
  }
  const document = documentOf(value, fields);
  if (document) {
    yield { document, line };
    return;
  }
  const contexts = contextDocuments(value);
  for (const found of contexts) yield { document: found, line };
  if (contexts.length > 0) return;
  const inner = collectionIn(value) ?? (mayBeMap ? recordsById(value, fields) : undefined);
  if (inner) for (const one of inner) yield* recordEvents(one, { ...at, mayBeMap: false });
  else yield unread("malformed", file, line, noText(value, fields));
}

function noText(record: Record<string, unknown>, { text }: FieldNames): string {
  const keys = Object.entries(record).flatMap(([key, value]) =>
    isObject(value) ? Object.keys(value).map((inner) => `${key}.${inner}`) : key,
  );
  const wanted = text === undefined ? "no text field" : `no text in the field ${text}`;
  return `${wanted}; it has ${keys.slice(0, maxNamed).join(", ")}: name it by fields: { text: … } (--field text=…)`;
}
