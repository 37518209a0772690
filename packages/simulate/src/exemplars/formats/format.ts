import { type Exemplar, isObject, type Passage, type Task } from "@rag-instruct/core";

/** Why a row gives no exemplar. */
export type UnreadReason =
  | "not-json"
  | "not-an-object"
  | "unknown-shape"
  | "no-human-turn"
  | "empty"
  | "too-long"
  | "not-text"
  | "bad-documents"
  | "bad-task"
  | "flagged"
  | "redacted";

/** Characters of an exemplar at most: what is longer is a document or a dump, and no instruction; it is left out as `too-long`. */
export const maxExemplarLength = 20_000;

/** What a format finds in a row: an exemplar without what all have alike, or why there is none. */
export type FormatResult =
  | (Pick<Exemplar, "question"> & Partial<Exemplar>)
  | { unread: Exclude<UnreadReason, "not-json" | "not-an-object">; detail: string };

/** A row of a dataset. */
export type Row = Readonly<Record<string, unknown>>;

/** One dataset format: how to know it, and how to read one row of it. */
export interface ExemplarFormat {
  name: string;
  /** Whether a row can be of no other format, as its keys go. */
  matches(row: Row): boolean;
  /** Formats of one kind have rows that may be of each of them. @default none */
  kind?: "instruction" | "conversation";
  /** Whether a row that matches could as well be another format's of its kind, so that the rest of its file says which. @default none could */
  isPlain?(row: Row): boolean;
  /** Reads any row: one of another shape is unread as `unknown-shape`. */
  read(row: Row): FormatResult;
}

/** A row whose keys are not those of the format. */
export function otherShape(row: Row, wanted: string): FormatResult {
  const keys = Object.keys(row).slice(0, 8).join(", ") || "none";
  return { unread: "unknown-shape", detail: `it has no ${wanted}; its keys are ${keys}` };
}

/** The trimmed text of the first of these fields that has any. */
export function textField(row: Row, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = row[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return undefined;
}

/** A value that should be the text of an instruction, as the result of its row. */
export function asQuestion(value: unknown, what: string): FormatResult {
  const text = contentText(value);
  if (text === undefined) return { unread: "not-text", detail: `${what} is ${kindOf(value)}, not text` };
  return text === "" ? { unread: "empty", detail: `${what} is empty` } : { question: text };
}

/** A task's material, such as Alpaca's input, on a line of its own below the instruction. */
export function withMaterial(result: FormatResult, material: unknown): FormatResult {
  if ("unread" in result || typeof material !== "string" || isNothing(material)) return result;
  return { ...result, question: `${result.question}\n${material.trim()}` };
}

/** Choices as a list of texts or as an object of texts by letter. */
export function optionList(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return items.length > 1 && items.every((item) => typeof item === "string" && item.trim() !== "") ? items : undefined;
}

// Ways in which the published sets write that there is no input.
function isNothing(material: string): boolean {
  return /^(?:<\s*no ?input\s*>|no ?input\.?|n\/?a|none|nan)?$/i.test(material.trim());
}

/** The text of a message's content: a text, or a list of parts of which the texts count. Undefined where it is neither. */
function contentText(content: unknown): string | undefined {
  if (typeof content === "string") return withoutMarkup(content).trim();
  if (!Array.isArray(content)) return undefined;
  const texts = content.flatMap((part) => {
    const text = isObject(part) ? (part.text ?? part.value) : part;
    return typeof text === "string" ? [text] : [];
  });
  return texts.length === 0 && content.length > 0 ? undefined : texts.join("\n").trim();
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " ", amp: "&" };

/** Early ShareGPT files hold turns as the page's HTML; a turn that is one element from end to end becomes plain text. */
function withoutMarkup(text: string): string {
  if (!/^\s*<(div|p)\b[^>]*>[\s\S]*<\/\1>\s*$/i.test(text)) return text;
  return text
    .replace(/<(?:br\s*\/?|\/p|\/div|\/li|\/pre)>/gi, "\n")
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (_, name: string) => entities[name]!)
    .replace(/\n{3,}/g, "\n\n");
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  return Array.isArray(value) ? "a list without text" : `of type ${typeof value}`;
}

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

const tasks: Readonly<Record<Task, true>> = {
  open: true,
  comparison: true,
  "multi-hop": true,
  "yes-no": true,
  "multiple-choice": true,
  "how-to": true,
  summary: true,
  list: true,
  claim: true,
  "long-form": true,
};

export const taskNames: readonly string[] = Object.keys(tasks);

/** The value as a task, or undefined where it is none. */
export function asTask(value: unknown): Task | undefined {
  return typeof value === "string" && Object.hasOwn(tasks, value) ? (value as Task) : undefined;
}
