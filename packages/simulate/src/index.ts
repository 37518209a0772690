export { detectTask } from "./exemplars/detect-task.ts";
export type { UnreadReason } from "./exemplars/formats/format.ts";
export {
  type KeepOptions,
  type KeepOutcome,
  type KeepReason,
  keepKnowledgeIntensive,
} from "./exemplars/keep/keep-knowledge-intensive.ts";
export { type ReadExemplarsOptions, readExemplars, type UnreadExemplar } from "./exemplars/read.ts";
export { offlineModel, offlineModelId, offlineProvider } from "./offline/offline-model.ts";
export { type PlanOptions, planTasks } from "./plan/plan-tasks.ts";
export type { SynthesisTask } from "./plan/task.ts";
export { checkReply, type ReplyFault } from "./reply-checks.ts";
export { type SynthesizeOptions, synthesize } from "./synthesize.ts";
export { checkLexically, type LexicalFault, type LexicalVerdict } from "./verify/lexical.ts";
export type { SynthesisOutcome, SynthesisReason } from "./write-pair.ts";
