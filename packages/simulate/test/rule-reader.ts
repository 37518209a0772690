import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { normalizeAnswer } from "@rag-instruct/core";
import { blank } from "./cloze.ts";

/** What a prompt shows. */
interface Sheet {
  documents: { number: number; text: string }[];
  question: string;
  options: string[];
  more: Record<string, string>;
}

/** An answer found by reading, with what it was read from. */
interface Solution {
  answer: string;
  documents: "state" | "help" | "unrelated";
  quotes: { document: number; text: string }[];
}

/**
 * A language model that follows rules: it reads the documents in the prompt, solves clozes, counts letters and spells backwards,
 * judges and compares what it is shown, and abstains where its rules find nothing. It knows no label and no pair beyond the prompt.
 */
export function ruleReader(): LanguageModelV4 & { prompts: string[] } {
  const prompts: string[] = [];
  return {
    specificationVersion: "v4",
    provider: "test.rules",
    modelId: "rule-reader",
    supportedUrls: {},
    prompts,
    async doGenerate(options) {
      const { instructions, prompt } = textsOf(options);
      prompts.push(prompt);
      const text = readByRules(instructions, prompt);
      return {
        content: [{ type: "text", text }],
        finishReason: { unified: "stop", raw: undefined },
        usage: {
          inputTokens: { total: prompt.length, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: text.length, text: undefined, reasoning: undefined },
        },
        warnings: [],
      };
    },
    doStream() {
      throw new Error("the rule reader does not stream");
    },
  };
}

/** The reply to a prompt, for models behind a server. */
export function readByRules(instructions: string, prompt: string): string {
  return JSON.stringify(replyTo(instructions, readSheet(prompt)));
}

function textsOf({ prompt }: LanguageModelV4CallOptions): { instructions: string; prompt: string } {
  const texts = prompt.map(({ role, content }) => ({
    role,
    text:
      typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join(""),
  }));
  const of = (role: string) =>
    texts
      .filter((one) => one.role === role)
      .map(({ text }) => text)
      .join("\n");
  return { instructions: of("system"), prompt: of("user") };
}

function replyTo(instructions: string, sheet: Sheet): unknown {
  if (instructions.startsWith("You judge")) return judge(sheet);
  if (instructions.startsWith("Answer the question")) return answer(sheet);
  if (instructions.startsWith("Compare two answers")) return compare(sheet);
  if (instructions.startsWith("You check")) return checkNoise(sheet);
  throw new Error(`the rule reader has no rule for: ${instructions.slice(0, 60)}`);
}

function readSheet(prompt: string): Sheet {
  const documents = [...prompt.matchAll(/<(document[-\w]*) number="(\d+)">\n([\s\S]*?)\n<\/\1>/g)].map(
    ([, , number, text]) => ({
      number: Number(number),
      text: text!,
    }),
  );
  const [asked = "", ...options] = (prompt.match(/<(question[-\w]*)>\n([\s\S]*?)\n<\/\1>/)?.[2] ?? "").split(
    /\n[A-Z]\. /,
  );
  const more = Object.fromEntries(
    ["answer", "first", "second"].flatMap((name) => {
      const text = prompt.match(new RegExp(`<(${name}[-\\w]*)>\\n([\\s\\S]*?)\\n</\\1>`))?.[2];
      return text === undefined ? [] : [[name, text]];
    }),
  );
  return { documents, question: asked, options, more };
}

/** The answer to a question from documents, or undefined where the rules find none. */
function solve({
  question,
  documents,
  options,
}: Pick<Sheet, "question" | "documents" | "options">): Solution | undefined {
  const backwards = question.match(/word “(.+?)” spelled backwards|“(.+?)”, read backwards/);
  if (backwards) {
    return { answer: [...(backwards[1] ?? backwards[2]!)].reverse().join(""), documents: "unrelated", quotes: [] };
  }
  const statements = [...question.matchAll(/“([^”]*____[^”]*)”/g)].map(([, statement]) => statement!);
  const found = statements.map((statement) => findTerm(statement, documents));
  if (found.length === 0 || found.some((one) => !one)) return undefined;
  const terms = found.map((one) => one!.term);
  const quotes = found.map((one) => ({ document: one!.document, text: one!.sentence }));
  if (/^How many letters/.test(question)) {
    return { answer: `${terms.join("").length} letters in all`, documents: "help", quotes };
  }
  const chosen = options.findIndex((option) => same(option, terms.join(" ")));
  return { answer: chosen >= 0 ? String.fromCharCode(65 + chosen) : terms.join("; "), documents: "state", quotes };
}

function findTerm(
  statement: string,
  documents: Sheet["documents"],
): { term: string; document: number; sentence: string } | undefined {
  const [before, after] = statement.split(blank).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`${before}([\\p{L}\\p{N}]+)${after}`, "u");
  for (const { number, text } of documents) {
    const [sentence, term] = text.match(pattern) ?? [];
    if (sentence && term) return { term, document: number, sentence };
  }
  return undefined;
}

function judge(sheet: Sheet): unknown {
  const given = sheet.more.answer!;
  const solution = solve(sheet);
  if (!solution) {
    return { documents: "unrelated", needed: [], quotes: [], answer: "unsure", complete: false, why: "Nothing tells." };
  }
  const isNeeded = (number: number) => {
    const without = solve({ ...sheet, documents: sheet.documents.filter((document) => document.number !== number) });
    return without?.answer !== solution.answer;
  };
  const needed = solution.documents === "unrelated" ? [] : sheet.documents.map(({ number }) => number).filter(isNeeded);
  const likeness = compareTexts(solution.answer, given);
  return {
    documents: solution.documents,
    needed,
    quotes: solution.quotes,
    answer: likeness === "different" ? "wrong" : "right",
    complete: likeness === "same",
    why: `Reading gives ${solution.answer}.`,
  };
}

function answer(sheet: Sheet): unknown {
  const solution = solve(sheet);
  return solution ? { answer: solution.answer, sure: true } : { answer: "", sure: false };
}

function compare({ more }: Sheet): unknown {
  return { likeness: compareTexts(more.first!, more.second!) };
}

function checkNoise(sheet: Sheet): unknown {
  const answering = sheet.documents.flatMap((document) => {
    const solution = solve({ ...sheet, documents: [document] });
    return solution && solution.documents !== "unrelated" ? solution.quotes : [];
  });
  return { answering };
}

/** `partly` where the second says a part of the first and nothing else. */
function compareTexts(first: string, second: string): "same" | "partly" | "different" {
  const words = (text: string) =>
    normalizeAnswer(text)
      .replace(/\band\b/g, " ")
      .split(/\s+/)
      .filter((word) => word !== "");
  const [all, said] = [words(first), words(second)];
  if (all.join(" ") === said.join(" ")) return "same";
  return said.length > 0 && said.every((word) => all.includes(word)) ? "partly" : "different";
}

function same(a: string, b: string): boolean {
  return normalizeAnswer(a) === normalizeAnswer(b);
}
