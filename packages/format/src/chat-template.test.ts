import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sharedData } from "../test/shared-data.ts";
import { type ChatMessage, chatTemplate, openChatTemplate } from "./chat-template.ts";

const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const conversation = [
  { role: "user", content: "Which river?" },
  { role: "assistant", content: "The Rhine." },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

async function config(value: unknown): Promise<void> {
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(value));
}

describe("openChatTemplate", () => {
  it("renders with the special tokens of tokenizer_config.json, written as strings or as objects", async () => {
    const source = "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}";
    await config({
      bos_token: "<s>",
      eos_token: { content: "</s>", lstrip: false },
      pad_token: null,
      chat_template: source,
    });
    const template = await openChatTemplate(folder);
    expect(template.render(conversation)).toBe("<s>Which river?</s>");
  });

  it("takes the template by name where there are several, and chat_template.jinja before all", async () => {
    await config({
      chat_template: [
        { name: "default", template: "one" },
        { name: "tool_use", template: "two" },
      ],
    });
    expect((await openChatTemplate(folder)).render(conversation)).toBe("one");
    expect((await openChatTemplate(folder, { name: "tool_use" })).render(conversation)).toBe("two");
    await writeFile(join(folder, "chat_template.jinja"), "three");
    expect((await openChatTemplate(folder)).render(conversation)).toBe("three");
  });

  it("says when a tokenizer has no chat template, and when the file is missing or broken", async () => {
    await expect(openChatTemplate(folder)).rejects.toThrow(/tokenizer_config.json is not there/);
    await config({ bos_token: "<s>" });
    await expect(openChatTemplate(folder)).rejects.toThrow(/has no chat template; take the instruct version/);
    await writeFile(join(folder, "tokenizer_config.json"), "{");
    await expect(openChatTemplate(folder)).rejects.toThrow(/is not JSON/);
  });
});

describe("chatTemplate", () => {
  it("opens the assistant's turn when asked to", () => {
    const template = chatTemplate(chatml);
    expect(template.render(conversation.slice(0, 1), { addGenerationPrompt: true })).toBe(
      "<|im_start|>user\nWhich river?<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("passes on what the template itself refuses", () => {
    const template = chatTemplate("{{ raise_exception('roles must alternate') }}");
    expect(() => template.render(conversation)).toThrow(/refuses the conversation: .*roles must alternate/);
    expect(() => chatTemplate("{% for %}")).toThrow(/is not valid Jinja/);
  });
});

interface Rendering {
  chat_template: string;
  data: Record<string, unknown> & { messages: ChatMessage[]; add_generation_prompt?: boolean };
  target: string;
}

describe("published chat templates", () => {
  const templates = join(sharedData, "chat-templates");
  const missing = !existsSync(templates);

  it.skipIf(missing)(`renders all 53 templates of ${templates} as expected`, async () => {
    const all = JSON.parse(await readFile(join(templates, "hfjs-jinja-e2e.json"), "utf8"));
    vi.useFakeTimers({ now: new Date(all.fixed_date), toFake: ["Date"] });
    const cases = Object.entries<Rendering>({ ...all.default_templates, ...all.custom_templates });
    expect(cases.length).toBe(53);
    for (const [name, { chat_template, data, target }] of cases) {
      const { messages, ...variables } = data;
      expect(chatTemplate(chat_template).render(messages, { variables }), name).toBe(target);
    }
  });

  it.skipIf(missing)(`evaluates all 157 Jinja cases of ${templates} as expected`, async () => {
    const all = JSON.parse(await readFile(join(templates, "hfjs-jinja-unit.json"), "utf8"));
    const cases = Object.entries<{ template: string; context: Record<string, unknown>; expected: string }>(all);
    expect(cases.length).toBe(157);
    for (const [name, { template, context, expected }] of cases) {
      expect(new Template(template).render(context), name).toBe(expected);
    }
  });

  it.skipIf(missing)(`renders a conversation with the templates of GGUF files in ${templates}`, async () => {
    const all: { model: string; gguf: string }[] = JSON.parse(
      await readFile(join(templates, "ollama-automap.json"), "utf8"),
    );
    expect(all.length).toBe(97);
    // These want functions, a policy, or content in parts, and say so.
    const special = /firefunction|llama-guard3:1b|llama3.2-vision|shieldgemma/;
    const variables = { bos_token: "<s>", eos_token: "</s>" };
    for (const { model, gguf } of all) {
      const render = () =>
        chatTemplate(gguf, { variables, name: model }).render(conversation, { addGenerationPrompt: false });
      if (special.test(model)) expect(render, model).toThrow(`${model} refuses the conversation`);
      else expect(render(), model).toContain("Which river?");
    }
  });

  it.skipIf(missing)(`renders the examples documented for two templates of ${templates}`, async () => {
    const messages = [
      { role: "system", content: "This is a system prompt." },
      { role: "user", content: "This is the first user input." },
      { role: "assistant", content: "This is the first assistant response." },
      { role: "user", content: "This is the second user input." },
    ];
    const readme = await readFile(join(templates, "chujiezheng/README.md"), "utf8");
    const documented = [...readme.matchAll(/###### Corrected Chat Template ######\n(.*?)\n```/gs)].map(
      ([, text]) => text,
    );
    expect(documented).toHaveLength(3);
    // The second, Mistral's, was documented with an older template than the one that stands there now.
    const begins = { "llama-3-instruct": ["<|begin_of_text|>", documented[0]], vicuna: ["<s>", documented[2]] };
    for (const [file, [bos_token, expected]] of Object.entries(begins)) {
      const source = await readFile(join(templates, `chujiezheng/${file}.jinja`), "utf8");
      const variables = { bos_token, eos_token: "</s>" };
      const template = chatTemplate(source.replaceAll("    ", "").replaceAll("\n", ""), { variables });
      const text = template.render(messages, { addGenerationPrompt: true });
      expect(text.trimEnd(), file).toBe(expected!.trimEnd());
    }
  });
});
