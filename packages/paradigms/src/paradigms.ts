import { type BuiltinParadigmId, type FurtherParadigmId, RagInstructError } from "@rag-instruct/core";
import { citedAnswer } from "./cited-answer.ts";
import { conflictingDocs } from "./conflicting-docs.ts";
import { multiDocAnswer } from "./multi-doc-answer.ts";
import { multiDocSupport } from "./multi-doc-support.ts";
import { defineParadigm, describeRelation, type Paradigm } from "./paradigm.ts";
import { type Prompt, renderPrompt } from "./render-prompt.ts";
import { singleDocAnswer } from "./single-doc-answer.ts";
import { singleDocSupport } from "./single-doc-support.ts";
import { tableAnswer } from "./table-answer.ts";
import { unanswerable } from "./unanswerable.ts";
import { uselessDoc } from "./useless-doc.ts";

/** The five paradigms of the method by id. */
export const paradigms: Readonly<Record<BuiltinParadigmId, Paradigm>> = {
  "useless-doc": uselessDoc,
  "single-doc-support": singleDocSupport,
  "multi-doc-support": multiDocSupport,
  "single-doc-answer": singleDocAnswer,
  "multi-doc-answer": multiDocAnswer,
};

/** Paradigms beyond the method's five, by id: a set has them where it asks for them by name. */
export const furtherParadigms: Readonly<Record<FurtherParadigmId, Paradigm>> = {
  unanswerable,
  "conflicting-docs": conflictingDocs,
  "cited-answer": citedAnswer,
  "table-answer": tableAnswer,
};

/** The method's five paradigms, then the further ones, by id. */
export const allParadigms: Readonly<Record<BuiltinParadigmId | FurtherParadigmId, Paradigm>> = {
  ...paradigms,
  ...furtherParadigms,
};

/** A paradigm by id, from `among` if given. Throws `unknown-paradigm` and names those there are. */
export function paradigmById(id: string, among: Readonly<Record<string, Paradigm>> = allParadigms): Paradigm {
  const paradigm = Object.hasOwn(among, id) ? among[id] : undefined;
  if (paradigm) return paradigm;
  throw new RagInstructError(
    "unknown-paradigm",
    `there is no paradigm "${id}"; choose from ${Object.keys(among).join(", ")}`,
  );
}

/** What a paradigm asks of question and documents, in a sentence; undefined for one that is not among them. */
export function relationOf(id: string, among: Readonly<Record<string, Paradigm>> = allParadigms): string | undefined {
  return Object.hasOwn(among, id) ? describeRelation(among[id]!) : undefined;
}

/**
 * Paradigms that ask for something more, all of them or some by id; each is another version of itself, with other keys in the ledger. Throws
 * `unknown-paradigm`.
 */
export function withInstructions(
  paradigms: Readonly<Record<string, Paradigm>>,
  more: string | Readonly<Record<string, string>>,
): Record<string, Paradigm> {
  const changed = { ...paradigms };
  for (const id of Object.keys(typeof more === "string" ? paradigms : more)) {
    const { instructions, ...paradigm } = paradigmById(id, paradigms);
    const text = typeof more === "string" ? more : more[id]!;
    changed[id] = defineParadigm({ ...paradigm, instructions: `${instructions}\n${text.trim()}` });
  }
  return changed;
}

/** Paradigms without the last of the instructions that {@link withInstructions} has given them. */
export function withoutInstructions(
  paradigms: Readonly<Record<string, Paradigm>>,
  more: string | Readonly<Record<string, string>>,
): Record<string, Paradigm> {
  const bare = Object.entries(paradigms).map(([id, paradigm]): [string, Paradigm] => {
    const { instructions, ...rest } = paradigm;
    const end = `\n${(typeof more === "string" ? more : (more[id] ?? "")).trim()}`;
    if (end === "\n" || !instructions.endsWith(end)) return [id, paradigm];
    return [id, defineParadigm({ ...rest, instructions: instructions.slice(0, -end.length) })];
  });
  return Object.fromEntries(bare);
}

/** The prompt of a pair by the id of its paradigm; undefined where that is not known, or takes another number of documents. */
export function promptOfPair(
  { paradigm: id, documents, exemplar, language, history }: PairPrompt,
  among: Readonly<Record<string, Paradigm>> = allParadigms,
): Prompt | undefined {
  const paradigm = Object.hasOwn(among, id) ? among[id] : undefined;
  if (!paradigm || documents.length < paradigm.documents.min || documents.length > paradigm.documents.max)
    return undefined;
  return renderPrompt({ paradigm, documents, exemplar, language, history });
}

/** What the prompt of a pair is made of. */
export interface PairPrompt extends Omit<Parameters<typeof renderPrompt>[0], "paradigm"> {
  /** Id of its paradigm. */
  paradigm: string;
}
