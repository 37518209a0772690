import { RagInstructError, seededRandom, type TrainingExample } from "@rag-instruct/core";
import { checkTemplate, type PromptTemplate, promptTemplates } from "./templates.ts";

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
export interface RenderedPrompt {
  prompt: string;
  template: string;
}

/** The prompt of one example: documents and question, without the answer. */
export function renderExample(example: TrainingExample, options: RenderOptions = {}): string {
  return exampleRenderer(options)(example).prompt;
}

/** Checks the templates once and gives a function that renders many examples. Throws `bad-option`. */
export function exampleRenderer({
  template = "rag-instruct",
  titles = false,
  seed = 0,
}: RenderOptions = {}): (example: TrainingExample) => RenderedPrompt {
  const templates = chosenTemplates(template);
  return (example) => {
    const random = templates.length > 1 ? seededRandom(seed, "template", example.id) : undefined;
    const chosen = random ? random.pick(templates) : templates[0]!;
    const { documents, question, options } = example;
    return { prompt: chosen.render({ documents, question, titles, options }), template: chosen.id };
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
