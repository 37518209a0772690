import { existsSync, readFileSync } from "node:fs";
import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { processorTime } from "../../core/test/processor-time.ts";
import { parseReply, readJsonReply } from "./index.ts";

const good = { question: "Who wrote it, and when?", answer: "Ilse Brandt, in 1932: a year of floods." };

/** Ways in which models write JSON that leave its meaning certain. */
const certain: Record<string, (json: string) => string> = {
  fence: (json) => `\`\`\`json\n${json}\n\`\`\``,
  "fence without an end": (json) => `\`\`\`\n${json}`,
  prose: (json) => `Sure! Here is {what you asked for}:\n\n${json}\n\nI hope it {helps}.`,
  "prose with a brace in it": (json) => `I use {} for the object.\n${json}`,
  "comment at the end of a line": (json) => json.replace(/(["'”]),(["'“a])/i, "$1, // next\n$2"),
  "comment in a block": (json) => json.replace("{", "{ /* the pair */ "),
  "trailing comma": (json) => json.replace(/\}$/, ",}"),
  "single quotes": (json) => json.replaceAll('"', "'"),
  "bare keys": (json) => json.replace(/"(\w+)":/g, "$1:"),
  "escaped twice": (json) => JSON.stringify(json),
  "smart quotes": (json) => json.replace(/"([^"]*)"/g, "“$1”"),
  "keys in capitals": (json) => json.replace(/"(\w+)":/g, (_, key) => `"${key.toUpperCase()}":`),
  "a list around it": (json) => `[${json}]`,
  "thinking before it": (json) => `<think>Perhaps {"question": "x"} or not.</think>\n${json}`,
  "thinking whose opening tag stands in the prompt": (json) => `So {"question": "x"}.</think>\n${json}`,
  "thinking that begins anew and is cut off": (json) => `${json}\n<think>Or {"question": "x"`,
  "the same in two fences": (json) => `\`\`\`json\n${json}\n\`\`\`\nor\n\`\`\`json\n${json}\n\`\`\``,
  "a byte order mark and spaces of no width": (json) => `\ufeff${json.replace("{", "{\u200b").replace(":", "\u2060:")}`,
  "a comment of Python's": (json) => json.replace("{", "{ # the pair\n"),
  "words of Python's besides": (json) =>
    json.replace("{", '{"score": 1_000, "sure": True, "from": (1, 2), "note": None, '),
  "a line break in a string": (json) => json.replace("floods", "great\nfloods"),
};

describe("readJsonReply", () => {
  it.each([
    ["two pairs that differ", `${JSON.stringify(good)}\n${JSON.stringify({ ...good, answer: "Nobody" })}`],
    ["members behind the end", '{"question": "Who?"}, "answer": "Ilse"}'],
    ["prose in braces alone", "{I would rather not}"],
  ])("refuses %s", (_, reply) => expect(readJsonReply(reply).ok).toBe(false));

  it.each([
    ["one outer key", (json: string) => `{"pair": ${json}}`],
    ["one outer key, loosely", (json: string) => `{'Result': ${json},}`],
    ["a list of one under an outer key", (json: string) => `{"pairs": [${json}]}`],
  ])("reads a pair in %s", (_, wrap) => {
    const parsed = parseReply(wrap(JSON.stringify({ Question: good.question, response: good.answer })), {
      task: "open",
    });
    expect(parsed).toEqual({ ok: true, ...good });
  });

  it.each([
    ["two members around it", `{"pair": ${JSON.stringify(good)}, "note": "x"}`],
    ["two pairs in its list", JSON.stringify({ pairs: [good, { ...good, answer: "Nobody" }] })],
    ["half a pair inside", '{"pair": {"question": "Who?"}}'],
    ["two keys around it", JSON.stringify({ a: { b: good } })],
  ])("refuses a pair with %s", (_, reply) => {
    expect(parseReply(reply, { task: "open" })).toMatchObject({ ok: false, reason: "wrong-keys" });
  });

  const fill = (part: string) => part.repeat(Math.ceil(200_000 / part.length));
  it.each([
    ["quotes in a string", `{"question": "${fill('say "a" ')}", "answer": "x",}`],
    ["quotes that may close", `{"question": "${fill('say "a", ')}`],
    ["apostrophes", `{'question': '${fill("it's, ")}', 'answer': 'x'}`],
    ["low quotes", `{"question": "${fill("„x ")}", "answer": "x",}`],
    ["comments without an end", `{"question": ${fill("/* ")}`],
    ["objects that are none", fill("{a:]")],
    ["reasoning begun again and again", `</think>${fill("<think>")}`],
  ])("takes linear time over 200 kB of %s", async (_, reply) => {
    // Far above what a slow machine takes, and far below what a look to the end at each of them would.
    expect(await processorTime(() => readJsonReply(reply))).toBeLessThan(8000);
  });

  it.each(Object.keys(certain))("repairs: %s", (name) => {
    const spoiled = certain[name]!(JSON.stringify(good));
    const parsed = parseReply(spoiled, { task: "open" });
    expect(parsed, spoiled).toMatchObject({ ok: true, question: good.question });
    if (parsed.ok) expect(parsed.answer.replace("great\n", "")).toBe(good.answer);
  });

  it.each([
    [
      "quotes inside a string",
      '{"question": "Who said "I am", and to whom?", "answer": "He, to "her"."}',
      'Who said "I am", and to whom?',
    ],
    ["quotes of Python's", `{'question': 'Who said "I am" in '32?', 'answer': 'x'}`, `Who said "I am" in '32?`],
    [
      "a low quote closed by a straight one",
      '{"question": "Wer schrieb „Sein" 1927?", "answer": "x"}',
      'Wer schrieb „Sein" 1927?',
    ],
    [
      "escapes that JSON lacks",
      String.raw`{"question": "Is \alpha it\'s name?", "answer": "x"}`,
      "Is \\alpha it's name?",
    ],
  ])("reads %s", (_, reply, question) =>
    expect(parseReply(reply, { task: "open" })).toMatchObject({ ok: true, question }),
  );

  it.each([
    ["a quote left over", '{"question": "Who said "I am?", "answer": "x"}'],
    ["two closing quotes left out", '{"question": "Who?, "answer": "x, "note": "y"}'],
    ["a quote and a brace inside a string", '{"question": "x", "answer": "it ends with "}" as a rule"}'],
    ["a value left out", '{"question": "Who?", "answer": }'],
    ["a list of question and answer", '["Who?", "Ilse"]'],
    ["a number", "42"],
    ["reasoning alone", '<think>{"question": "Who?", "answer": "Ilse"}'],
  ])("refuses %s", (_, reply) => expect(readJsonReply(reply).ok).toBe(false));

  it.each([good, { question: 'Who said "I am"?', answer: 'She, in "Floods", said "no".' }])(
    "never gives another meaning to a reply cut anywhere: %j",
    (pair) => {
      const json = JSON.stringify(pair).replaceAll('\\"', '"');
      for (let end = 0; end < json.length; end++) {
        for (const reply of [json.slice(0, end), `\`\`\`json\n${json.slice(0, end)}\n\`\`\``]) {
          expect(parseReply(reply, { task: "open" }).ok, reply).toBe(false);
        }
      }
    },
  );

  it("gives the same meaning or none under 3,000 mixtures of faults", () => {
    let repaired = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const random = seededRandom(seed, "faults");
      const names = random.shuffle(Object.keys(certain)).slice(0, 2 + random.integer(2));
      const spoiled = names.reduce((json, name) => certain[name]!(json), JSON.stringify(good));
      const parsed = parseReply(spoiled, { task: "open" });
      if (!parsed.ok) continue;
      repaired++;
      expect(parsed.question, `${names}: ${spoiled}`).toBe(good.question);
    }
    expect(repaired).toBeGreaterThan(1000);
  });
});

