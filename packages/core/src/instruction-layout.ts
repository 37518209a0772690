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

/** The letter of a choice: 0 is A. Throws a RangeError beyond Z. */
export function optionLetter(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > 25) throw new RangeError(`no letter for choice ${index}`);
  return String.fromCharCode(65 + index);
}
