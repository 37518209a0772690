import { hashOf, type TrainingExample } from "@rag-instruct/core";

/** One way to write examples as JSON records, and to read them back. */
export interface RecordFormat {
  /** Name of the file in the output folder. */
  file: string;
  /** JSON Lines, or one JSON array. */
  layout: "lines" | "array";
  /** The record of one example; undefined where it has no place in this format. */
  toRecord(example: TrainingExample, prompt: string, place?: PromptPlace): object | undefined;
  /** The example of a record; undefined where the record is not of this format. */
  fromRecord(record: Readonly<Record<string, unknown>>): TrainingExample | undefined;
}

/** What a trainer that cuts documents and varies layouts is told of a prompt. */
export interface PromptPlace {
  /** Where the texts of the documents stand in the prompt, in code points. */
  documents: readonly (readonly [start: number, end: number])[];
  /** Which layout of its example it is, from 1; undefined where each has one. */
  layout?: number;
}

/** What a record made elsewhere says of an example; ids are hashes of the content. */
export function exampleFrom({
  question,
  answer,
  documents,
}: {
  question: string;
  answer: string;
  documents: readonly string[];
}): TrainingExample {
  return {
    id: hashOf({ question, answer, documents }),
    paradigm: "unknown",
    question,
    answer,
    documents: documents.map((text) => ({ id: hashOf({ text }), title: "", text, role: "unknown" })),
  };
}

/** An example from a prompt of the method's layout and its answer. */
export function exampleFromPrompt(prompt: unknown, answer: unknown): TrainingExample | undefined {
  if (typeof prompt !== "string" || typeof answer !== "string") return undefined;
  const parsed = parseInstruction(prompt);
  return parsed && exampleFrom({ ...parsed, answer });
}

/** The turns of an example, each as one format names who speaks: those before it as they were spoken, then its prompt and its answer. */
export function turnsOf<T>(
  { history = [], answer }: TrainingExample,
  prompt: string,
  { user, assistant }: { user(text: string): T; assistant(text: string): T },
): T[] {
  const earlier = history.flatMap((turn) => [user(turn.question), assistant(turn.answer)]);
  return [...earlier, user(prompt), assistant(answer)];
}

/** One turn of a conversation that some formats write as `{ role, content }` and others as `{ from, value }`. */
export interface Turn {
  speaker: unknown;
  text: unknown;
}

/**
 * An example from a conversation: the last user turn that holds documents is the prompt, else the first one; the assistant turn after it is the
 * answer, and the turns before it are the history.
 */
export function exampleFromTurns(turns: readonly Turn[]): TrainingExample | undefined {
  const isUser = ({ speaker }: Turn) => speaker === "user" || speaker === "human";
  const isReply = (turn: Turn | undefined) => turn?.speaker === "assistant" || turn?.speaker === "gpt";
  const holdsDocuments = (turn: Turn, i: number) =>
    isUser(turn) && isReply(turns[i + 1]) && String(turn.text).startsWith(paragraphHead);
  const last = turns.findLastIndex(holdsDocuments);
  const at = last < 0 ? turns.findIndex(isUser) : last;
  if (at < 0 || !isReply(turns[at + 1])) return undefined;
  const example = exampleFromPrompt(turns[at]?.text, turns[at + 1]?.text);
  const history = turns
    .slice(0, at)
    .flatMap((turn, i) =>
      isUser(turn) && isReply(turns[i + 1])
        ? [{ question: String(turn.text), answer: String(turns[i + 1]!.text) }]
        : [],
    );
  return example && history.length > 0 ? { ...example, history } : example;
}

const paragraphHead = "### Paragraph:\n";
const instructionHead = "### Instruction:\n";

/**
 * Reads a prompt of the method's layout back into its documents and question, the inverse of core's `renderInstruction`
 * (titles and choices stay where they were written, in text and question).
 * @returns undefined for a prompt of another layout
 */
export function parseInstruction(prompt: string): { documents: string[]; question: string } | undefined {
  if (prompt.startsWith(instructionHead))
    return { documents: [], question: body(prompt.slice(instructionHead.length)) };
  if (!prompt.startsWith(paragraphHead)) return undefined;
  const end = prompt.indexOf(`\n\n${instructionHead}`, paragraphHead.length);
  if (end < 0) return undefined;
  const lines = prompt.slice(paragraphHead.length, end).split("\n");
  if (!lines.every((line, i) => line.startsWith(`[${i + 1}] `))) return undefined;
  const documents = lines.map((line, i) => line.slice(`[${i + 1}] `.length));
  return { documents, question: body(prompt.slice(end + 2 + instructionHead.length)) };
}

function body(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
