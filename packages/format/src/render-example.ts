import { Template } from "@huggingface/jinja";
import {
  type InstructionInput,
  paragraphOf,
  questionWithOptions,
  RagInstructError,
  renderInstruction,
  seededRandom,
  type TrainingExample,
} from "@rag-instruct/core";

/** How examples become prompts. */
export interface RenderOptions {
  /**
   * Id of a built-in template, a template of your own, a list to choose from for each example by seed and id, or
   * "varied": all built-in ones. @default "rag-instruct", the method's own
   */
  template?: TemplateChoice;
  /** Put "title: " in front of each document's text. @default false */
  titles?: boolean;
  /** Decides, with each example's id, the template where there is a choice. @default 0 */
  seed?: number | string;
}

/** See {@link RenderOptions}. */
export type TemplateChoice = string | PromptTemplate | readonly (string | PromptTemplate)[];

/** A prompt and the template it was made with. */
interface RenderedPrompt {
  prompt: string;
  template: string;
}

/** The prompt of one example: documents and question, without the answer. */
export function renderExample(example: TrainingExample, options: RenderOptions = {}): string {
  return exampleRenderer(options)(example).prompt;
}

/**
 * Checks the templates once and gives a function that renders many examples, each in another template for another layout as long as there are
 * others. Throws `bad-option`.
 */
export function exampleRenderer({
  template = "rag-instruct",
  titles = false,
  seed = 0,
}: RenderOptions = {}): (example: TrainingExample, layout?: number) => RenderedPrompt {
  const templates = chosenTemplates(template);
  const numbering = templates.filter(numbersDocuments);
  return (example, layout = 0) => {
    const among = example.cites ? numbering : templates;
    if (among.length === 0) throw badTemplate(templates[0]!.id, "does not number documents, which an answer cites");
    const random = among.length > 1 ? seededRandom(seed, "template", example.id) : undefined;
    const first = random ? random.pick(among) : among[0]!;
    const others = () => random!.shuffle(among.filter((other) => other !== first));
    const chosen = layout === 0 || !random ? first : [first, ...others()][layout % among.length]!;
    const { documents, question, options } = example;
    return { prompt: chosen.render({ documents, question, titles, options }), template: chosen.id };
  };
}

/**
 * Where the texts of an example's documents stand in its prompt, in code points, as Python counts them; empty where one of them does not stand
 * there as it is.
 */
export function documentSpans(
  { documents, question }: TrainingExample,
  prompt: string,
  { titles = false }: Pick<RenderOptions, "titles"> = {},
): [start: number, end: number][] {
  const asked = prompt.indexOf(question);
  const spans: [number, number][] = [];
  let from = 0;
  for (const document of documents) {
    const text = [paragraphOf(document, { titles }), document.text].find((text) => prompt.indexOf(text, from) >= 0);
    if (!text) return [];
    let start = prompt.indexOf(text, from);
    // A question that holds the text of a document is never touched.
    if (start >= asked && start < asked + question.length) start = prompt.indexOf(text, asked + question.length);
    if (start < 0) return [];
    from = start + text.length;
    spans.push([start, from]);
  }
  const points = codePointCounter(prompt);
  return spans.map(([start, end]) => [points(start), points(end)]);
}

