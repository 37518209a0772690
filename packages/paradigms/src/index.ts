export { citedAnswer } from "./cited-answer.ts";
export { conflictingDocs } from "./conflicting-docs.ts";
export { namesMissing } from "./missing-words.ts";
export { multiDocAnswer } from "./multi-doc-answer.ts";
export { multiDocSupport } from "./multi-doc-support.ts";
export {
  type CheckedPair,
  defineParadigm,
  describeRelation,
  type Paradigm,
  type ParadigmFault,
  type Relation,
  relationClause,
  type WordVerdict,
} from "./paradigm.ts";
export {
  allParadigms,
  furtherParadigms,
  type PairPrompt,
  paradigmById,
  paradigms,
  promptOfPair,
  relationOf,
  withInstructions,
  withoutInstructions,
} from "./paradigms.ts";
export { freeTag, type Prompt, renderPrompt, repeatsPrompt, replyFieldsOf } from "./render-prompt.ts";
export { type JsonReply, readJsonReply } from "./repair-json.ts";
export { type ParsedReply, parseReply, type Reply, type ReplyFields, type ReplyProblem } from "./reply.ts";
export { singleDocAnswer } from "./single-doc-answer.ts";
export { singleDocSupport } from "./single-doc-support.ts";
export { tableAnswer } from "./table-answer.ts";
export { tablesIn } from "./tables.ts";
export { unanswerable } from "./unanswerable.ts";
export { uselessDoc } from "./useless-doc.ts";
export { tellingStems } from "./word-checks.ts";
