export { multiDocAnswer } from "./multi-doc-answer.ts";
export { multiDocSupport } from "./multi-doc-support.ts";
export { defineParadigm, describeRelation, type Paradigm, type Relation, relationClause } from "./paradigm.ts";
export {
  type PairPrompt,
  paradigmById,
  paradigms,
  promptOfPair,
  relationOf,
  withInstructions,
  withoutInstructions,
} from "./paradigms.ts";
export { freeTag, type Prompt, renderPrompt, repeatsPrompt } from "./render-prompt.ts";
export { type JsonReply, readJsonReply } from "./repair-json.ts";
export { type ParsedReply, parseReply, type Reply, type ReplyFields, type ReplyProblem } from "./reply.ts";
export { singleDocAnswer } from "./single-doc-answer.ts";
export { singleDocSupport } from "./single-doc-support.ts";
export { uselessDoc } from "./useless-doc.ts";
