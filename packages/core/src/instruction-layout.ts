import { normalizeAnswer } from "./normalize-answer.ts";
import type { EarlierTurn, Pair } from "./types.ts";

/** What {@link renderInstruction} lays out. */
export interface InstructionInput {
  /** In the order shown; each becomes one numbered paragraph. None gives the question alone, for closed-book answers. */
  documents: readonly { title?: string; text: string }[];
  question: string;
  /** Choices without their letters; they follow the question as `A. …`, one a line. */
  options?: readonly string[];
}

/**
 * The prompt of the method (RAG-Instruct, arXiv 2501.00353, README): numbered paragraphs under `### Paragraph:`, one a
 * line, then the question under `### Instruction:`. Training and evaluation use these same bytes. White space inside a
 * document is kept, except that line breaks become spaces, because a line is a document. Titles are left out unless asked for.
 * @param options.titles put "title: " in front of each document's text. @default false
 */
export function renderInstruction(
  { documents, question, options }: InstructionInput,
  { titles = false }: { titles?: boolean } = {},
): string {
  const instruction = `### Instruction:\n${questionWithOptions({ question, options })}\n`;
  if (documents.length === 0) return instruction;
  const paragraphs = documents.map((document, i) => `[${i + 1}] ${paragraphOf(document, { titles })}`);
  return `### Paragraph:\n${paragraphs.join("\n")}\n\n${instruction}`;
}

/** A document as one line. @param options.titles put "title: " in front of the text. @default false */
export function paragraphOf(
  { title, text }: { title?: string; text: string },
  { titles = false }: { titles?: boolean } = {},
): string {
  return (titles && title ? `${title}: ${text}` : text).replace(/[\r\n]+/g, " ");
}

/** The question, then its choices as `A. …`, one a line. */
export function questionWithOptions({ question, options = [] }: Omit<InstructionInput, "documents">): string {
  return [question, ...options.map((option, i) => `${optionLetter(i)}. ${option}`)].join("\n");
}

/** The question of a pair or an example as it is understood without the earlier turns of its conversation, such as by a retriever. */
export function standaloneQuestion({
  question,
  standalone = question,
}: {
  question: string;
  standalone?: string;
}): string {
  return standalone;
}

/** The letter of a choice: 0 is A. Throws a RangeError beyond Z. */
export function optionLetter(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > 25) throw new RangeError(`no letter for choice ${index}`);
  return String.fromCharCode(65 + index);
}

// "C++" and "B-52" are no letters of choices, and "A boat" and "I think" begin with a word.
const leadingLetter = /^[^\p{L}\p{N}]*(?:([A-Z])(?<![AI])|([AI])(?!\s+[\p{L}\p{N}]))(?!['’-]?[\p{L}\p{N}]|[+#])/u;

// "b", "(b)", "b) a boat": small letters are choices where nothing but a mark is with them.
const smallLetter = /^[^\p{L}\p{N}]{0,9}([a-z])(?:[^\p{L}\p{N}]*$|[).:]{1,2}\s)/u;
// "The answer is B", "Option (c)", "Antwort: B", "答案是B".
const announcedLetter =
  /^[^\p{L}\p{N}]{0,9}(?:(?:the|my|die|la) )?(?:(?:correct|right|best|final|richtige|bonne) )?(?:answer|option|choice|antwort|réponse|respuesta|risposta|resposta|antwoord|ответ|答案)\s?[:：是为為]{0,2}\s?(?:is|ist|est|es|è|é)?:? ?(?:option )?[^\p{L}\p{N}]{0,9}(?:([b-hj-z])|([ai])(?!\s+[\p{L}\p{N}]))(?!['’-]?[\p{L}\p{N}]|[+#])/iu;

/** Place of the choice that an answer names by its text or its letter: "a boat", "B", "(b)", "B. a boat", "The answer is B". Undefined where it names none. */
export function chosenOption(answer: string, options: readonly string[]): number | undefined {
  const text = answer.trim().toLowerCase();
  const exact = options.findIndex((option) => option.trim().toLowerCase() === text);
  if (exact >= 0) return exact;
  const found = leadingLetter.exec(answer) ?? smallLetter.exec(answer) ?? announcedLetter.exec(answer);
  const letter = (found?.[1] ?? found?.[2])?.toUpperCase();
  if (letter !== undefined && letter.charCodeAt(0) - 65 < options.length) return letter.charCodeAt(0) - 65;
  // Options may differ by signs that do not count in an answer: C++ and C#.
  const plain = normalizeAnswer(answer);
  const alike = options.flatMap((option, i) => (normalizeAnswer(option) === plain ? i : []));
  return alike.length === 1 ? alike[0] : undefined;
}

// Numbers of documents in square brackets, several in a row or in one bracket: [1], [1][3], [1, 3].
const citations = /(?: ?\[\d{1,2}(?:, ?\d{1,2}){0,19}\])+/g;

/** The numbers of the documents that a text cites in square brackets, each once, in the order of the text. */
export function citedNumbers(text: string): number[] {
  const found = (text.match(citations) ?? []).flatMap((run) => run.match(/\d+/g)!.map(Number));
  return [...new Set(found)];
}

/**
 * A text with its citations renumbered, those of one place in order, such as `[3][7]`. One whose document has no number is left out; a text
 * without citations is left as it is.
 * @param numberOf the new number of a document by its old one
 */
export function renumberCitations(text: string, numberOf: (number: number) => number | undefined): string {
  return text.replace(citations, (run) => {
    const numbers = citedNumbers(run).map(numberOf);
    const kept = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
    if (kept.length === 0) return "";
    return (run.startsWith(" ") ? " " : "") + [...new Set(kept)].map((number) => `[${number}]`).join("");
  });
}

/** A text without its citations. */
export function withoutCitations(text: string): string {
  return renumberCitations(text, () => undefined);
}

/** The answer of a pair or an example as it reads where its documents have no numbers. */
export function plainAnswer({ answer, cites }: { answer: string; cites?: boolean }): string {
  return cites ? withoutCitations(answer) : answer;
}

/** The text of the answer: of a multiple-choice question the text of the right option. */
export function answerText({ answer, options = [] }: { answer: string; options?: readonly string[] }): string {
  return options[chosenOption(answer, options) ?? -1] ?? answer;
}

/** A pair as it stands before a later turn: without documents, and so without the numbers of any. */
export function earlierTurn(
  pair: Pick<Pair, "question" | "answer" | "options" | "cites"> & { id?: string },
): EarlierTurn {
  const { id, options } = pair;
  return { id, question: questionWithOptions(pair), answer: answerText({ answer: plainAnswer(pair), options }) };
}
