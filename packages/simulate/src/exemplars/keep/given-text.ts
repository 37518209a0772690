import { anyOf, type InstructionView, type Rule } from "./view.ts";

const kinds =
  "text|texts|sentences?|paragraphs?|passages?|articles?|e-?mails?|messages?|story|poem|essay|reviews?|tweets?|dialogues?|dialogs?|conversations?|documents?|excerpts?|abstracts?|transcripts?|notes?|lyrics|quotes?|phrases?|words?|keywords?|list|data|input|comments?|headlines?|titles?|summary|statements?|facts|news(?: story| article)?|letter|post|snippet|information|table|context|clause|questions";

const references = anyOf(
  [
    new RegExp(
      String.raw`\b(?:this|the|these|following|given|below|above|provided|first|second|each|your)\b[ \w'-]{0,25}\b(?:${kinds})\b[^\n.?!]{0,30}(?::\s*\S|\n\s*\S|["“«][^"”»]{40,})`,
      "i",
    ),
    new RegExp(
      String.raw`\b(?:following|given|provided|below|above|attached|previous)\b [\w'-]{0,20} ?\b(?:${kinds})\b(?! (?:true|false|correct|right))`,
      "i",
    ),
    new RegExp(String.raw`\b(?:${kinds}) (?:below|above|given|provided)\b`, "i"),
    /\b(?:given|based on|according to|using) (?:the|this|these) (?:\w+ )?(?:context|passage|text|article|paragraph|excerpt|input|facts given|notes|image)\b|\b(?:from|in) (?:the|this) (?:\w+ )?(?:passage|paragraph|excerpt|input)\b/i,
    /^[^\n]*\b(?:sentence|phrase|word|verb|noun|adjective|text|paragraph|clause|proverb|letters|numbers|equation|string|headline|title|names|items|list|situation|attributes|ingredients|rule|model|data)s?\b[^\n?]*\n(?!\s*(?:\(?[A-Ha-h1-9][).:]|[-*•]\s))\s*\S/i,
  ],
  "text",
);
const cues = anyOf(
  [
    /(?:^|\n|[.?!] )\s*(?:context|passage|article|text|premise|hypothesis|sentence ?[12a-b]?|review|tweet|input|dialogue|paragraph|document|excerpt|abstract|transcript|email|news|story|background|content|user|system)\s*[12]?\s*:\s*\S/i,
    /\bdoes the (?:second|first) sentence\b|\bread the (?:following|passage|text|article|story)\b/i,
  ],
  "text",
);
const operations = anyOf([
  /^(?:translate|paraphrase|rephrase|proofread|reword|re-?write|transcribe|punctuate|capitali[sz]e)\b|\btranslate (?:this|the|that|it|to|into|from|["“:])|\bhow do you say\b|\b(?:translate|say|write) [^.?!\n]{1,60} (?:in|into|to) (?:english|spanish|french|german|italian|portuguese|chinese|japanese|korean|russian|arabic|hindi|dutch|latin|turkish|swedish|polish|greek)\b/i,
  /\b(?:fix|correct|check|improve|revise|edit) (?:the |my |this |its |any )?(?:spelling|grammar|grammatical|punctuation|typos|wording|writing|style|text|paragraph|sentence|email|essay)/i,
  /^(?:edit|shorten|expand|improve|correct|fix|polish|simplify|condense|rearrange|reformat|format|restructure|reorgani[sz]e|convert|transform|turn|change|make|combine|join|merge|split|complete) (?:this|these|it|the following|the sentence|the sentences|my|the given|the text|the paragraph|the phrase)\b/i,
  /\b(?:make|turn|change|convert|transform|put|rewrite) (?:this|it|these|that|the \w+)\b[^.?!\n]{0,40}\b(?:sound|better|shorter|longer|formal|professional|concise|clearer|simpler|polite|friendly|into|more|passive|active|past tense|bullet|table)\b/i,
  /\b(?:sentiment|tone) of (?:this|the|these)\b|\b(?:positive|negative|neutral)\b,? (?:or|and|,) (?:neutral|negative|positive)\b|\bclassify\b[^.?!\n]{0,60}(?::|\b(?:as|into) \w+)|\btl;?dr\b|\bfill in the blanks?\b[^\n]{0,40}\n/i,
  /\b(?:extract|pick out|underline|highlight|identify|find|list|count|name|locate|replace|remove|circle) (?:all |the |every |any |each )?(?:of )?(?:the )?(?:\w+ ){0,2}(?:nouns?|verbs?|adjectives?|adverbs?|pronouns?|keywords?|entit(?:y|ies)|names of \w+|subject|predicate|topic|tense|part of speech|parts of speech|figure of speech|typos|errors?|mistakes?|prepositions?|words?|phrases?|main idea of the text)\b[^.?!\n]{0,40}\b(?:in|from|of|given|below)\b (?:the|this|these|a) (?:\w+ )?(?:sentence|text|paragraph|passage|keywords|list|following|below|article|phrase)/i,
  /\b(?:topic|theme|category|label)\b[^.?!\n]{0,20}\b(?:given|from|based on) (?:these|this|the)\b/i,
  /\b(?:summari[sz]e|sum up|shorten|analy[sz]e|review|evaluate|rate|critique|explain|comment on|respond to|reply to|answer) (?:this|these|it|my)\b(?! (?:statement|claim|event|events|theory|concept|period|topic|question|phenomenon|process|idea|novel|book|film|movie|play))/i,
]);

/** A text of its own below or behind a short order: a line break or a quotation, then more words than the order has. */
const payload: Rule = ({ text }: InstructionView) => {
  const [head = "", ...rest] = text.split(/\n+/);
  const below = rest.join(" ").split(/\s+/).filter(Boolean).length;
  const isOrder =
    /^(?:\W*)(?:summari|explain|describe|analy|identify|generate|create|write|find|give|suggest|provide|determine|decide|categori|rank|evaluate|rewrite|edit|choose|select|predict|label|detect|extract|construct|name|classify|compare|what|which|how|is|are|who|use|make|design|add|reword)/i.test(
      head,
    );
  const options = /\n\s*(?:[-*•]|\(?[A-Ha-h1-9][).:])\s/.test(text) && below < 80;
  if (isOrder && below >= 12 && !options && !/\?\s*$/.test(head)) return `${below} words of text follow the order`;
  if (below >= 40 && !options) return `${below} words of text are given`;
  const quoted = text.match(/["“][^"”]{60,}["”]/)?.[0];
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
  return operations(view) ?? cues(view) ?? (pointsAtChoices ? undefined : references(view)) ?? payload(view);
};
