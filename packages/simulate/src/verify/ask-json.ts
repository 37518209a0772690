import type { AskRequest, Calls } from "@rag-instruct/core/calls";
import { readJsonReply } from "@rag-instruct/paradigms";
import type { z } from "zod";

/** Whom to ask. */
export interface Asker {
  model: AskRequest["model"];
  calls: Calls;
  settings?: NonNullable<AskRequest["settings"]>;
  signal?: AbortSignal | undefined;
}

/** A question with a reply in JSON. */
export interface JsonQuestion<T> {
  instructions: string;
  prompt: string;
  schema: z.ZodType<T>;
  /** Name and version of the prompt; part of the ledger key. */
  version: string;
  /** What is wrong with a reply of the right shape, in words for the model; undefined for nothing. */
  complain?: (value: T) => string | undefined;
}

/** A reply, or why there is none after asking once more. `calls` counts the replies. */
export type JsonAnswer<T> =
  | { ok: true; value: T; text: string; calls: number }
  | { ok: false; problem: "unreadable" | "unproved"; detail: string; text: string; calls: number };

/** Asks, and asks once more with the complaint where the reply cannot be read or does not hold. */
export async function askForJson<T>(question: JsonQuestion<T>, asker: Asker): Promise<JsonAnswer<T>> {
  const first = await askOnce(question, asker);
  if (first.ok) return first;
  const second = await askOnce(question, asker, first.detail);
  return { ...second, calls: 2 };
}

async function askOnce<T>(
  { instructions, prompt, schema, version, complain }: JsonQuestion<T>,
  { model, calls, settings, signal }: Asker,
  mistake?: string,
): Promise<JsonAnswer<T>> {
  const correction =
    mistake === undefined ? "" : `\n\nAn earlier reply could not be used: ${mistake}. Reply again, in the same form.`;
  const { text } = await calls.ask({
    model,
    instructions,
    prompt: prompt + correction,
    schema,
    version,
    settings,
    signal,
  });
  const json = readJsonReply(text);
  if (!json.ok) return { ok: false, problem: "unreadable", detail: json.detail, text, calls: 1 };
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const detail = `${issue?.path.join(".") || "the reply"}: ${issue?.message ?? "wrong shape"}`;
    return { ok: false, problem: "unreadable", detail, text, calls: 1 };
  }
  const complaint = complain?.(parsed.data);
  return complaint === undefined
    ? { ok: true, value: parsed.data, text, calls: 1 }
    : { ok: false, problem: "unproved", detail: complaint, text, calls: 1 };
}
