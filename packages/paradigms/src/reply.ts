import { chosenOption, isObject, optionLetter, type Task, wordsOf } from "@rag-instruct/core";
import { z } from "zod";
import { readJsonReply } from "./repair-json.ts";

/** The shape of a model's reply: question and answer, and options for a multiple-choice question. */
export type Reply = { question: string; answer: string; options?: string[] };

// Every field is required and none has a default: strict structured output accepts nothing else.
const openReply = {
  question: z.string().describe("the new question, complete in itself"),
  answer: z.string().describe("the answer to the new question"),
};

const choiceReply = {
  question: z.string().describe("the new question, without its options"),
  options: z.array(z.string()).describe("the options in order, without letters"),
  answer: z.string().describe("the letter of the right option, from A"),
};

/** Text fields that a paradigm asks for besides, by name, with what each is to hold. The model fills them in first. */
export type ReplyFields = Readonly<Record<string, string>>;

const noFields: ReplyFields = {};

// The same object for every call, so that whoever turns it to JSON Schema does so once.
const schemas = new WeakMap<ReplyFields, { open: z.ZodType<Reply>; choice: z.ZodType<Reply> }>();

/** The Zod schema of the reply to an exemplar of this task. */
export function replySchema(task: Task, fields: ReplyFields = noFields): z.ZodType<Reply> {
  const known = schemas.get(fields) ?? schemasWith(fields);
  schemas.set(fields, known);
  return task === "multiple-choice" ? known.choice : known.open;
}

function schemasWith(fields: ReplyFields): { open: z.ZodType<Reply>; choice: z.ZodType<Reply> } {
  const own = Object.fromEntries(Object.entries(fields).map(([name, meaning]) => [name, z.string().describe(meaning)]));
  return { open: z.object({ ...own, ...openReply }), choice: z.object({ ...own, ...choiceReply }) };
}

/** The reply's form in words, for servers that do not pass a schema on to the model. */
export function replyForm(task: Task, fields: ReplyFields = {}): string {
  const own = Object.keys(fields).map((name) => `"${name}": "…"`);
  const rest =
    task === "multiple-choice"
      ? ['"question": "…"', '"options": ["…", "…"]', '"answer": "A"']
      : ['"question": "…"', '"answer": "…"'];
  const meanings = Object.entries(fields).map(([name, meaning]) => `Under "${name}": ${meaning}.\n`);
  return `${meanings.join("")}Reply with one JSON object and nothing else: {${[...own, ...rest].join(", ")}}`;
}

/** Why a reply cannot be used. */
export type ReplyProblem =
  | "not-json"
  | "cut-off"
  | "only-thinking"
  | "unclear-backslash"
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
  const index = chosenOption(reply.answer, options);
  if (index === undefined) {
    return {
      ok: false,
      reason: "bad-key",
      detail: `"${reply.answer.slice(0, 80)}" is not one of the ${options.length} options`,
    };
  }
  return { ok: true, question: reply.question, answer: optionLetter(index), options };
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

// Fewer words than this are no essay in any language.
const minLongFormWords = 20;
// English is the one language whose verdicts are known here; another text may say them as it likes.
const english = /\b(?:the|is|are|was|were|of|does|did|has|have)\b/i;

/** What is wrong with a reply as one to this task, by its form alone; undefined where nothing is. */
function taskFault(task: Task, { question, answer }: Reply): string | undefined {
  if (task === "claim") {
    if (/[?？؟]["”'’]?$/.test(question)) return "a claim is a statement, not a question";
    if (isEnglish(question, answer) && !/^\W*(?:true|false)\b/i.test(answer)) {
      return "the answer to a claim begins with True or False";
    }
  }
  if (task === "yes-no") {
    if (!/[?？؟;՞]/.test(question)) return "a yes-no question ends in a question mark";
    if (isEnglish(question, answer) && !/^\W*(?:yes|no)\b/i.test(answer)) {
      return "the answer to a yes-no question begins with Yes or No";
    }
  }
  if (task === "long-form" && wordsOf(answer).length < minLongFormWords) {
    return `the answer to a request for a longer text has ${wordsOf(answer).length} words`;
  }
  return undefined;
}

/** ASCII alone with two of English's own small words: German, French or Dutch text does not have both. */
function isEnglish(question: string, answer: string): boolean {
  const text = `${question} ${answer}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\x00-\x7f“”‘’–—…]*$/.test(text) && /\bthe\b/i.test(text) && english.test(text);
}
