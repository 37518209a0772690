import { isObject } from "@rag-instruct/core";
import { decodeHead, type MalformedRecord, peekBytes, type RecordFormat, readRecords } from "@rag-instruct/core/node";
import { doclingDocument } from "./docling.ts";
import {
  type FieldNames,
  type FormatOptions,
  type FormatReader,
  type Heading,
  type RawDocument,
  type ReadEvent,
  unread,
} from "./format.ts";

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
    let bulkId: string | undefined;
    for await (const { value: given, line } of records) {
      const id = idOfAction(given);
      const value = bulkId !== undefined && isObject(given) && !given.id ? { ...given, id: bulkId } : given;
      bulkId = id;
      if (id !== undefined) continue;
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

/** The id that a line of Elasticsearch's bulk format, as dumps of Wikipedia's search have them, gives the record behind it; undefined of any other. */
function idOfAction(record: unknown): string | undefined {
  const [entry, other] = isObject(record) ? Object.entries(record) : [];
  const isAction = entry && !other && /^(index|create|update)$/.test(entry[0]) && isObject(entry[1]);
  return isAction ? idText((entry[1] as Fields)._id) : undefined;
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
  const short = documentOf(value, fields, shortNames);
  if (short) {
    yield { document: short, line };
    return;
  }
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

/**
 * Documents that question sets bring with their questions: HotpotQA and 2WikiMultihopQA (`context`: title and sentences, in pairs or in
 * columns), RAG-Instruct's own (`context`: id, title and text), DPR (`ctxs`, `positive_ctxs` …), Tevatron (`positive_passages` …), MS MARCO (`passages`) and SQuAD (`paragraphs`, or a
 * `context` that is the text).
 */
function contextDocuments(record: Record<string, unknown>): RawDocument[] {
  const { context, paragraphs, passages } = record;
  const title = typeof record.title === "string" ? record.title : "";
  if (typeof context === "string") return [{ title, text: context }];
  if (Array.isArray(context))
    return context.flatMap((one) =>
      typeof one === "string" ? [{ title, text: one }] : [...pairDocument(one), ...listedDocument(one)],
    );
  if (isObject(context) && Array.isArray(context.title) && Array.isArray(context.sentences)) {
    const { sentences } = context;
    return context.title.flatMap((name: unknown, index) => pairDocument([name, sentences[index]]));
  }
  if (Array.isArray(paragraphs)) {
    return paragraphs.flatMap((paragraph) => {
      const text = isObject(paragraph) ? (paragraph.context ?? paragraph.paragraph_text) : paragraph;
      return typeof text === "string" ? [{ title, text }] : [];
    });
  }
  if (isObject(passages) && Array.isArray(passages.passage_text)) {
    return passages.passage_text.flatMap((text: unknown) => (typeof text === "string" ? [{ title: "", text }] : []));
  }
  return listNames.flatMap((name) => (Array.isArray(record[name]) ? record[name].flatMap(listedDocument) : []));
}

const listNames =
  "ctxs positive_ctxs negative_ctxs hard_negative_ctxs positive_passages negative_passages passages".split(" ");

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
  if (!isObject(listed)) return [];
  const { text = listed.passage_text } = listed;
  if (typeof text !== "string") return [];
  const id = idText(listed.id ?? listed.passage_id ?? listed.psg_id ?? listed.docid);
  const title = typeof listed.title === "string" ? listed.title : "";
  return [{ id, title, text, isPassage: true }];
}

const collectionNames =
  "data documents docs corpus passages items records results rows articles pages chunks nodes hits docstore/data docstore/docs docstore".split(
    " ",
  );

/** The records that an object holds under one name, as in `{"documents": […]}`; undefined where it holds none. */
function collectionIn(record: Record<string, unknown>): unknown[] | undefined {
  for (const [key, value] of Object.entries(record)) {
    if (!collectionNames.includes(key.toLowerCase())) continue;
    if (Array.isArray(value) && value.some((item) => isObject(item) || typeof item === "string")) return value;
    if (isObject(value)) return collectionIn(value) ?? recordsById(value, {});
  }
  return undefined;
}

/** Most records that are looked at to tell a map of them. */
const maxLooked = 100;

/**
 * The records of a map of ids to records, or to texts; undefined where the object is a record itself: its values then say different
 * things, or its keys are the names of fields.
 */
function recordsById(map: Record<string, unknown>, fields: FieldNames): Record<string, unknown>[] | undefined {
  const entries = Object.entries(map);
  const looked = entries.slice(0, maxLooked);
  if (looked.length === 0) return undefined;
  if (looked.every(([, value]) => isObject(value) && documentOf(value, fields) !== undefined)) {
    return entries.map(([id, value]) => (isObject(value) ? { id, ...value } : { id, text: value }));
  }
  const names = looked.filter(([key]) => /^[a-z_]+$/.test(key)).length;
  const isTexts =
    looked.length > 1 && looked.every(([, value]) => typeof value === "string") && names * 2 < looked.length;
  return isTexts ? entries.map(([id, text]) => ({ id, text })) : undefined;
}

// Usual names, in lower case; a record's own may be in capitals.
const idNames =
  "id _id id_ pid passage_id psg_id docid docno doc_id document_id idx wikipedia_id element_id paper_id pmid".split(
    " ",
  );
const titleNames = ["title", "wikipedia_title", "headline", "document_title", "page_title", "articletitle"];
const textNames =
  "text contents content page_content paragraph_text passage passage_text segment body article full_text maintext document chunk chunk_text raw_content document_text article_text article_body articlebody extract markdown transcript selftext".split(
    " ",
  );
/** What says less than the text, and is one where there is no other. */
const shortNames = ["abstract", "abstracttext", "description"];
/** Objects in which others keep the record itself: Vespa, Elasticsearch, LangChain, LlamaIndex, Qdrant, Weaviate, the hub's rows. */
const wrapperNames = "fields _source kwargs __data__ payload properties row document doc node".split(" ");
const metadataNames = ["metadata", "meta"];

type Fields = Record<string, unknown>;

/** The document of a record, by the fields that are named or else usual; undefined where it has no text. */
function documentOf(record: Fields, fields: FieldNames, names = textNames): RawDocument | undefined {
  const inner = wrapperNames.map((name) => record[name]).find(isObject) ?? {};
  const merged = { ...inner, ...record };
  const text = fieldOf(merged, fields.text, names);
  const isBare = names === textNames && text.value === undefined && fields.text === undefined;
  const sections = isBare ? sectionsOf(merged, fieldOf(merged, undefined, shortNames).value) : undefined;
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

/** A text, or an object's; a list of them, of parts that have one, or of lists of sentences, line by line. */
function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (isObject(value)) return typeof value.text === "string" ? value.text : undefined;
  if (!Array.isArray(value)) return undefined;
  const parts = value.map((part) => {
    if (Array.isArray(part) && part.every((one) => typeof one === "string")) return joinSentences(part);
    return isObject(part) ? part.text : part;
  });
  if (!parts.every((part) => typeof part === "string")) return undefined;
  return parts.map((part) => (part.endsWith("\n") ? part : `${part}\n`)).join("");
}

/** An id; those of MongoDB stand in an object. */
function idText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return isObject(value) ? idText(value.$oid ?? value.$numberLong) : undefined;
}

/** Sections with headings of their own, as one text, behind an abstract. S2ORC and CORD-19 name the section of each paragraph. */
function sectionsOf(record: Fields, abstract = ""): { text: string; headings?: Heading[] } | undefined {
  const found = [record.sections, record.paragraphs, record.body_text].find(
    (list): list is Fields[] => Array.isArray(list) && list.length > 0 && list.every(isObject),
  );
  if (!found) return undefined;
  const headings: Heading[] = [];
  let text = abstract.trim() === "" ? "" : `${abstract.trim()}\n\n`;
  for (const section of found) {
    const body = fieldOf(section, undefined, ["text", "content", "body", "paragraphs"]).value;
    if (body === undefined) return undefined;
    const title =
      fieldOf(section, undefined, [...titleNames, "heading", "section_title", "name", "section"]).value ?? "";
    const isNew = title !== "" && title !== headings.at(-1)?.title;
    if (isNew) headings.push({ at: text.length, depth: 1, title });
    text += `${[isNew ? title : "", body].filter((part) => part !== "").join("\n\n")}\n\n`;
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
