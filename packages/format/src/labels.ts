import { RagInstructError } from "@rag-instruct/core";
import { readTokenizer } from "@rag-instruct/core/tokenizer";
import type { ChatMessage, ChatTemplate } from "./chat-template.ts";

/** A stretch of a rendered conversation, in UTF-16 code units, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A rendered conversation and what of it a trainer must train on. */
export interface LabelledChat {
  text: string;
  /** In order, not overlapping. */
  trained: Span[];
}

/** How far training goes at the end of an answer. */
export type TrainOn = "content" | "turn" | "completion";

/** Options of {@link labelChat}. */
export interface LabelOptions {
  template: ChatTemplate;
  messages: readonly ChatMessage[];
  /**
   * `content`: the answer alone. `turn`: the answer and the mark that ends the turn, without the white space after it,
   * as axolotl's `train_on_eos: turn` does. `completion`: all that follows the generation prompt, as TRL and the
   * method's training script do. @default "turn"
   */
  on?: TrainOn;
  /** @default ["assistant"] */
  roles?: readonly string[];
  variables?: Readonly<Record<string, unknown>>;
}

// Private-use characters, which no template looks at and no answer begins or ends with.
const mark = "\uE0A0\uE0A1";

/**
 * Finds what a trainer must train on in a rendered conversation: the turns of the assistant. The place of a turn is
 * read off the rendering itself, by rendering again with another text in that turn, so that templates that trim or wrap
 * the text need no special case. Throws `bad-input` where a template drops a turn.
 */
export function labelChat(options: LabelOptions): LabelledChat {
  const { template, messages, on = "turn", roles = ["assistant"], variables = {} } = options;
  const text = template.render(messages, { addGenerationPrompt: false, variables });
  const trained = messages.flatMap((message, index) => {
    if (!roles.includes(message.role)) return [];
    const turn = { template, messages, index, text, variables };
    const content = contentSpan(turn);
    if (on === "content") return [content];
    const end = turnEnd(turn, content);
    if (on === "completion") return [{ start: generationStart(turn) ?? content.start, end }];
    return [{ start: content.start, end: content.end + text.slice(content.end, end).trimEnd().length }];
  });
  return { text, trained };
}

interface Turn {
  template: ChatTemplate;
  messages: readonly ChatMessage[];
  index: number;
  text: string;
  variables: Readonly<Record<string, unknown>>;
}

function contentSpan({ template, messages, index, text, variables }: Turn): Span {
  const marked = messages.map((message, i) => (i === index ? { ...message, content: mark } : message));
  const other = template.render(marked, { addGenerationPrompt: false, variables });
  const start = other.indexOf(mark);
  const after = other.length - start - mark.length;
  const end = text.length - after;
  const agrees =
    start >= 0 &&
    start <= end &&
    text.startsWith(other.slice(0, start)) &&
    text.endsWith(other.slice(start + mark.length));
  if (!agrees) {
    throw new RagInstructError(
      "bad-input",
      `the chat template does not show turn ${index + 1} (${messages[index]!.role}) as it is`,
    );
  }
  return { start, end };
}

/** Where the next turn begins: the end of the conversation so far, as far as the template renders it as a prefix. */
function turnEnd({ template, messages, index, text, variables }: Turn, content: Span): number {
  if (index === messages.length - 1) return text.length;
  const soFar = template.render(messages.slice(0, index + 1), { addGenerationPrompt: false, variables });
  return text.startsWith(soFar) ? soFar.length : content.end;
}

/** Where generation would begin: after the prompt that opens the assistant's turn. */
function generationStart({ template, messages, index, text, variables }: Turn): number | undefined {
  const prompt = template.render(messages.slice(0, index), { addGenerationPrompt: true, variables });
  return text.startsWith(prompt) ? prompt.length : undefined;
}

/** Turns text to token ids without adding any, as `openTokenizer(folder)` gives it. */
export type EncodeText = (text: string) => number[];

/** The label that trainers ignore in the loss. */
export const ignored = -100;

/**
 * Token ids and labels of a rendered conversation: the id itself where a token holds trained text, -100 elsewhere. A
 * token that reaches over the edge of a span is trained. Edges are found by encoding the text up to them and keeping
 * what agrees with the whole, which needs no offsets from the tokenizer.
 */
export function labelTokens(
  { text, trained }: { text: string; trained: readonly Span[] },
  encode: EncodeText,
): { ids: number[]; labels: number[] } {
  const ids = encode(text);
  const labels = ids.map(() => ignored);
  for (const { start, end } of trained) {
    const from = agreeing(ids, encode(text.slice(0, start)));
    const upTo = end === text.length ? ids.length : tokensThrough(ids, encode(text.slice(0, end)));
    for (let i = from; i < upTo; i++) labels[i] = ids[i]!;
  }
  return { ids, labels };
}

function agreeing(ids: readonly number[], prefix: readonly number[]): number {
  let count = 0;
  while (count < prefix.length && ids[count] === prefix[count]) count++;
  return count;
}

function tokensThrough(ids: readonly number[], prefix: readonly number[]): number {
  const count = agreeing(ids, prefix);
  return count < prefix.length ? count + 1 : count;
}

/** A model's tokenizer, for counting and for labels. */
export interface TextTokenizer {
  /** The folder it comes from. */
  id: string;
  /** Token ids of a text, without the marks a model adds around it. */
  encode(text: string): number[];
}

/**
 * Opens the tokenizer of a model folder by its `tokenizer.json`, whose ids are those of Python's tokenizers. Throws `file-missing`,
 * `file-corrupt` and `unknown-format`.
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const { ids } = await readTokenizer(folder);
  return { id: folder, encode: ids };
}
