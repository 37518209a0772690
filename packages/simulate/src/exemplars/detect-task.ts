import type { Task } from "@rag-instruct/core";
import { bareQuestion } from "./bare-question.ts";
import { splitOptions } from "./split-options.ts";

const form =
  "essays?|articles?|reports?|blog(?: post| article)?s?|papers?|guides?|biograph(?:y|ies)|overviews?|introductions?|dissertations?|reviews? of the literature";

// The first rule that fits decides; the order goes from the most telling form to the least.
const rules: readonly [Task, RegExp][] = [
  [
    "claim",
    /^(?:claim|statement|hypothesis)\s*:|\b(?:true or false|fact[- ]?check|(?:verify|check|assess|evaluate)\b.{0,40}\b(?:claim|statement)|is (?:this|the following|the above) (?:claim|statement|sentence)|\b(?:claim|statement) (?:above )?(?:is )?(?:true|false|correct|right|supported|accurate))\b/i,
  ],
  [
    "long-form",
    new RegExp(
      String.raw`\b(?:write|create|compose|draft|prepare|produce|give|provide|generate)\b[^.?!\n]{0,60}\b(?:${form})\b|\b(?:\d{3,}|several hundred) words\b|\b(?:in (?:great |full )?detail|(?:detailed|comprehensive|in-depth|thorough|extensive) (?:overview|explanation|description|analysis|account|discussion|answer|introduction|history))\b`,
      "i",
    ),
  ],
  [
    "summary",
    /\b(?:summari[sz]e|summary|sum up|tl;?dr|in (?:one|a|two|three|a few) (?:sentence|paragraph|line)s?|briefly|in (?:short|brief))\b/i,
  ],
  ["comparison", /\b(?:compare|contrast|differences? between|differ from|distinguish|versus|vs\.?)\b/i],
  [
    "how-to",
    /^(?:how (?:do|can|should|would|could) (?:i|you|we|one)\b|how to\b|(?:explain|describe|show|tell|teach) (?:me |us )?how to\b|what (?:are the )?steps\b|(?:give|provide|list)\b.{0,20}\b(?:steps|instructions)\b|what(?: i|'|’)?s the (?:best )?(?:way|process|procedure)\b)/i,
  ],
  [
    "list",
    /^(?:list|name|enumerate|mention|identify|give|provide|suggest|recommend)\b.{0,40}\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|some|several|examples|reasons|ways|tips|list|advantages|benefits)\b|^(?:list|name|enumerate)\b|\bwhat are (?:some|the (?:[\w-]+ )?(?:main|different|key|major|types|kinds|benefits|advantages|disadvantages|reasons|causes|symptoms|effects|parts|components|characteristics))\b/i,
  ],
  [
    "yes-no",
    /^(?:is|are|am|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might|must)(?:n(?:'|’)t)?\s(?!you (?:explain|tell|describe|give|list|name)\b)[^?]*\?\s*$/i,
  ],
];

/** The task of an instruction by its form alone; `open` where no form stands out. */
export function detectTask(question: string): Task {
  if (splitOptions(question).options) return "multiple-choice";
  const bare = bareQuestion(question);
  if (/\b(?:options|choices)\s*:?\s*\n\s*[-*]?\s*(?:yes|no)\b/i.test(question)) return "yes-no";
  return rules.find(([, pattern]) => pattern.test(bare))?.[0] ?? "open";
}
