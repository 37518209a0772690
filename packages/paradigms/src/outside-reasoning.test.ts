import { describe, expect, it } from "vitest";
import { processorTime } from "../../core/test/processor-time.ts";
import { readJsonReply } from "./index.ts";

const final = { question: "Who wrote it?", answer: "Ilse Brandt" };
const json = JSON.stringify(final);
const draft = '{"question": "Who?", "answer": "x"}';

describe("reasoning around a reply", () => {
  it.each([
    ["think", `<think>Perhaps ${draft}.</think>\n${json}`],
    ["Magistral", `[THINK]Perhaps ${draft}.[/THINK]${json}`],
    ["Seed", `<seed:think>Perhaps ${draft}.</seed:think>${json}`],
    ["Kimi", `◁think▷Perhaps ${draft}.◁/think▷${json}`],
    [
      "Harmony",
      `<|channel|>analysis<|message|>Perhaps ${draft}.<|end|><|start|>assistant<|channel|>final<|message|>${json}<|return|>`,
    ],
    [
      "Harmony with a commentary and a constraint",
      `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>${draft}<|end|><|start|>assistant<|channel|>final <|constrain|>JSON<|message|>${json}`,
    ],
    ["Harmony without its marks", `analysisWe need ${draft}.assistantfinal${json}`],
    ["Command", `<|START_THINKING|>Perhaps ${draft}.<|END_THINKING|>${json}`],
    ["OpenThinker", `<|begin_of_thought|>Perhaps ${draft}.<|end_of_thought|>${json}`],
    ["Gemma", `<|channel>thought\nPerhaps ${draft}.<channel|>${json}`],
    ["a tag with an attribute", `<thinking budget="high">Perhaps ${draft}.</thinking>${json}`],
    ["a tag closed by another's name", `<thinking>Perhaps ${draft}.</think>${json}`],
    ["an opening mark in the prompt", `Perhaps {"question": "Who wrote ${draft}.◁/think▷${json}`],
    ["reasoning within reasoning", `<think>a<think>b</think>${draft}</think>${json}`],
  ])("is taken off: %s", (_, reply) => {
    expect(readJsonReply(reply)).toEqual({ ok: true, value: final });
  });

  const quoting = { question: "What do <think> and [THINK] do?", answer: "They stand before </think> and ◁/think▷." };
  it.each([
    ["plain", JSON.stringify(quoting)],
    ["in a fence", `\`\`\`json\n${JSON.stringify(quoting)}\n\`\`\``],
    ["behind prose that quotes it", `Of the mark \`<think>\`:\n${JSON.stringify(quoting)}`],
    ["with a trailing comma", JSON.stringify(quoting).replace(/\}$/, ",}")],
    ["behind reasoning", `<think>Hm, ${draft}</think>${JSON.stringify(quoting)}`],
  ])("is left in a pair that speaks of it, %s", (_, reply) => {
    expect(readJsonReply(reply)).toEqual({ ok: true, value: quoting });
  });

  it.each([
    ["Magistral", `[THINK]Perhaps ${draft}`],
    ["Harmony", `<|channel|>analysis<|message|>Perhaps ${draft}`],
    ["Kimi", `◁think▷Perhaps ${draft}`],
  ])("that never ends gives no reply: %s", (_, reply) => expect(readJsonReply(reply).ok).toBe(false));

  const fill = (part: string) => part.repeat(Math.ceil(200_000 / part.length));
  it.each([
    ["opening marks", fill("<think>")],
    ["closing marks", fill("</think>")],
    ["drafts that are cut", fill('{"a</think>')],
    ["marks that are none", fill("<|channel|>a ")],
    ["half tags", fill("<think a")],
    ["long names", fill("<aaaaaaaaaaaa:")],
  ])("takes linear time over 200 kB of %s", async (_, reply) => {
    expect(await processorTime(() => readJsonReply(reply))).toBeLessThan(4000);
  });
});