const shared = `${process.env.RAG_INSTRUCT_SHARED_DATA ?? "../shared/data"}/llm-json/json_repair.cases.json`;

/** Why a case is refused, by its place in the file: its meaning is not certain, or its end is missing. */
const uncertain: Record<string, number[]> = {
  "it breaks off": [
    5, 10, 34, 35, 36, 38, 39, 40, 58, 59, 60, 90, 101, 114, 117, 119, 121, 140, 141, 171, 176, 181, 182, 183, 191, 192,
    207, 208, 210, 212, 223,
  ],
  "a quote is left out or left over": [61, 82, 83, 122, 127, 132, 134, 144, 177, 179, 184, 188, 211],
  "quotes are doubled, in two ways": [126],
  "members stand behind the end": [63, 157, 158, 162, 163, 164],
  "a value is left out": [31, 32, 150],
  "words stand where none belong": [123, 124, 130, 133, 138, 139],
  "lists stand where members belong, or members in a list": [64, 146, 147, 148, 153],
  "a comment covers what follows": [85, 87],
  "JSON stands in a string unescaped": [129, 149, 209],
  "it has no fields": [169],
};

describe.skipIf(!existsSync(shared))(`cases of ${shared}`, () => {
  it("that are objects are read as expected, and refused where the meaning is not certain", () => {
    const cases = JSON.parse(readFileSync(shared, "utf8")) as { input: string; expected: unknown }[];
    const refused: number[] = [];
    let asExpected = 0;
    for (const [index, { input, expected }] of cases.entries()) {
      const wanted = typeof expected === "string" ? tryParse(expected) : expected;
      if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) continue;
      const read = readJsonReply(input);
      if (!read.ok) refused.push(index);
      else {
        expect(read.value, input).toEqual(wanted);
        asExpected++;
      }
    }
    expect(refused).toEqual(
      Object.values(uncertain)
        .flat()
        .sort((a, b) => a - b),
    );
    expect({ asExpected, refused: refused.length }).toEqual({ asExpected: 94, refused: 71 });
  });
});

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
