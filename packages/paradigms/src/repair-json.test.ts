import { existsSync, readFileSync } from "node:fs";
import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
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
  "a line break in a string": (json) => json.replace("floods", "great\nfloods"),
};

describe("readJsonReply", () => {
  it.each([
    ["two pairs that differ", `${JSON.stringify(good)}\n${JSON.stringify({ ...good, answer: "Nobody" })}`],
    ["members behind the end", '{"question": "Who?"}, "answer": "Ilse"}'],
    ["prose in braces alone", "{I would rather not}"],
  ])("refuses %s", (_, reply) => expect(readJsonReply(reply).ok).toBe(false));

  it.each(Object.keys(certain))("repairs: %s", (name) => {
    const spoiled = certain[name]!(JSON.stringify(good));
    const parsed = parseReply(spoiled, { task: "open" });
    expect(parsed, spoiled).toMatchObject({ ok: true, question: good.question });
    if (parsed.ok) expect(parsed.answer.replace("great\n", "")).toBe(good.answer);
  });

  it("never gives another meaning to a reply cut anywhere", () => {
    const json = JSON.stringify(good);
    for (let end = 0; end < json.length; end++) {
      for (const reply of [json.slice(0, end), `\`\`\`json\n${json.slice(0, end)}\n\`\`\``]) {
        expect(parseReply(reply, { task: "open" }).ok, reply).toBe(false);
      }
    }
  });

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

describe.skipIf(!existsSync(shared))(`cases of ${shared}`, () => {
  it("agree with the expected object, or are refused, but for thirteen that are no replies of ours", () => {
    const cases = JSON.parse(readFileSync(shared, "utf8")) as { input: string; expected: unknown }[];
    const sum = { agreed: 0, refused: 0, differ: 0 };
    for (const { input, expected } of cases) {
      const wanted = typeof expected === "string" ? tryParse(expected) : expected;
      if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) continue;
      const read = readJsonReply(input);
      if (!read.ok) sum.refused++;
      else if (JSON.stringify(read.value) === JSON.stringify(wanted)) sum.agreed++;
      else sum.differ++;
    }
    // Refused: what breaks off, and what can be read in two ways. Different: tuples, 1_000, values left out, TRUE, keys with line breaks.
    expect(sum).toEqual({ agreed: 77, refused: 75, differ: 13 });
  });
});

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
