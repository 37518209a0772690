import type { Task } from "@rag-instruct/core";

// The first rule that fits decides; the order goes from the most telling form to the least.
const rules: readonly [Task, RegExp][] = [
  [
    "claim",
    /\b(?:true or false|fact.?check|verify (?:this|the following) (?:claim|statement)|is (?:this|the following) (?:claim|statement))\b/i,
  ],
  ["multiple-choice", /(?:^|\n)\s*\(?[A-D][).:]\s+\S[\s\S]*\n\s*\(?[B-E][).:]\s+\S/],
  [
    "summary",
    /\b(?:summari[sz]e|summary|sum up|in (?:one|a|two|three) (?:sentence|paragraph)s?|briefly (?:explain|describe))\b/i,
  ],
  ["comparison", /\b(?:compare|contrast|differences? between|differ from|versus|vs\.?)\b/i],
  [
    "how-to",
    /^(?:how (?:do|can|should|would) (?:i|you|we|one)\b|how to\b|explain how to\b|what (?:are the )?steps\b)/i,
  ],
  [
    "list",
    /\b(?:list|name|enumerate|give (?:me )?(?:\w+ )?(?:examples|reasons|ways)|what are (?:some|the (?:\w+ )?(?:main|different|key|types|benefits|advantages|reasons)))\b/i,
  ],
  ["yes-no", /^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should)\s[^?]*\?\s*$/i],
];

/** The task of an instruction by its form alone; `open` where no form stands out. */
export function detectTask(question: string): Task {
  return rules.find(([, pattern]) => pattern.test(question.trim()))?.[0] ?? "open";
}
