import type { Reply } from "@rag-instruct/paradigms";

/** What can be wrong with a reply that has the right shape, before anything is compared with its documents. */
export type ReplyFault = "refusal" | "copied-prompt";

const refusal =
  /^(?:i(?:'|’)?m sorry|i am sorry|sorry,|i (?:can(?:no|')?t|cannot|am unable to|won(?:'|’)t) (?:help|assist|answer|comply|provide)|as an ai\b)/i;
const ownPrompt = /leave its topic behind|<\/?(?:document|example)\b|"question"\s*:/i;

/** Looks at a reply alone; undefined where nothing is wrong. */
export function checkReply({ question, answer }: Reply): { reason: ReplyFault; detail: string } | undefined {
  if (refusal.test(answer) || refusal.test(question)) return { reason: "refusal", detail: "the model refuses" };
  for (const [name, text] of Object.entries({ question, answer })) {
    if (ownPrompt.test(text)) return { reason: "copied-prompt", detail: `the ${name} repeats the prompt` };
  }
  return undefined;
}
