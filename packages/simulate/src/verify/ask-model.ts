import { foldText, type Pair, type Passage, questionWithOptions, trimEnds } from "@rag-instruct/core";
import type { AskRequest, Calls, ModelObject } from "@rag-instruct/core/calls";
import { freeTag, readJsonReply } from "@rag-instruct/paradigms";
import type { z } from "zod";
import { type RecordedRequest, recordedOptions } from "../offline/recorded-request.ts";

/** Whom to ask. */
export interface Asker {
  model: ModelObject;
  calls: Calls;
  settings?: NonNullable<AskRequest["settings"]>;
  /** What it is asked for, as `Calls.spending` books it. @default "judge" */
  purpose?: string;
  signal?: AbortSignal | undefined;
}

/** A question with a reply in JSON. */
interface JsonQuestion<T> {
  instructions: string;
  prompt: string;
  schema: z.ZodType<T>;
  /** Name and version of the prompt; part of the ledger key. */
  version: string;
  /** The question as a recorded model knows it. */
  recorded?: RecordedRequest;
  /** What is wrong with a reply of the right shape, in words for the model; undefined for nothing. */
  complain?: (value: T) => string | undefined;
}

/** A reply, or why there is none after asking once more. `calls` counts the replies. */
type JsonAnswer<T> =
  | { ok: true; value: T; text: string; calls: number }
  | {
      ok: false;
      problem: "unreadable" | "unproved";
      detail: string;
      text: string;
      calls: number;
      /** What kept the model from replying stays as it is, so that it is not asked at once. */
      isFinal?: boolean;
      /** Runs in which the question was asked. */
      asked: number;
    };

/**
 * Asks, and asks once more with the complaint where the reply cannot be read or does not hold. What an earlier run could not read is
 * asked again in this one.
 */
export async function askForJson<T>(question: JsonQuestion<T>, asker: Asker): Promise<JsonAnswer<T>> {
  const answer = await askTwice(question, asker);
  return answer.ok || answer.problem === "unproved" ? answer : askTwice(question, asker, { again: true });
}

async function askTwice<T>(question: JsonQuestion<T>, asker: Asker, how: AskHow = {}): Promise<JsonAnswer<T>> {
  const first = await askOnce(question, asker, how);
  if (first.ok || first.isFinal) return first;
  const second = await askOnce(question, asker, { ...how, mistake: first.detail });
  return second.ok ? { ...second, calls: 2 } : { ...second, calls: 2, asked: first.asked };
}

/** How a question is put. */
interface AskHow {
  /** What was wrong with the reply to it. */
  mistake?: string;
  /** Whether the reply in the ledger could not be used. */
  again?: boolean;
}

async function askOnce<T>(
  { instructions, prompt, schema, version, recorded, complain }: JsonQuestion<T>,
  { model, calls, settings, purpose = "judge", signal }: Asker,
  { mistake, again }: AskHow,
): Promise<JsonAnswer<T>> {
  const correction =
    mistake === undefined ? "" : `\n\nAn earlier reply could not be used: ${mistake}. Reply again, in the same form.`;
  const {
    text,
    end,
    asked = 1,
  } = await calls.ask({
    model,
    instructions,
    prompt: prompt + correction,
    schema,
    version,
    purpose,
    settings,
    again,
    signal,
    providerOptions: recorded && recordedOptions(model, recorded),
  });
  const unreadable = (why: string, isFinal?: boolean): JsonAnswer<T> => {
    return { ok: false, problem: "unreadable", detail: end?.detail ?? why, text, calls: 1, isFinal, asked };
  };
  const json = readJsonReply(text);
  const isFinal = end ? end.reason !== "empty-reply" : !json.ok && json.reason === "only-thinking";
  if (!json.ok) return unreadable(json.detail, isFinal);
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unreadable(`${issue?.path.join(".") || "the reply"}: ${issue?.message ?? "wrong shape"}`, isFinal);
  }
  const complaint = complain?.(parsed.data);
  return complaint === undefined
    ? { ok: true, value: parsed.data, text, calls: 1 }
    : { ok: false, problem: "unproved", detail: complaint, text, calls: 1, asked };
}

/** Things to show to a model, each in tags that none of the texts can close. */
interface Shown {
  documents: readonly Pick<Passage, "title" | "text">[];
  question: Pick<Pair, "question" | "options">;
  /** Texts by the name of their tag, such as `answer`. */
  more?: Readonly<Record<string, string>>;
}

/** Lays documents, question and what else there is out for a model that only reads. */
export function show({ documents, question, more = {} }: Shown): string {
  const asked = questionWithOptions(question);
  const texts = [...documents.flatMap(({ title, text }) => [title, text]), asked, ...Object.values(more)];
  const tagged = (name: string, text: string, attributes = "") => {
    const tag = freeTag(name, texts);
    return `<${tag}${attributes}>\n${text}\n</${tag}>`;
  };
  return [
    ...documents.map(({ title, text }, i) =>
      tagged("document", title ? `${title}\n${text}` : text, ` number="${i + 1}"`),
    ),
    tagged("question", asked),
    ...Object.entries(more).map(([name, text]) => tagged(name, text)),
  ].join("\n");
}

// A shorter quote occurs in any text. Scripts without spaces say as much in fewer letters.
const minLetters = 12;
const minCjk = 5;

/** Whether a document holds a quote, white space, case, accents and the form of quotation marks aside; parts around "…" occur in order. */
export function holdsQuote({ title, text }: Pick<Passage, "title" | "text">, quote: string): boolean {
  const page = squeeze(`${title}\n${text}`);
  const parts = foldText(quote)
    .split(/\.{3}|\[\.\.\.\]|\(\.\.\.\)/)
    .map(squeeze)
    .filter((part) => part !== "");
  const letters = parts.join("").match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const enough = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u.test(quote)
    ? minCjk
    : minLetters;
  if (letters < Math.min(enough, page.match(/[\p{L}\p{N}]/gu)?.length ?? 0) || letters === 0) return false;
  let from = 0;
  for (const part of parts) {
    const at = page.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** Letters, digits and inner marks; quotation marks and what stands at the ends is left out. */
function squeeze(text: string): string {
  const bare = foldText(text)
    .replace(/["'*`_]/g, "")
    .replace(/\s+/g, " ");
  return trimEnds(bare, /[\s.,;:!?-]/);
}

/** What one level says: a fault, or none. */
export type LevelVerdict<E, F extends string> =
  | { ok: true; evidence: E; calls: number }
  | { ok: false; reason: F; detail: string; raw?: string; evidence?: E; calls: number; asked?: number };
