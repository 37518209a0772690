import { hashOf, type Pair, type Passage, RagInstructError, type Task } from "@rag-instruct/core";
import type { ReplyFields } from "./reply.ts";

/** What must hold between documents, question and answer, in a form that a check can test. */
export interface Relation {
  /** Whether the answer itself stands in the documents (`true`), must not stand there (`false`), or may (`"either"`). */
  answerStated: boolean | "either";
  /**
   * `required`: leave any one document out and the question cannot be answered.
   * `helpful`: the answer is better with the documents than without.
   * `useless`: the answer is the same with and without.
   * `lacking`: they are about the subject of the question and lack what it asks for; the answer says what is missing.
   */
  documentsAre: "required" | "helpful" | "useless" | "lacking";
}

/** What a paradigm's own check of words looks at. */
export type CheckedPair = Pick<Pair, "question" | "answer" | "options" | "documents">;

/** What the checks of the further paradigms can find wrong. */
export type ParadigmFault =
  | "missing-not-said"
  | "documents-unrelated"
  | "position-left-out"
  | "no-conflict"
  | "conflict-not-said"
  | "sentence-uncited"
  | "citation-unproved"
  | "not-from-table";

/**
 * What words say of a pair under a paradigm: that they show its relation, that the pair breaks no rule which words can tell, or what is wrong. A reason
 * that no check of these packages has is shown as it is.
 */
export type WordVerdict = "shown" | "unproved" | { reason: string; detail: string };

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
  /** What it asks of documents and answer, in a sentence for people. @default made of the relation */
  about?: string;
  /** Rules on the answer, as lines that begin with "- ", in the place of the one that it neither names documents nor carries marks. */
  answerRules?: string;
  /** Tasks of the exemplars that it can imitate. @default all */
  tasks?: readonly Task[];
  /** Whether numbers in square brackets in the answer name documents: they follow these into the training example. @default false */
  cites?: boolean;
  /** What a judge of a pair is told besides. @default nothing */
  judging?: string;
  /** What a reader is told besides who proves a pair by answering its question. @default nothing */
  reading?: string;
  /** Whether passages may serve as its documents together; called for a single one too, which others are then looked for. @default all may */
  fits?(passages: readonly Passage[]): boolean;
  /**
   * What words tell of a pair, in the place of whether its documents state the answer.
   * @param context.language ISO 639-1, of the documents where it shows
   */
  check?(pair: CheckedPair, context: { language?: string }): WordVerdict;
  /** Hash of all that the model is asked: a changed word gives a new version, and with it new ledger keys. */
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
  const { id, documents, instructions, relation, reply = {}, answerRules } = definition;
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
  const asked = {
    id,
    documents: { min, max },
    instructions: instructions.trim(),
    relation,
    reply: { ...reply },
    answerRules: answerRules?.trim(),
  };
  return { ...definition, ...asked, version: hashOf(asked).slice(0, 12) };
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
  if (documentsAre === "lacking") return `${documents} on the subject, without what is asked`;
  const places = documentsAre === "required" && max > 1 ? `${documents}, each needed` : documents;
  return {
    true: `the answer stands in ${places}`,
    false: `the answer follows from ${places}, stated in none`,
    either: `the answer stands in ${documents}, or follows from what they say`,
  }[`${answerStated}`];
}

/** What a paradigm asks of documents and answer, in a sentence for people. */
export function describeRelation({
  about,
  documents: { max },
  relation,
}: Pick<Paradigm, "about" | "documents" | "relation">): string {
  const { answerStated, documentsAre } = relation;
  if (about !== undefined) return about;
  const one = max === 1;
  if (documentsAre === "useless")
    return one
      ? "The document looks as if it fitted, and is of no help: the answer comes from elsewhere."
      : "The documents look as if they fitted, and are of no help: the answer comes from elsewhere.";
  if (documentsAre === "lacking")
    return "The documents are about the subject and lack what is asked: the answer says what is missing.";
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
