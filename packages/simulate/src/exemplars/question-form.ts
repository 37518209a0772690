import { type Task, trimEndOf } from "@rag-instruct/core";

const form =
  "essays?|articles?|reports?|blog(?: post| article)?s?|papers?|guides?|biograph(?:y|ies)|overviews?|introductions?|dissertations?|reviews? of the literature";

// The first rule that fits decides; the order goes from the most telling form to the least.
const taskForms: readonly [Task, RegExp][] = [
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
  if (/\b(?:options|choices)[^\S\n]*(?::[^\S\n]*)?\n\s*(?:[-*]\s*)?(?:yes|no)\b/i.test(question)) return "yes-no";
  return taskForms.find(([, pattern]) => pattern.test(bare))?.[0] ?? "open";
}

// What stands around a question in prompts and chats and says nothing of it. Each is taken off as long as any is there.
const openers: readonly RegExp[] = [
  /^(?:hi|hello|hey|greetings|good (?:morning|afternoon|evening)|dear (?:chatgpt|ai|assistant))(?: (?:there|chatgpt|gpt|assistant|ai|all|guys))?[\s,.!:-]+/i,
  /^(?:q|ques|question|prompt|instructions?|input|human|user|task)\s*:\s*/i,
  /^(?:please |kindly )?answer (?:me )?(?:the|this) (?:following )?(?:question|query)[\s.:,]*/i,
  /^(?:combine facts and answer this|here(?:'|’)?s (?:a|my) question|i have a question|quick question|question for you)[\s.:,-]*/i,
  /^(?:please|pls|plz|kindly|ok|okay|so|well|now|also|and)[\s,]+/i,
  /^(?:can|could|would|will) (?:you|u|someone|anyone)(?: (?:please|pls|kindly|possibly|help me(?: to)?))*[\s,]+/i,
  /^(?:i(?:'|’)?d|i would) (?:like|love)(?: for)? you to\s+/i,
  /^i (?:want|need) you to\s+/i,
  /^["“'‘*#>\s]+/,
];
const answerCue = /(?:a|ans|answer|response|output|assistant|solution)\s*:$/i;
const stepByStep =
  /(?:let(?:'|’)?s (?:think|solve|answer)|think|explain|answer|solve it|reason)[\w\s,]{0,200} step[- ]by[- ]step[\s.:!]*$/i;
// Greetings and cues are a few; a text that is nothing else is no question.
const maxLayers = 20;

/** A question without greetings, politeness and the cues of prompts ("Q:", "Answer:", "step by step"), to tell its form by. */
export function bareQuestion(text: string): string {
  let bare = text.trim();
  for (let before = "", layers = 0; before !== bare && layers < maxLayers; layers++) {
    before = bare;
    for (const opener of openers) bare = bare.replace(opener, "");
    bare = bare.trimEnd().replace(answerCue, "").trimEnd();
    const request = bare.search(stepByStep);
    if (request >= 0) bare = trimEndOf(bare.slice(0, request), /[\s.,;:!]/);
    bare = trimEndOf(bare, /["”'’*\s]/);
  }
  return bare || text.trim();
}

const lettered = /(?:^|[\s,;:?.])\(?([A-Ha-h])[).:]\s*(?=\S)/g;
const numbered = /(?:^|[\s,;:?])\(?([1-9])[).]\s+(?=\S)/g;
// Numbers stand before steps, points and questions as well, so that the sentence before them has to ask for one of them.
const choosing = /\b(?:which|choose|select|pick|correct|best|options|choices|alternatives)\b|_{2,}/i;
const asksForThing =
  /(?:^|[.!:\n])\W{0,20}(?:what|who|whom|whose|where|when|how (?:many|much|long|old|far|often|tall|big|large))\b/i;
const asksOfEach =
  /\b(?:these|following|each|all|some|below)\b(?: \w+){0,2} (?:points|steps|topics|things|items|terms|concepts|questions|sentences|tasks|words|lines|aspects|criteria|requirements|instructions|sections|parts)\b/i;
const heading = /^(?:options|choices)\s*:?$/i;
const bullet = /^[-*•]\s+(?=\S)/;
// A question has some choices; a text with hundreds of marks is a list.
const maxMarks = 400;

/**
 * Takes the choices out of a multiple-choice instruction: letters from A or numbers from 1 in order, or a list under "Options:". Undefined
 * options where there are none for certain. What follows a choice on its line belongs to it; a closing "Answer:" does not.
 */
export function splitOptions(question: string): { question: string; options?: string[] } {
  const text = withoutLastLine(question, /^(?:answer|ans|a)\s*:?$/i);
  const found = bulletedOptions(text) ?? markedOptions(text, lettered) ?? numberedOptions(text);
  if (!found) return { question };
  const distinct = new Set(found.options.map((option) => option.toLowerCase()));
  const isVerdict = [...distinct].every((option) =>
    /^(?:yes|no|true|false|maybe|it's impossible to say)$/.test(option),
  );
  return distinct.size < found.options.length || isVerdict ? { question } : found;
}

/** A text without its last line where that matches; what is blank around it goes with it. */
function withoutLastLine(text: string, pattern: RegExp): string {
  const end = text.trimEnd();
  const at = end.lastIndexOf("\n");
  return at >= 0 && pattern.test(end.slice(at + 1).trim()) ? end.slice(0, at).trimEnd() : text;
}

/** Choices as a list to the text's end; what stands behind a list may be part of the question. */
function bulletedOptions(text: string): { question: string; options: string[] } | undefined {
  const lines = text.split("\n");
  const at = lines.findLastIndex((line) => heading.test(line.trim()));
  if (at < 1) return undefined;
  const items = lines.slice(at + 1).flatMap((line) => line.trim() || []);
  if (items.length < 2 || !items.every((item) => bullet.test(item))) return undefined;
  return checked(
    lines.slice(0, at).join("\n"),
    items.map((item) => item.replace(bullet, "").trim()),
  );
}

/** Choices with numbers, where the question asks for one of them, none is a question itself and each stands on one line. */
function numberedOptions(text: string): { question: string; options: string[] } | undefined {
  const found = markedOptions(text, numbered);
  if (!found || found.options.some((option) => /[?？]\s*$|\n/.test(option))) return undefined;
  const isChoice =
    asksForOne(found.question) && (!asksOfEach.test(found.question) || /\bwhich\b/i.test(found.question));
  return isChoice ? found : undefined;
}

function asksForOne(question: string): boolean {
  const end = question.trimEnd();
  const last = end.endsWith("?") ? end.slice(end.lastIndexOf("?", end.length - 2) + 1) : "";
  return choosing.test(question) || asksForThing.test(last);
}

function markedOptions(text: string, pattern: RegExp): { question: string; options: string[] } | undefined {
  const marks = [...text.matchAll(pattern)];
  if (marks.length > maxMarks) return undefined;
  for (const [from, first] of marks.entries()) {
    if (!/[A1]/i.test(first[1]!)) continue;
    const run = runFrom(marks.slice(from));
    if (run.length < 2) continue;
    const options = run.map((mark, i) => text.slice(mark.index + mark[0].length, run[i + 1]?.index).trim());
    const found = checked(
      text.slice(0, first.index + 1),
      options.map((option) => option.replace(/[,;]$/, "")),
    );
    if (found) return found;
  }
  return undefined;
}

/** The longest beginning in which each letter or number follows the one before, all in one case. */
function runFrom(marks: readonly RegExpExecArray[]): RegExpExecArray[] {
  const run: RegExpExecArray[] = [];
  for (const mark of marks) {
    const expected = marks[0]![1]!.charCodeAt(0) + run.length;
    if (mark[1]!.charCodeAt(0) === expected) run.push(mark);
  }
  return run;
}

function checked(question: string, options: string[]): { question: string; options: string[] } | undefined {
  const stem = trimEndOf(withoutLastLine(question, heading), /[\s([]/).replace(/\s(?:options|choices)\s*:?$/i, "");
  // A choice of several lines or of a hundred words is a passage, not a choice.
  const areChoices = options.every((option) => option !== "" && option.length < 600 && !option.includes("\n\n"));
  return areChoices && options.length > 1 && stem.trim().length > 2 ? { question: stem.trim(), options } : undefined;
}
