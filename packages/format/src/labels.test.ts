import { describe, expect, it } from "vitest";
import { chatTemplate } from "./chat-template.ts";
import { ignored, labelChat, labelTokens, type TrainOn } from "./labels.ts";

const chatml = chatTemplate(
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
);
const llama3 = chatTemplate(
  "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
  { variables: { bos_token: "<|begin_of_text|>" } },
);
const phi35 = chatTemplate(
  "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
);
const twoTurns = [
  { role: "user", content: "hello" },
  { role: "assistant", content: "hello" },
  { role: "user", content: "goodbye" },
  { role: "assistant", content: "goodbye" },
];

function trainedTexts(messages: { role: string; content: string }[], on: TrainOn, template = chatml): string[] {
  const { text, trained } = labelChat({ template, messages, on });
  return trained.map(({ start, end }) => text.slice(start, end));
}

/** Cuts at the pieces of a made vocabulary, longest first. */
function pieceEncoder(vocabulary: Record<string, number>): (text: string) => number[] {
  const pieces = Object.keys(vocabulary).sort((a, b) => b.length - a.length);
  return (text) => {
    const ids: number[] = [];
    for (let at = 0; at < text.length; ) {
      const piece = pieces.find((one) => text.startsWith(one, at));
      if (piece === undefined) throw new Error(`no piece for ${JSON.stringify(text.slice(at, at + 10))}`);
      ids.push(vocabulary[piece]!);
      at += piece.length;
    }
    return ids;
  };
}

describe("labelChat", () => {
  it("trains on the answer alone, on the mark that ends it too, or on all that generation would give", () => {
    const messages = [
      { role: "user", content: "Which river?" },
      { role: "assistant", content: "  The Rhine.\n" },
    ];
    expect(trainedTexts(messages, "content")).toEqual(["The Rhine."]);
    expect(trainedTexts(messages, "turn")).toEqual(["The Rhine.<|im_end|>"]);
    expect(trainedTexts(messages, "completion")).toEqual(["The Rhine.<|im_end|>\n"]);
  });

  it("finds each turn where the same words stand in several", () => {
    expect(trainedTexts(twoTurns, "turn")).toEqual(["hello<|im_end|>", "goodbye<|im_end|>"]);
    const { text, trained } = labelChat({ template: chatml, messages: twoTurns });
    expect(trained[0]!.start).toBeGreaterThan(text.indexOf("assistant"));
  });

  it("trains on other roles when asked to", () => {
    const { text, trained } = labelChat({ template: llama3, messages: twoTurns, roles: ["user"], on: "content" });
    expect(trained.map(({ start, end }) => text.slice(start, end))).toEqual(["hello", "goodbye"]);
    expect(trained[0]!.start).toBeLessThan(text.indexOf("assistant"));
  });

  it("says when a template drops the answer", () => {
    const template = chatTemplate(
      "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
    );
    expect(() => labelChat({ template, messages: twoTurns })).toThrow(/does not show turn 2 \(assistant\)/);
  });
});

describe("labelTokens", () => {
  // Token ids of Llama 3 and of Phi 3.5, and the labels that axolotl's own tests expect for this conversation
  // (axolotl, tests/prompt_strategies/test_chat_templates.py: train_on_eos "none", its default "turn" and "last").
  const llamaIds = { "<|begin_of_text|>": 128000, "<|start_header_id|>": 128006, "<|end_header_id|>": 128007 };
  const encodeLlama = pieceEncoder({
    ...llamaIds,
    "<|eot_id|>": 128009,
    user: 882,
    assistant: 78191,
    "\n\n": 271,
    hello: 15339,
    good: 19045,
    bye: 29474,
  });
  const [begin, open, close, eot, _] = [128000, 128006, 128007, 128009, ignored];
  const question = (...content: number[]) => [open, 882, close, 271, ...content, eot];
  const reply = (...content: number[]) => [open, 78191, close, 271, ...content, eot];

  it("equals axolotl's expected labels for Llama 3", () => {
    const ids = [begin, ...question(15339), ...reply(15339), ...question(19045, 29474), ...reply(19045, 29474)];
    const blank = (count: number) => Array.from({ length: count }, () => _);
    const content = labelTokens(labelChat({ template: llama3, messages: twoTurns, on: "content" }), encodeLlama);
    expect(content.ids).toEqual(ids);
    expect(content.labels).toEqual([...blank(11), 15339, ...blank(12), 19045, 29474, _]);
    const turn = labelTokens(labelChat({ template: llama3, messages: twoTurns, on: "turn" }), encodeLlama);
    expect(turn.labels).toEqual([...blank(11), 15339, eot, ...blank(11), 19045, 29474, eot]);
  });

  it("equals axolotl's expected labels for the last turn of Phi 3.5", () => {
    const vocabulary = {
      "<|user|>\n": 32010,
      "<|assistant|>\n": 32001,
      "<|end|>\n": 32007,
      "<|end|>": 32007,
      hello: 22172,
      good: 1781,
      bye: 26966,
    };
    const { trained, text } = labelChat({ template: phi35, messages: twoTurns, on: "turn" });
    const { ids, labels } = labelTokens({ text, trained: trained.slice(-1) }, pieceEncoder(vocabulary));
    expect(ids).toEqual([
      32010, 22172, 32007, 32001, 22172, 32007, 32010, 1781, 26966, 32007, 32001, 1781, 26966, 32007,
    ]);
    expect(labels).toEqual([_, _, _, _, _, _, _, _, _, _, _, 1781, 26966, 32007]);
  });

  it("trains a token that reaches over the edge of a span", () => {
    const encode = pieceEncoder({ a: 1, b: 2, ab: 3, c: 4, bc: 5 });
    expect(labelTokens({ text: "aabc", trained: [{ start: 2, end: 3 }] }, encode)).toEqual({
      ids: [1, 3, 4],
      labels: [_, 3, _],
    });
  });
});
