import { isObject, optionLetter, type Task } from "@rag-instruct/core";
import { readJsonReply } from "./repair-json.ts";
import type { Reply, ReplyFields } from "./reply.ts";
import { taskFault } from "./task-fault.ts";

/** Why a reply cannot be used. */
export type ReplyProblem =
  | "not-json"
  | "cut-off"
  | "wrong-keys"
  | "empty-field"
  | "bad-options"
  | "bad-key"
  | "wrong-form";

/** A reply as parsed, or what is wrong with it. */
export type ParsedReply =
  | ({ ok: true; fields?: Record<string, string> } & Reply)
  | { ok: false; reason: ReplyProblem; detail: string };

// Models rename keys; these names leave no doubt.
const names = {
  question: ["question", "new_question", "q", "query", "instruction", "claim"],
  answer: ["answer", "new_answer", "a", "response", "key"],
  options: ["options", "choices"],
} as const;

/**
 * Reads question and answer (and options of a multiple-choice exemplar) from the text of a reply, and checks that they have the
 * form of the task. A pair wrapped in one outer key is read too. The key of a multiple-choice question comes back as a letter, also where the model wrote the option's text
 * or "B.".
 * @param options.fields the paradigm's own fields of the reply, to be read as well. @default none
 */
export function parseReply(text: string, { task, fields = {} }: { task: Task; fields?: ReplyFields }): ParsedReply {
  const json = readJsonReply(text);
  if (!json.ok) return json;
  const values = unwrapped(lowerKeys(json.value as Record<string, unknown>));
  const question = asText(pick(values, names.question));
  const answer = asText(pick(values, names.answer));
  const own = Object.keys(fields).map((name) => [name, asText(values[name.toLowerCase()])] as const);
  const all = [["question", question], ["answer", answer], ...own] as const;
  const missing = all.find(([, value]) => value === undefined);
  if (missing || question === undefined || answer === undefined) {
    return { ok: false, reason: "wrong-keys", detail: `the reply has no text under "${missing?.[0]}"` };
  }
  const empty = all.find(([, value]) => value === "");
  if (empty) return { ok: false, reason: "empty-field", detail: `the ${empty[0]} is empty` };

  const reply: ParsedReply =
    task === "multiple-choice"
      ? withOptions({ question, answer }, pick(values, names.options))
      : { ok: true, question, answer };
  const fault = reply.ok ? taskFault(task, reply) : undefined;
  if (fault) return { ok: false, reason: "wrong-form", detail: fault };
  return reply.ok && own.length > 0 ? { ...reply, fields: Object.fromEntries(own) as Record<string, string> } : reply;
}

function withOptions(reply: { question: string; answer: string }, value: unknown): ParsedReply {
  const options = asList(value)?.map((option) => option.replace(/^\s*\(?[A-Za-z]\s?[.):]\s+/, "").trim());
  if (!options || options.length < 2 || options.some((option) => option === "")) {
    return { ok: false, reason: "bad-options", detail: "a multiple-choice reply needs two or more options with text" };
  }
  if (new Set(options.map((option) => option.toLowerCase())).size < options.length) {
    return { ok: false, reason: "bad-options", detail: "two options are the same" };
  }
  const index = keyIndex(reply.answer, options);
  if (index < 0) {
    return {
      ok: false,
      reason: "bad-key",
      detail: `"${reply.answer.slice(0, 80)}" names none of the ${options.length} options`,
    };
  }
  return { ok: true, question: reply.question, answer: optionLetter(index), options };
}

function keyIndex(answer: string, options: readonly string[]): number {
  const byText = options.findIndex((option) => option.toLowerCase() === answer.toLowerCase());
  if (byText >= 0) return byText;
  const letter = answer.match(/^\(?([A-Z])(?:[.):]|\s|$)/)?.[1];
  const index = letter ? letter.charCodeAt(0) - 65 : -1;
  return index < options.length ? index : -1;
}

function lowerKeys(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key
        .toLowerCase()
        .trim()
        .replace(/[\s-]+/g, "_"),
      value,
    ]),
  );
}

/** The pair in an object that holds nothing else, under whatever key, such as `{"pair": {…}}` or `{"pairs": [{…}]}`. */
function unwrapped(values: Record<string, unknown>): Record<string, unknown> {
  const [member, ...others] = Object.values(values);
  const only = Array.isArray(member) && member.length === 1 ? member[0] : member;
  if (others.length > 0 || !isObject(only)) return values;
  const inner = lowerKeys(only);
  const isPair = [names.question, names.answer].every((each) => pick(inner, each) !== undefined);
  return isPair ? inner : values;
}

function pick(fields: Record<string, unknown>, candidates: readonly string[]): unknown {
  const name = candidates.find((candidate) => Object.hasOwn(fields, candidate));
  return name === undefined ? undefined : fields[name];
}

function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return undefined;
}

function asList(value: unknown): string[] | undefined {
  const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : undefined;
  return items?.every((item) => typeof item === "string" || typeof item === "number") ? items.map(String) : undefined;
}
