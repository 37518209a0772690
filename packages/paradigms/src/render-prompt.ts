import { type Exemplar, hashOf, optionLetter, type Passage, RagInstructError } from "@rag-instruct/core";
import type { z } from "zod";
import { freeTag } from "./delimiters.ts";
import type { Paradigm } from "./paradigm.ts";
import { type Reply, replyForm, replySchema } from "./reply.ts";
import { common, taskForms } from "./shared-text.ts";

/** A prompt for one pair. `instructions` and `prompt` spread into the AI SDK's generateText. */
export interface Prompt {
  instructions: string;
  prompt: string;
  /** The reply's shape, for `Output.object({ schema })`. */
  schema: z.ZodType<Reply>;
  /** The paradigm's id and a hash of all fixed text in the prompt; part of the ledger key. */
  version: string;
}

/**
 * The prompt that asks a model for one pair.
 * Throws `bad-option` when the paradigm does not take so many documents.
 * @param options.language language of question and answer, such as "German". @default that of the documents
 */
export function renderPrompt(options: {
  paradigm: Paradigm;
  documents: readonly Passage[];
  exemplar: Pick<Exemplar, "question" | "task" | "options">;
  language?: string;
}): Prompt {
  const { paradigm, documents, exemplar, language } = options;
  const { min, max } = paradigm.documents;
  if (documents.length < min || documents.length > max) {
    throw new RagInstructError(
      "bad-option",
      `paradigm ${paradigm.id} takes ${min === max ? min : `${min} to ${max}`} documents, not ${documents.length}`,
    );
  }
  return { ...fixedPart(paradigm, exemplar.task, language), prompt: renderMaterial(documents, exemplar) };
}

type FixedPart = Omit<Prompt, "prompt">;

const fixedParts = new WeakMap<Paradigm, Map<string, FixedPart>>();

/** What is the same in all prompts of a paradigm for one kind of task in one language, made once. */
function fixedPart(paradigm: Paradigm, task: Exemplar["task"], language: string | undefined): FixedPart {
  const parts = fixedParts.get(paradigm) ?? new Map<string, FixedPart>();
  fixedParts.set(paradigm, parts);
  const name = `${task} ${language ?? ""}`;
  const known = parts.get(name);
  if (known) return known;
  const languageRule = language
    ? `- Write question and answer in ${language}.`
    : "- Write question and answer in the language of the documents.";
  const form = `${taskForms[task]}\n${replyForm(task, paradigm.reply)}`;
  const part: FixedPart = {
    instructions: [paradigm.instructions, `${common}\n${languageRule}`, form].join("\n\n"),
    schema: replySchema(task, paradigm.reply),
    version: `${paradigm.id}@${hashOf([paradigm.version, common, languageRule, form]).slice(0, 12)}`,
  };
  parts.set(name, part);
  return part;
}

function renderMaterial(documents: readonly Passage[], exemplar: Pick<Exemplar, "question" | "options">): string {
  const texts = documents.flatMap(({ title, text }) => [title, text]);
  const options = (exemplar.options ?? []).map((option, i) => `${optionLetter(i)}. ${option}`);
  const example = [exemplar.question, ...options].join("\n");
  const documentTag = freeTag("document", [...texts, example]);
  const exampleTag = freeTag("example", [...texts, example]);
  const shown = documents.map(({ title, text }, i) => {
    const heading = title ? `${title}\n` : "";
    return `<${documentTag} number="${i + 1}">\n${heading}${text}\n</${documentTag}>`;
  });
  return `${shown.join("\n")}\n\n<${exampleTag}>\n${example}\n</${exampleTag}>`;
}
