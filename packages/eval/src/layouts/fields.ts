import { hashOf, isObject, type Passage } from "@rag-instruct/core";
import type { Fields } from "../item.ts";

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

// A question may be a list or an object as it stands, and none of the records have theirs inside another text.
const asWritten: ReadonlySet<string> = new Set(["question", "query", "claim", "input", "instruction", "QUESTION"]);

/** Where Open Life Science AI's copies keep under `data` what the originals call otherwise. */
const lifeScienceKeys: Readonly<Record<string, readonly string[]>> = {
  Question: ["question"],
  Options: ["options"],
  Context: ["CONTEXTS"],
  "Correct Option": ["answer_idx"],
  "Correct Answer": ["answer", "final_decision"],
};

/**
 * A record with what its re-host folded away laid open: lists and objects inside texts, FlashRAG's `metadata` and Open Life Science AI's
 * `data`, whose keys stand beside the record's own ones, which have precedence.
 */
export function unfolded(fields: Fields): Fields {
  const open: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    open[key] = typeof value === "string" && !asWritten.has(key) ? (parseLiteral(value) ?? value) : value;
  }
  const { data, metadata } = open;
  return {
    ...(isFields(metadata) ? unfolded(metadata) : undefined),
    ...(isFields(data) && "Question" in data ? renamed(data) : undefined),
    ...open,
  };
}

function renamed(data: Fields): Fields {
  const entries = Object.entries(data).flatMap(([key, value]) =>
    (lifeScienceKeys[key] ?? [key]).map((name) => [name, value] as const),
  );
  return Object.fromEntries(entries);
}

/**
 * A list or an object that was written into a text, as JSON or as Python and NumPy print it; undefined for any other text.
 * Tables have no columns of lists, so that re-hosts of benchmarks write them so.
 */
function parseLiteral(text: string): unknown[] | Record<string, unknown> | undefined {
  const trimmed = text.trim();
  if (!/^(?:\[.*\]|\{.*\})$/s.test(trimmed)) return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return pythonLiteral(trimmed);
  }
}

function pythonLiteral(text: string): unknown[] | Record<string, unknown> | undefined {
  const reader = new PythonReader(text);
  const value = reader.value();
  return reader.isAtEnd() && typeof value === "object" && value !== null
    ? (value as unknown[] | Record<string, unknown>)
    : undefined;
}

const wrong = Symbol("not a Python literal");
const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null, nan: null };

/** Reads strings, numbers, constants, lists, tuples, dicts and NumPy's `array([…], dtype=object)`; commas may be left out, as NumPy does. */
class PythonReader {
  private readonly text: string;
  private place = 0;

  constructor(text: string) {
    this.text = text;
  }

  isAtEnd(): boolean {
    this.take(/\s*/y);
    return this.place === this.text.length;
  }

  /** The next value; a symbol where none can be read. */
  value(): unknown {
    this.take(/\s*/y);
    const string = this.take(/[rub]{0,2}(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/isy);
    if (string) return unescapePython(string[1] ?? string[2] ?? "");
    const number = this.take(/[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?![\w.])/iy);
    if (number) return Number(number[0]);
    if (this.take(/array\(/y)) return this.array();
    const name = this.take(/[A-Za-z]+/y);
    if (name) return name[0] in constants ? constants[name[0]] : wrong;
    if (this.take(/[[(]/y)) return this.list(/\s*[\])]/y);
    return this.take(/\{/y) ? this.dict() : wrong;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.place;
    const found = pattern.exec(this.text);
    if (found) this.place = pattern.lastIndex;
    return found;
  }

  private array(): unknown {
    const value = this.value();
    return this.take(/\s*(?:,\s*dtype=[^)]*)?\)/y) ? value : wrong;
  }

  private list(end: RegExp): unknown {
    const entries: unknown[] = [];
    while (!this.take(end)) {
      const entry = this.value();
      if (entry === wrong) return wrong;
      entries.push(entry);
      this.take(/\s*,/y);
    }
    return entries;
  }

  private dict(): unknown {
    const entries: [string, unknown][] = [];
    while (!this.take(/\s*\}/y)) {
      const key = this.value();
      const colon = this.take(/\s*:/y);
      const value = colon ? this.value() : wrong;
      if (key === wrong || value === wrong) return wrong;
      entries.push([String(key), value]);
      this.take(/\s*,/y);
    }
    return Object.fromEntries(entries);
  }
}

function unescapePython(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis, (_all, x, u, wide, plain) => {
    if (plain !== undefined) return plain === "n" ? "\n" : plain === "t" ? "\t" : plain;
    return String.fromCodePoint(Number.parseInt(x ?? u ?? wide, 16));
  });
}
