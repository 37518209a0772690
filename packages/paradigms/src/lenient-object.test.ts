import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { processorTime } from "../../core/test/processor-time.ts";
import { parseReply, readJsonReply } from "./index.ts";

/** A reply whose answer is written with single backslashes, as models do. */
const single = (answer: string) => `{"question": "What is it?", "answer": "${answer}"}`;
const read = (reply: string) => parseReply(reply, { task: "open" });
const answerOf = (reply: string) => {
  const parsed = read(reply);
  return parsed.ok ? parsed.answer : parsed.reason;
};

const texts = [
  String.raw`It is \frac{20}{54}.`,
  String.raw`It is $\beta \times \theta$.`,
  String.raw`The sum \(a + b\) and \[c\].`,
  String.raw`Look in C:\temp\new for it.`,
  String.raw`Look in C:\users\bob\run.bat for it.`,
  String.raw`Match \bword\b in the text.`,
  String.raw`Match \d+\.\d{2} in the text.`,
  String.raw`Match [^\n]+\s in the text.`,
  String.raw`Match \d\/\d in the text.`,
  String.raw`It is \nabla f \neq \rho.`,
  String.raw`It is $\alpha \ne \nu$ there.`,
  String.raw`A \tan x of \text{degrees}.`,
  String.raw`It is \right) and \underline{so}.`,
  String.raw`Rows \begin{matrix} a \\ b \end{matrix}.`,
];

describe("backslashes in a reply", () => {
  it.each(texts)("%s is read as written, whatever stands around it", (text) => {
    expect(answerOf(single(text))).toBe(text);
    expect(answerOf(`Here:\n\`\`\`json\n${single(text)}\n\`\`\``)).toBe(text);
    expect(answerOf(single(text).replace(/\}$/, ",}"))).toBe(text);
  });

  it.each([...texts, "Name\tAge\nBob\t7 and C:\\temp\nNext", "\\ne or \\\\server\\share"])(
    "%s with its backslashes doubled is read the same",
    (text) => {
      const reply = JSON.stringify({ question: "What is it?", answer: text });
      expect(read(reply)).toMatchObject({ answer: text });
      expect(answerOf(`${JSON.stringify(reply)}`)).toBe(answerOf(reply));
    },
  );

  it.each([
    [
      "line breaks before words",
      "First.\nThen it goes on.\n\nu and e\nnot more",
      "First.\nThen it goes on.\n\nu and e\nnot more",
    ],
    ["code that is indented", "if x:\n\treturn x\n\t\ty", "if x:\n\treturn x\n\t\ty"],
    ["tabs before figures", "a:\t1\t2", "a:\t1\t2"],
    ["columns of words", "Name\tAge\tTown.\tRest", "Name\tAge\tTown.\tRest"],
    ["a line break behind a label", "Plan C:\nThe third.", "Plan C:\nThe third."],
  ])("keeps %s", (_, answer, expected) => {
    expect(answerOf(JSON.stringify({ question: "What is it?", answer }))).toBe(expected);
  });

  it("keeps a line break beside a formula of single backslashes", () => {
    expect(answerOf(single(String.raw`First \(x\).\nThen \(y\).`))).toBe("First \\(x\\).\nThen \\(y\\).");
  });

  it.each([
    ["a tab that may be half a word", String.raw`the \tangle of it`],
    ["a capital behind a path", String.raw`in C:\temp\nNext`],
    ["a drive and what may be the next line", String.raw`in C:\new`],
    ["a label and what may be a tab", String.raw`A:\tbc`],
    ["a server among single backslashes", String.raw`at \\server\share\data`],
    ["a control character", String.raw`a \u0001 b`],
  ])("refuses %s, and says to write backslashes twice", (_, text) => {
    expect(read(single(text))).toMatchObject({
      ok: false,
      reason: "unclear-backslash",
      detail: expect.stringContaining("written twice"),
    });
  });

  it("never lets a control character stand before a letter that a backslash may have been, over 5,000 texts of single backslashes", () => {
    const parts = [
      "\\frac{1}{2}",
      "\\times",
      "\\to",
      "\\nu",
      "\\rho",
      "\\bar",
      "C:\\temp",
      "\\new",
      "\\b",
      "\\t",
      "\\d",
      " ",
      "x",
      "$",
      "\\(",
      ".",
    ];
    for (let seed = 0; seed < 5000; seed++) {
      const random = seededRandom(seed, "backslashes");
      const text = Array.from({ length: 1 + random.integer(6) }, () => random.pick(parts)).join("");
      const json = readJsonReply(single(text));
      if (json.ok)
        expect(JSON.stringify(json.value), text).not.toMatch(/(?<!\\)(?:\\\\)*(?:\\[bfr]|[ $(]\\t)[A-Za-z]|\\u00/);
    }
  });

  it.each([
    ["single backslashes", "\\d".repeat(100_000)],
    ["commands", "\\times ".repeat(40_000)],
    ["tabs and line breaks", "\\n\\t".repeat(50_000)],
    ["paths", "C:\\new".repeat(40_000)],
    ["one long path", `C:${"\\new".repeat(50_000)}`],
    ["doubled backslashes", "\\\\a".repeat(60_000)],
  ])("takes linear time over 200 kB of %s", async (_, text) => {
    expect(await processorTime(() => readJsonReply(single(text)))).toBeLessThan(4000);
  });
});
