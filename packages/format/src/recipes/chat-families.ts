import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isFolder } from "@rag-instruct/core/node";

/** How the chat models of one family lay out a conversation, for their bases that have no chat template of their own. */
export interface ChatFamily {
  id: string;
  /** Tokens by which a vocabulary is known as the family's. */
  marks: readonly string[];
  /** Kinds of model that the family is taken for where no vocabulary says so, as `config.json` names them. */
  types: readonly string[];
  /** The template in Jinja. */
  template: string;
  /** The token that ends a turn; empty for the tokenizer's own end of a text. */
  end: string;
}

const header = (role: string) => `'<|start_header_id|>' + ${role} + '<|end_header_id|>\n\n'`;
const turns = (turn: string, opening = "") =>
  `{% for message in messages %}${turn}{% endfor %}${opening && `{% if add_generation_prompt %}{{ ${opening} }}{% endif %}`}`;
const byRole = (user: string, assistant: string) =>
  `{% if message['role'] == 'user' %}{{ ${user} }}{% else %}{{ ${assistant} }}{% endif %}`;
const content = "message['content'] | trim";

/** The families, the most telling vocabulary first. */
export const chatFamilies: readonly ChatFamily[] = [
  {
    id: "llama3",
    marks: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    types: [],
    template: `{{ bos_token }}${turns(`{{ ${header("message['role']")} + ${content} + '<|eot_id|>' }}`, header("'assistant'"))}`,
    end: "<|eot_id|>",
  },
  {
    id: "chatml",
    marks: ["<|im_start|>", "<|im_end|>"],
    types: ["qwen2", "qwen3"],
    template: turns(
      `{{ '<|im_start|>' + message['role'] + '\n' + ${content} + '<|im_end|>\n' }}`,
      "'<|im_start|>assistant\n'",
    ),
    end: "<|im_end|>",
  },
  {
    id: "gemma",
    marks: ["<start_of_turn>", "<end_of_turn>"],
    types: ["gemma", "gemma2", "gemma3", "gemma3_text"],
    template: `{{ bos_token }}${turns(
      `{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' + ${content} + '<end_of_turn>\n' }}`,
      "'<start_of_turn>model\n'",
    )}`,
    end: "<end_of_turn>",
  },
  {
    id: "mistral",
    marks: [],
    types: ["mistral", "mixtral"],
    template: `{{ bos_token }}${turns(byRole(`'[INST] ' + (${content}) + ' [/INST]'`, `' ' + (${content}) + eos_token`))}`,
    end: "",
  },
  {
    id: "llama2",
    marks: [],
    types: ["llama"],
    template: turns(
      byRole(`bos_token + '[INST] ' + (${content}) + ' [/INST]'`, `' ' + (${content}) + ' ' + eos_token`),
    ),
    end: "",
  },
];

// What the names of hub repositories say.
const byName: readonly [RegExp, string][] = [
  [/llama-?3/i, "llama3"],
  [/qwen/i, "chatml"],
  [/gemma/i, "gemma"],
  [/mi[sx]tral/i, "mistral"],
  [/llama-?2/i, "llama2"],
];
const isChatName = /instruct|chat|[-_](?:it|sft|dpo|rl)(?![a-z])/i;

/**
 * The family whose template a base needs because it has none: of a folder as its tokenizer says, of a hub id as its name does. Undefined
 * for a model that has one, and where no family is known.
 */
export async function familyNeeded(model: string): Promise<ChatFamily | undefined> {
  if (await isFolder(model)) return familyOfFolder(model);
  const named = isChatName.test(model) ? undefined : byName.find(([name]) => name.test(model))?.[1];
  return chatFamilies.find(({ id }) => id === named);
}

async function familyOfFolder(folder: string): Promise<ChatFamily | undefined> {
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "{}");
  const [config, tokenizer, kind, beside] = await Promise.all(
    ["tokenizer_config.json", "tokenizer.json", "config.json", "chat_template.jinja"].map(read),
  );
  if (beside !== "{}" || JSON.parse(config!).chat_template) return undefined;
  const marked = chatFamilies.find(
    ({ marks }) => marks.length > 0 && marks.every((mark) => `${config}${tokenizer}`.includes(JSON.stringify(mark))),
  );
  const type = JSON.parse(kind!).model_type;
  return marked ?? chatFamilies.find(({ types }) => types.includes(type));
}
