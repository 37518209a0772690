import { isObject } from "@rag-instruct/core";
import type { RawDocument } from "../raw-document.ts";

/**
 * Documents that question sets bring with their questions: HotpotQA and 2WikiMultihopQA (`context`: title and sentences, in pairs or
 * in columns), DPR (`ctxs`, `positive_ctxs` …) and SQuAD (`paragraphs`).
 */
export function contextDocuments(record: Record<string, unknown>): RawDocument[] {
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
  const known = typeof id === "string" || typeof id === "number" ? { id: String(id) } : {};
  return [{ ...known, title, text: listed.text, isPassage: true }];
}
