import { jaccard, normalizeAnswer, shingles } from "@rag-instruct/core";
import type { Reply } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "./plan/task.ts";

/** What can be wrong with a reply that has the right shape. */
export type ReplyFault = "refusal" | "points-at-document" | "copied-prompt" | "same-as-exemplar" | "question-not-whole";

const refusal =
  /^(?:i(?:'|’)?m sorry|i am sorry|sorry,|i (?:can(?:no|')?t|cannot|am unable to|won(?:'|’)t) (?:help|assist|answer|comply|provide)|as an ai\b)/i;
const pointsAtDocument =
  /\b(?:(?:the|this|these|that|those|above|following|given|provided|first|second|third) (?:\w+ )?(?:documents?|passages?|paragraphs?|excerpts?|context)|documents? \d|according to the (?:text|article)|(?:in|from) the (?:text|article) above)\b|\[\d{1,2}\]/i;
const ownPrompt = /leave its topic behind|<\/?(?:document|example)\b|"question"\s*:/i;

/** Looks at a reply alone and beside its exemplar; undefined where nothing is wrong. */
export function checkReply(
  reply: Reply,
  { exemplar }: SynthesisTask,
): { reason: ReplyFault; detail: string } | undefined {
  const { question, answer } = reply;
  if (refusal.test(answer) || refusal.test(question)) return { reason: "refusal", detail: "the model refuses" };
  for (const [name, text] of Object.entries({ question, answer })) {
    const pointed = text.match(pointsAtDocument)?.[0];
    if (pointed) return { reason: "points-at-document", detail: `the ${name} says “${pointed}”` };
    if (ownPrompt.test(text)) return { reason: "copied-prompt", detail: `the ${name} repeats the prompt` };
  }
  if (normalizeAnswer(question).length < 8)
    return { reason: "question-not-whole", detail: "the question is too short to stand alone" };
  if (jaccard(shingles(question, { size: 3 }), shingles(exemplar.question, { size: 3 })) > 0.8) {
    return { reason: "same-as-exemplar", detail: "the question is the exemplar's again" };
  }
  return undefined;
}
