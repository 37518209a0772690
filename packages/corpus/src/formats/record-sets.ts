import { isObject } from "@rag-instruct/core";
import type { FieldNames, RawDocument } from "./format.ts";
import { documentOf, idText } from "./record-fields.ts";

/**
 * Documents that question sets bring with their questions: HotpotQA and 2WikiMultihopQA (`context`: title and sentences, in pairs or in
 * columns), RAG-Instruct's own (`context`: id, title and text), DPR (`ctxs`, `positive_ctxs` …), Tevatron (`positive_passages` …), MS MARCO (`passages`) and SQuAD (`paragraphs`, or a
 * `context` that is the text).
 */
export function contextDocuments(record: Record<string, unknown>): RawDocument[] {
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

const listNames = [
  ...["ctxs", "positive_ctxs", "negative_ctxs", "hard_negative_ctxs"],
  ...["positive_passages", "negative_passages", "passages"],
];

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

const collectionNames = [
  ...["data", "documents", "docs", "corpus", "passages", "items", "records", "results", "rows", "articles", "pages"],
  ...["chunks", "nodes", "hits", "docstore/data", "docstore/docs", "docstore"],
];

/** The records that an object holds under one name, as in `{"documents": […]}`; undefined where it holds none. */
export function collectionIn(record: Record<string, unknown>): unknown[] | undefined {
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
export function recordsById(map: Record<string, unknown>, fields: FieldNames): Record<string, unknown>[] | undefined {
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
