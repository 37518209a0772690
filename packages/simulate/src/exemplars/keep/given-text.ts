import { trimEndOf } from "@rag-instruct/core";
import { bareQuestion } from "../question-form.ts";
import { anyOf, type InstructionView, pattern, type Rule } from "./rule.ts";
import {
  editingVerbs,
  extractingVerbs,
  kindsOfTexts,
  languagesOfTexts,
  messages,
  orderBeginnings,
  originsOfQuotations,
  partsOfTexts,
  reviewingVerbs,
  rewordingVerbs,
  stylesOfTexts,
  subjectsOfKnowledge,
  textLabels,
  thingsGiven,
} from "./word-lists.ts";

const references = anyOf(
  [
    pattern`\b(?:this|the|these|following|given|below|above|provided|first|second|each|your)\b[ \w'-]{0,25}\b(?:${kindsOfTexts})\b[^\n.?!]{0,30}(?::\s*\S|\n\s*\S|["“«][^"”»]{40,})`,
    pattern`\b(?:following|given|provided|below|above|attached|previous)\b [\w'-]{0,20} ?\b(?:${kindsOfTexts})\b(?! (?:true|false|correct|right))`,
    pattern`\b(?:${kindsOfTexts}) (?:below|above|given|provided)\b`,
    /\b(?:given|based on|according to|using) (?:the|this|these) (?:\w+ )?(?:context|passage|text|article|paragraph|excerpt|input|facts given|notes|image)\b|\b(?:from|in) (?:the|this) (?:\w+ )?(?:passage|paragraph|excerpt|input)\b/i,
    pattern`^[^\n]*\b(?:${thingsGiven})s?\b[^\n?]*\n(?!\s*(?:\(?[A-Ha-h1-9][).:]|[-*•]\s))\s*\S`,
  ],
  "text",
);
const cues = anyOf(
  [
    pattern`(?:^|\n|[.?!] )[ \t]*(?:${textLabels})\s*(?:[12]\s*)?:\s*\S`,
    /\bdoes the (?:second|first) sentence\b|\bread the (?:following|passage|text|article|story)\b/i,
  ],
  "text",
);
const operations = anyOf([
  pattern`^(?:${rewordingVerbs})\b|\btranslate (?:this|the|that|it|to|into|from|["“:])|\bhow do you say\b|\b(?:translate|say|write) [^.?!\n]{1,60} (?:in|into|to) (?:${languagesOfTexts})\b`,
  /\b(?:fix|correct|check|improve|revise|edit) (?:the |my |this |its |any )?(?:spelling|grammar|grammatical|punctuation|typos|wording|writing|style|text|paragraph|sentence|email|essay)/i,
  pattern`^(?:${editingVerbs}) (?:this|these|it|the following|the sentence|the sentences|my|the given|the text|the paragraph|the phrase)\b`,
  pattern`\b(?:make|turn|change|convert|transform|put|rewrite) (?:this|it|these|that|the \w+)\b[^.?!\n]{0,40}\b(?:${stylesOfTexts})\b`,
  /\b(?:sentiment|tone) of (?:this|the|these)\b|\b(?:positive|negative|neutral)\b,? (?:or|and|,) (?:neutral|negative|positive)\b|\bclassify\b[^.?!\n]{0,60}(?::|\b(?:as|into) \w+)|\btl;?dr\b|\bfill in the blanks?\b[^\n]{0,40}\n/i,
  pattern`\b(?:${extractingVerbs}) (?:all |the |every |any |each )?(?:of )?(?:the )?(?:\w+ ){0,2}(?:${partsOfTexts})\b[^.?!\n]{0,40}\b(?:in|from|of|given|below)\b (?:the|this|these|a) (?:\w+ )?(?:sentence|text|paragraph|passage|keywords|list|following|below|article|phrase)`,
  /\b(?:topic|theme|category|label)\b[^.?!\n]{0,20}\b(?:given|from|based on) (?:these|this|the)\b/i,
  pattern`\b(?:${reviewingVerbs}) (?:this|these|it|my)\b(?! (?:${subjectsOfKnowledge}))`,
  pattern`\banswer (?:this|these|it|my) (?:\w+ ){0,2}(?:${messages})\b`,
]);

const quotations = /["“«][^"“”«»]*["”»]/g;
const asksForOrigin = [
  /^(?:who|whose|which|what|where|when|(?:in|from|by|to) (?:which|what|whom|whose))\b/i,
  pattern`\b(?:${originsOfQuotations})\b`,
];

/** Asks where a quotation is from, or what a saying means: what stands in quotes is what is asked about. */
function isAboutQuotation({ text, words }: InstructionView): boolean {
  if (words.length > 80) return false;
  const frame = bareQuestion(text.replace(quotations, "…"));
  return frame.includes("…") && asksForOrigin.every((pattern) => pattern.test(frame));
}

// A question, or a topic of a few words without a sentence, may stand in quotes whole.
const isTextQuoted = (quoted: string) =>
  !/[?？؟]/.test(quoted.slice(trimEndOf(quoted, /\W/).length)) &&
  (/[.!;,:]/.test(quoted) || quoted.split(/\s+/).length > 20);

/** A text of its own below or behind a short order: a line break or a quotation, then more words than the order has. */
const payload: Rule = ({ text }: InstructionView) => {
  const [head = "", ...rest] = text.split(/\n+/);
  const below = rest.join(" ").split(/\s+/).filter(Boolean).length;
  const isOrder = pattern`^(?:\W*)(?:${orderBeginnings})`.test(head);
  const options = /\n[^\S\n]*(?:[-*•]|\(?[A-Ha-h1-9][).:])\s/.test(text) && below < 80;
  if (isOrder && below >= 12 && !options && !/\?\s*$/.test(head)) return `${below} words of text follow the order`;
  if (below >= 40 && !options) return `${below} words of text are given`;
  const quoted = text.match(/["“][^"“”]{60,}["”]/g)?.find(isTextQuoted);
  return quoted && !/\b(?:titled?|topic|poem|novel|essay|article)\b/i.test(head) ? "it quotes a text" : undefined;
};

// A claim or a statement to be checked is given, and is what is asked about.
const claim =
  /\b(?:statement|claim)s?\b[\s\S]{0,12}\b(?:correct|true|false|right|accurate|supported|valid)|\b(?:true|false|correct|verify|check|assess|fact)\b[\s\S]{0,60}\b(?:statement|claim)\b/i;

/** Works on a text that it brings: rewriting, translating, summing up, labelling, or answering from it. */
export const worksOnGivenText: Rule = (view) => {
  const short = view.words.length <= 60;
  if (short && claim.test(view.text)) return undefined;
  // "Which of the following statements …" points at the choices.
  const pointsAtChoices =
    view.exemplar.options !== undefined || /\bwhich (?:one )?of (?:the )?(?:following|these)\b/i.test(view.bare);
  const found = operations(view) ?? cues(view);
  if (found || isAboutQuotation(view)) return found;
  return (pointsAtChoices ? undefined : references(view)) ?? payload(view);
};
