import { hashOf, RagInstructError } from "@rag-instruct/core";
import type { ReplyFields } from "./reply.ts";

/** What must hold between documents, question and answer, in a form that a check can test. */
export interface Relation {
  /** Whether the answer itself stands in the documents (`true`), must not stand there (`false`), or may (`"either"`). */
  answerStated: boolean | "either";
  /**
   * `required`: leave any one document out and the question cannot be answered.
   * `helpful`: the answer is better with the documents than without.
   * `useless`: the answer is the same with and without.
   */
  documentsAre: "required" | "helpful" | "useless";
}

/** One way in which source documents relate to the question that is written from them. */
export interface Paradigm {
  id: string;
  /** How many source documents it takes. */
  documents: { min: number; max: number };
  /** What the model is asked for: how question and answer must relate to the documents. */
  instructions: string;
  relation: Relation;
  /** Text fields of the reply besides question, answer and options, by name, with what each is to hold. */
  reply: ReplyFields;
  /** Hash of everything above: a changed word gives a new version, and with it new ledger keys. */
  version: string;
}

// Fields that every reply has.
const taken = new Set(["question", "answer", "options"]);

/**
 * Defines a paradigm. Throws `bad-option` when the id is not in kebab-case, or the document count or a
 * field of the reply makes no sense.
 *
 * ```ts
 * const conflict = defineParadigm({
 *   id: "conflicting-docs",
 *   documents: { min: 2, max: 3 },
 *   instructions: "Write a question on which the documents disagree …",
 *   relation: { answerStated: "either", documentsAre: "required" },
 * });
 * ```
 */
export function defineParadigm(
  definition: Omit<Paradigm, "version" | "reply"> & Partial<Pick<Paradigm, "reply">>,
): Paradigm {
  const { id, documents, instructions, relation, reply = {} } = definition;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new RagInstructError("bad-option", `paradigm id "${id}" must be in kebab-case, such as "conflicting-docs"`);
  }
  const { min, max } = documents;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min) {
    throw new RagInstructError(
      "bad-option",
      `paradigm ${id}: documents must be whole numbers with 1 <= min <= max, not ${min} to ${max}`,
    );
  }
  if (instructions.trim() === "") throw new RagInstructError("bad-option", `paradigm ${id}: instructions are empty`);
  const odd = Object.keys(reply).find((name) => !/^[a-z]\w*$/i.test(name) || taken.has(name));
  if (odd !== undefined) {
    throw new RagInstructError("bad-option", `paradigm ${id}: the reply cannot have a field of its own named "${odd}"`);
  }
  const parts = { id, documents: { min, max }, instructions: instructions.trim(), relation, reply: { ...reply } };
  return { ...parts, version: hashOf(parts).slice(0, 12) };
}

/** How documents and answer relate under a paradigm, in a clause for people: "the answer stands in one document". */
export function relationClause({
  documents: { min, max },
  relation,
}: Pick<Paradigm, "documents" | "relation">): string {
  const { answerStated, documentsAre } = relation;
  const several = min === max ? `${max} documents` : `${min} to ${max} documents`;
  const documents = max === 1 ? "one document" : several;
  if (documentsAre === "useless") return `${documents} on the subject, of no help to the answer`;
  const places = documentsAre === "required" && max > 1 ? `${documents}, each needed` : documents;
  return {
    true: `the answer stands in ${places}`,
    false: `the answer follows from ${places}, stated in none`,
    either: `the answer stands in ${documents}, or follows from what they say`,
  }[`${answerStated}`];
}

/** What a paradigm asks of documents and answer, in a sentence for people. */
export function describeRelation({ documents: { max }, relation }: Pick<Paradigm, "documents" | "relation">): string {
  const { answerStated, documentsAre } = relation;
  const one = max === 1;
  if (documentsAre === "useless")
    return one
      ? "The document looks as if it fitted, and is of no help: the answer comes from elsewhere."
      : "The documents look as if they fitted, and are of no help: the answer comes from elsewhere.";
  const stated = {
    true: one ? "the document states it" : "the documents state it",
    false: one ? "the document does not state it" : "no document states it",
    either: one ? "the document may state it" : "the documents may state it",
  }[`${answerStated}`];
  const needed = documentsAre === "required" && !one ? ", and each of them is needed" : "";
  return answerStated === true
    ? `The answer is found by reading: ${stated}${needed}.`
    : `The answer is found by reasoning from ${one ? "the document" : "the documents"}: ${stated}${needed}.`;
}
