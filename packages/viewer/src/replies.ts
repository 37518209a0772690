import { createReadStream, existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import {
  addSpending,
  type Exemplar,
  emptySpending,
  hashOf,
  isObject,
  jsonValue,
  type Spending,
  spendingOf,
} from "@rag-instruct/core";
import type { LedgerEntry } from "@rag-instruct/core/calls";

/** Reads a model's reply, as `parseReply` of `@rag-instruct/paradigms` does. */
export type ReplyReader = (
  text: string,
  options: { task: Exemplar["task"] },
) => { ok: true; question: string; answer: string; options?: string[] } | { ok: false };

/** The replies of a ledger, by what they say. Memory holds a hash and a place for each, never a text. */
export interface Replies extends AsyncDisposable {
  /** Of the whole ledger. */
  total: Spending;
  /** The reply that reads as this question and answer. */
  ofPair(pair: { question: string; answer: string; options?: readonly string[] }): Promise<FoundReply | undefined>;
  /** The reply of exactly this text. */
  ofText(text: string): Promise<FoundReply | undefined>;
}

/** A reply and what was paid for it. */
export interface FoundReply {
  text: string;
  spent: Spending;
}

/** Opens a run's ledger for reading; one that is not there holds nothing, and a torn last line is passed over. */
export async function openReplies(
  file: string,
  { parseReply, signal }: { parseReply: ReplyReader; signal?: AbortSignal },
): Promise<Replies> {
  const total = emptySpending();
  const places = new Map<string, { start: number; length: number }>();
  if (existsSync(file)) {
    for await (const { entry, start, length } of readLedger(file, signal)) {
      addSpending(total, spendingOf(entry));
      const text = textOf(entry);
      if (text === undefined) continue;
      for (const key of [keyOfText(text), ...keysOfReply(text, parseReply)]) {
        if (!places.has(key)) places.set(key, { start, length });
      }
    }
  }
  const reader = places.size > 0 ? await open(file, "r") : undefined;
  async function find(key: string): Promise<FoundReply | undefined> {
    const place = places.get(key);
    if (!place || !reader) return undefined;
    const entry = jsonValue(await readAt(reader, place)) as LedgerEntry | undefined;
    return entry && { text: textOf(entry)!, spent: spendingOf(entry) };
  }
  return {
    total,
    ofPair: ({ question, answer, options }) => find(keyOfPair(question, options ? "" : answer)),
    ofText: (text) => find(keyOfText(text)),
    async [Symbol.asyncDispose]() {
      await reader?.close();
    },
  };
}

/** Reads a reply that is a JSON object with the texts `question` and `answer`, and nothing around it. */
export const readPlainReply: ReplyReader = (text) => {
  const reply = jsonValue(text);
  if (!isObject(reply)) return { ok: false };
  const { question, answer, options } = reply;
  if (typeof question !== "string" || typeof answer !== "string") return { ok: false };
  const isList = Array.isArray(options) && options.every((option) => typeof option === "string");
  return { ok: true, question, answer, options: isList ? options : undefined };
};

function textOf({ value }: LedgerEntry): string | undefined {
  const text = (value as { text?: unknown } | null)?.text;
  return typeof text === "string" ? text : undefined;
}

const keyOfText = (text: string) => hashOf(text);
const keyOfPair = (question: string, answer: string) => hashOf([question, answer]);

/** A multiple-choice answer is written in more ways than one, so its question alone tells. */
function keysOfReply(text: string, parseReply: ReplyReader): string[] {
  const reply = parseReply(text, { task: "open" });
  return reply.ok ? [keyOfPair(reply.question, reply.answer), keyOfPair(reply.question, "")] : [];
}

async function* readLedger(
  file: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ entry: LedgerEntry; start: number; length: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
    const block = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    let from = 0;
    for (let end = block.indexOf(10, from); end >= 0; end = block.indexOf(10, from)) {
      const length = end - from;
      const entry = jsonValue(block.toString("utf8", from, end)) as LedgerEntry | undefined;
      if (entry) yield { entry, start: start + from, length };
      from = end + 1;
    }
    rest = block.subarray(from);
    start += from;
  }
}

async function readAt(reader: FileHandle, { start, length }: { start: number; length: number }): Promise<string> {
  const bytes = Buffer.alloc(length);
  await reader.read(bytes, 0, length, start);
  return bytes.toString("utf8");
}
