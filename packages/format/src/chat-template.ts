import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { RagInstructError } from "@rag-instruct/core";

/** One turn of a conversation. */
export interface ChatMessage {
  role: string;
  content: string;
}

/** What a template may be given besides the conversation. */
export interface RenderChatOptions {
  /** End with the opening of the assistant's turn, for generation. Left to the template where it is not given. */
  addGenerationPrompt?: boolean;
  /** Anything else the template knows, such as `tools`, `documents` or `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>>;
}

/** A model's own way to lay out a conversation. */
export interface ChatTemplate {
  render(messages: readonly ChatMessage[], options?: RenderChatOptions): string;
}

/**
 * A chat template from its Jinja source, as `tokenizer_config.json` holds it.
 * Throws `bad-option` for a template that cannot be parsed; `render` throws `bad-input` where the template itself
 * refuses the conversation.
 * @param options.variables known to every rendering, such as `bos_token` and `eos_token`
 */
export function chatTemplate(
  source: string,
  { variables: always = {}, name = "chat template" }: { variables?: Record<string, unknown>; name?: string } = {},
): ChatTemplate {
  const template = parse(source, name);
  return {
    render(messages, { addGenerationPrompt, variables = {} } = {}) {
      const prompt = addGenerationPrompt === undefined ? {} : { add_generation_prompt: addGenerationPrompt };
      try {
        return template.render({ ...always, ...variables, ...prompt, messages });
      } catch (error) {
        throw new RagInstructError("bad-input", `${name} refuses the conversation: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  };
}

/**
 * The chat template of a model folder: `chat_template.jinja` where there is one, else `tokenizer_config.json`, with the
 * special tokens that stand there. Throws `file-missing`, and `bad-input` for a tokenizer without a chat template.
 * @param options.name which one, where a tokenizer has several, such as `tool_use`. @default "default"
 */
export async function openChatTemplate(
  folder: string,
  { name = "default" }: { name?: string } = {},
): Promise<ChatTemplate> {
  const path = join(folder, "tokenizer_config.json");
  const config = await readConfig(path);
  const beside = await readFile(join(folder, "chat_template.jinja"), "utf8").catch(() => undefined);
  const source = beside ?? sourceNamed(config.chat_template, name);
  if (source === undefined) {
    throw new RagInstructError(
      "bad-input",
      `${path} has no chat template; take the instruct version of the model, or put a chat_template.jinja beside it`,
    );
  }
  return chatTemplate(source, { name: path, variables: specialTokens(config) });
}

function parse(source: string, name: string): Template {
  try {
    return new Template(source);
  } catch (error) {
    throw new RagInstructError("bad-option", `${name} is not valid Jinja: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw new RagInstructError("file-missing", `${path} is not there`, { cause: error });
  });
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function sourceNamed(templates: unknown, name: string): string | undefined {
  if (typeof templates === "string") return templates;
  if (!Array.isArray(templates)) return undefined;
  return (templates as { name: string; template: string }[]).find((one) => one.name === name)?.template;
}

// A token is a string, or an object with the string as its content.
function specialTokens(config: Record<string, unknown>): Record<string, string> {
  const tokens = Object.entries(config)
    .filter(([key]) => key.endsWith("_token"))
    .map(([key, value]) => [key, (value as { content?: string } | null)?.content ?? value]);
  return Object.fromEntries(tokens.filter(([, value]) => typeof value === "string"));
}
