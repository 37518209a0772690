import type { LanguageModelV4 } from "@ai-sdk/provider";
import { questionWithOptions, RagInstructError } from "@rag-instruct/core";
import type { ModelObject } from "@rag-instruct/core/calls";
import type { Reply } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "../plan/task-queue.ts";
import type { JudgeEvidence } from "../verify/judge.ts";
import { freeReply, offlineModel, offlineModelId } from "./offline-model.ts";
import { type RecordedRequest, recordedModelId, recordedProvider } from "./recorded-request.ts";

/** What a capable model would reply for one task of a known plan, written in advance. */
export interface RecordedReply {
  paradigm: string;
  /** Id of the exemplar. */
  exemplar: string;
  /** Ids of the source documents, in their order. */
  documents: readonly string[];
  /** The pair, or a text that is none, as models write too. */
  reply: Reply | string;
  /** What a judge says of the pair. @default nothing: a judge's verdict then cannot be read */
  judge?: JudgeEvidence;
  /** What a reader answers who sees all documents; where documents are useless, who sees none too. @default nothing */
  reader?: string;
}

/** A model that replays records, and the one that writes what was not recorded. */
export interface RecordedModel extends LanguageModelV4 {
  /** Whether there is a record of a task. */
  holds(task: SynthesisTask): boolean;
  otherwise: LanguageModelV4;
}

/**
 * A language model that replies what was recorded in advance: a task is known by paradigm, exemplar and documents, so that other words
 * in a prompt lose no record, and the questions of a judge or a reader by the pair that they are about. What no record fits is written
 * by `otherwise`, under its own name. Nothing here comes from a product: it shows the flow with pairs that are worth reading.
 * @param options.otherwise writes tasks without a record @default the offline model
 */
export function recordedModel(
  records: readonly RecordedReply[],
  { otherwise = offlineModel() }: { otherwise?: LanguageModelV4 } = {},
): RecordedModel {
  const byTask = new Map(records.map((record) => [keyOf(record), record]));
  const byQuestion = new Map<string, RecordedReply>();
  for (const record of records) {
    if (typeof record.reply === "string" || !record.judge) continue;
    byQuestion.set(questionWithOptions(record.reply), record);
  }
  const replyTo = (request: RecordedRequest): unknown =>
    request.as === "write" ? byTask.get(keyOf(request))?.reply : answerAbout(byQuestion.get(request.question), request);
  return {
    specificationVersion: "v4",
    provider: recordedProvider,
    modelId: recordedModelId,
    supportedUrls: {},
    otherwise,
    holds: (task) => byTask.has(keyOf(keyPartsOf(task))),
    async doGenerate({ abortSignal, providerOptions }) {
      abortSignal?.throwIfAborted();
      const request = providerOptions?.ragInstruct as RecordedRequest | undefined;
      if (request === undefined)
        throw new RagInstructError("bad-option", "recorded replies answer tasks of synthesis and their checks alone");
      const reply = replyTo(request) ?? "Nothing was recorded for this.";
      return freeReply(typeof reply === "string" ? reply : JSON.stringify(reply));
    },
    doStream() {
      throw new RagInstructError("bad-option", "recorded replies do not stream; use generateText");
    },
  };
}

/** What a judge or a reader says of a pair; undefined where that was not recorded. */
function answerAbout(
  record: RecordedReply | undefined,
  request: Exclude<RecordedRequest, { as: "write" }>,
): unknown | undefined {
  if (!record?.judge) return undefined;
  if (request.as === "judge") return record.judge;
  // Whoever recorded a pair knew the corpus: no other document of it answers.
  if (request.as === "noise") return { answering: [] };
  const { documents, reader } = record;
  if (reader === undefined) return undefined;
  if (request.as === "compare") return { likeness: request.answer === reader ? "same" : "different" };
  const isKnown = record.judge.documents === "unrelated" || request.shown === documents.length;
  return isKnown ? { answer: reader, sure: true } : { answer: "", sure: false };
}

function keyOf({ paradigm, exemplar, documents }: Pick<RecordedReply, "paradigm" | "exemplar" | "documents">): string {
  return JSON.stringify([paradigm, exemplar, documents]);
}

/** What a task is known by. */
export function keyPartsOf({ paradigm, exemplar, documents }: SynthesisTask) {
  return { paradigm, exemplar: exemplar.id, documents: documents.map(({ id }) => id) };
}

/** The model that writes a task's pair: the given one, or the one that it leaves to what it has no record of. */
export function writerOf(model: ModelObject, task: SynthesisTask): ModelObject {
  return isRecorded(model) && !model.holds(task) ? model.otherwise : model;
}

function isRecorded(model: ModelObject): model is RecordedModel {
  return model.provider === recordedProvider && "holds" in model;
}

/** Whether pairs of a model, by its id, come from no model that anybody pays for or trains on: offline ones and recorded ones. */
export function isStandIn(modelId: string): boolean {
  return modelId === offlineModelId || modelId === recordedModelId;
}
