import { finding, type TextFinding } from "./text-finding.ts";

// Tabs and line ends are text; what else is below the space, behind the tilde or half a character is not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffd\ufffe\uffff]|\p{Surrogate}/u;

/** Characters that no text has: control characters, halves of characters, and U+FFFD where bytes were no text. */
export function controlCharacterIn(text: string): TextFinding | undefined {
  const found = control.exec(text);
  if (!found) return undefined;
  const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  const around = text.slice(Math.max(0, found.index - 20), found.index + 20).toWellFormed();
  return finding("control-characters", `it holds the character U+${code}`, around);
}

/** Patterns with what they show, in the order in which they are tried. */
type Marks = readonly (readonly [pattern: RegExp, what: string])[];

const templateMarks: Marks = [
  [/<\|[a-z_]{2,30}\|>|<｜[^｜<>]{2,30}｜>/iu, "a mark of a chat template"],
  [
    /<\/?(?:s|bos|eos|pad|unk|sep|cls|start_of_turn|end_of_turn|think|tool_call|im_start|im_end|assistant|human)>/i,
    "a mark of a chat template",
  ],
  [/\[\/?INST\]|<<\/?SYS>>/, "a mark of a chat template"],
  [/^#{2,3} ?(?:instructions?|response|input|human|assistant|user|system)\s?:/im, "a heading of a prompt"],
  [/^(?:human|assistant|user|system|ai|bot) ?: ?(?=\S)/im, "a speaker of a chat"],
  [/\{%-?[^%{}]{1,80}-?%\}/, "a tag of a template"],
  [/\{\{[^{}]{1,60}\}\}/, "a field of a template"],
  [/<document(?:-[0-9a-f]{6})? number="\d{1,3}">/, "a tag of the prompt"],
  [/^\W{0,4}"?(?:question|answer|options)"\W{0,2}: ?["[]/, "a field of the reply's form"],
  [/"(?:additionalProperties|\$schema)" ?:/, "a field of the reply's form"],
];

// An answer may quote a label inside; at its start, or where another question begins, a label is left over.
const labels: Marks = [
  [
    /^["'*_#\s]{0,8}(?:the )?(?:new )?(?:question|answer|q|a(?!:[\s\S]{0,2000}\nB:)|ans|frage|antwort|pregunta|respuesta|réponse|domanda|risposta|pergunta|resposta|vraag|antwoord|вопрос|ответ|问题|答案|答|質問|回答|質問文|질문|답변|정답)\d{0,2}[*_]{0,2} ?[:：]/iu,
    "a label",
  ],
  [
    /\n["'*_#\s]{0,8}(?:question|q\d{1,2}|frage|pregunta|domanda|pergunta|vraag|вопрос|问题|質問|질문)\d{0,2}[*_]{0,2} ?[:：]/iu,
    "a second question",
  ],
];

/** What is left of a template, a prompt or the form of the reply. */
export function templateLeftoverIn(text: string): TextFinding | undefined {
  return markIn(text, "template-leftover", [...templateMarks, ...labels]);
}

const slot =
  "your|insert|enter|fill|add|name|answer|question|topic|title|text|here|value|placeholder|date|number|city|country|company|author|year|example|place|location|subject|word|term|description|link|url|response|option|person|blank|xx+|deine?|ihre?|antwort|frage|votre|réponse|nom|tu|su|respuesta|pregunta|nombre|nome|risposta|resposta|answers|ответ|имя|答案|名字|回答|名前|답변|이름";
const placeholders: Marks = [
  [
    new RegExp(
      String.raw`\[(?:(?:${slot})(?:[ _-][\p{L}\p{N}'’_-]{1,20}){0,5}|[\p{L}_' -]{0,30} (?:here|goes here))\](?![(\[])`,
      "iu",
    ),
    "a place to be filled in",
  ],
  [
    /<(?:your|insert|enter|answer|question|placeholder|fill)(?:[ _-][\p{L}\p{N}'’_-]{1,20}){0,5}>/iu,
    "a place to be filled in",
  ],
  [
    /(?<![\p{L}\p{N}\\$_^{}#/@(=.`])\{(?:[a-z]{3,20}(?:_[a-z]{1,20}){0,3})\}(?![\p{L}\p{N}{}/_^])/u,
    "a place to be filled in",
  ],
  [/^\W{0,4}(?:TODO|TBD|FIXME|TBA|XXX+)(?![\p{L}\p{N}]| (?:lists?|items?|apps?)\b)/u, "a place to be filled in"],
  [/(?<![\p{L}\p{N}])lorem ipsum(?![\p{L}\p{N}])/iu, "a filler text"],
  [/^(?:insert|enter|type|write) (?:your|the) (?:answer|question|text|response) here/i, "a place to be filled in"],
];

// The one mark of an answer such as "+", "∅" or "π" says something; these say nothing alone.
const nothing = /^[\s.…\-–—_?¿!*#"'“”‘’()[\]{}|~`。、？！]+$/u;

/** What stands for an answer that is still to be written. */
export function placeholderIn(text: string): TextFinding | undefined {
  if (text.trim() === "") return finding("placeholder", "it is empty", "");
  if (nothing.test(text)) return finding("placeholder", "it holds no letter, digit or symbol", text);
  return markIn(text, "placeholder", placeholders);
}

function markIn(text: string, reason: TextFinding["reason"], marks: Marks): TextFinding | undefined {
  for (const [pattern, what] of marks) {
    const found = pattern.exec(text)?.[0];
    if (found) return finding(reason, `it holds ${what}: “${found.trim()}”`, found);
  }
  return undefined;
}

/** A text with a word in the place of its code, which may hold anything. */
export function withoutCode(text: string): string {
  if (!text.includes("`")) return text;
  const prose = text.split("```").filter((_, i) => i % 2 === 0);
  return prose.join(" code ").replace(/`[^`\n]{1,200}`/g, "code");
}