/** Counts the code points before places of a text that come in order. */
function codePointCounter(text: string): (place: number) => number {
  let [at, points] = [0, 0];
  return (place) => {
    for (; at < place; points++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    return points;
  };
}

function chosenTemplates(choice: TemplateChoice): PromptTemplate[] {
  const list = choice === "varied" ? promptTemplates : [choice].flat();
  const templates = list.map((one) => (typeof one === "string" ? builtIn(one) : (one as PromptTemplate)));
  if (templates.length === 0) throw new RagInstructError("bad-option", "template is an empty list; name at least one");
  for (const template of templates) checkTemplate(template);
  return templates;
}

function builtIn(id: string): PromptTemplate {
  const found = promptTemplates.find((template) => template.id === id);
  if (found) return found;
  const known = promptTemplates.map((template) => template.id).join(", ");
  throw new RagInstructError("bad-option", `no template is called ${id}; there are ${known} and varied`);
}

/** What a template lays out. */
export interface TemplateInput extends InstructionInput {
  /** Whether "title: " stands in front of each document's text. */
  titles: boolean;
}

/** Lays out documents and question as one prompt. */
export interface PromptTemplate {
  id: string;
  render(input: TemplateInput): string;
}

/** The method's own layout, and the one that evaluation prompts with. */
const ragInstruct: PromptTemplate = {
  id: "rag-instruct",
  render: ({ titles, ...input }) => renderInstruction(input, { titles }),
};

/**
 * The built-in templates. The method trains on seven layouts of the same material so that a model learns the task and
 * not one form of it; the first is its published form, the others are worded for this project.
 */
export const promptTemplates: readonly PromptTemplate[] = [
  ragInstruct,
  alternate(
    "passages-then-task",
    bracketed,
    (passages, task) => `Passages found for this task:\n${passages}\n\nTask:\n${task}\n`,
  ),
  alternate(
    "use-what-helps",
    dotted,
    (passages, task) =>
      `Some of these passages may help you and some may not.\n\n${passages}\n\nWith what helps, respond to this:\n${task}`,
  ),
  alternate(
    "context-question",
    bare,
    (passages, task) => `### Context\n${passages}\n\n### Question\n${task}\n\n### Answer\n`,
  ),
  alternate("question-first", bracketed, (passages, task) => `${task}\n\nA search returned these texts:\n${passages}`),
  alternate("sources-request", dotted, (passages, task) => `**Sources**\n${passages}\n\n**Request**\n${task}`),
  alternate(
    "tagged",
    (lines) => lines.map((line, i) => `<document number="${i + 1}">${line}</document>`).join("\n"),
    (passages, task) => `<documents>\n${passages}\n</documents>\n\n<request>\n${task}\n</request>`,
  ),
];

/**
 * A template in Jinja. It sees `documents` (each with `title` and `text`), `paragraphs` (the documents numbered as the
 * method does, one a line), `question`, `options`, and `instruction` (the question with its choices).
 * Throws `bad-option` when it cannot be parsed.
 */
export function jinjaTemplate({ id, source }: { id: string; source: string }): PromptTemplate {
  const template = parseJinja(id, source);
  return {
    id,
    render: ({ titles, ...input }) =>
      template.render({
        documents: input.documents.map(({ title = "", text }) => ({ title, text })),
        paragraphs: bracketed(input.documents.map((document) => paragraphOf(document, { titles }))),
        question: input.question,
        options: input.options ?? [],
        instruction: questionWithOptions(input),
      }),
  };
}

/**
 * Makes sure that a template shows the question and every document. Throws `bad-option` and names what is missing.
 */
function checkTemplate({ id, render }: PromptTemplate): void {
  const marks = { question: "mark-q7", first: "mark-d1", second: "mark-d2" };
  const documents = [marks.first, marks.second].map((text) => ({ title: "", text }));
  const prompt = render({ documents, question: marks.question, titles: false });
  if (!prompt.includes(marks.question)) throw badTemplate(id, "has no place for the question");
  if (!documents.every(({ text }) => prompt.includes(text))) throw badTemplate(id, "does not show every document");
}

/** Whether a template shows each document behind its number. */
function numbersDocuments({ render }: PromptTemplate): boolean {
  const marks = ["mark-first", "mark-other"];
  const prompt = render({ documents: marks.map((text) => ({ title: "", text })), question: "mark-q", titles: false });
  return marks.every((mark, i) => new RegExp(`\\b${i + 1}\\D{1,20}${mark}`).test(prompt));
}

function parseJinja(id: string, source: string): Template {
  try {
    return new Template(source);
  } catch (error) {
    throw new RagInstructError("bad-option", `template ${id} is not valid Jinja: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function badTemplate(id: string, what: string): RagInstructError {
  return new RagInstructError("bad-option", `template ${id} ${what}; give it one`);
}

function alternate(
  id: string,
  number: (lines: string[]) => string,
  place: (passages: string, task: string) => string,
): PromptTemplate {
  return {
    id,
    render({ documents, titles, ...task }) {
      if (documents.length === 0) return renderInstruction({ documents, ...task });
      return place(number(documents.map((document) => paragraphOf(document, { titles }))), questionWithOptions(task));
    },
  };
}

function bracketed(lines: string[]): string {
  return lines.map((line, i) => `[${i + 1}] ${line}`).join("\n");
}

function dotted(lines: string[]): string {
  return lines.map((line, i) => `${i + 1}. ${line}`).join("\n");
}

function bare(lines: string[]): string {
  return lines.join("\n");
}
