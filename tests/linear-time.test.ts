import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processorTime } from "../packages/core/test/processor-time.ts";
import { sourcePatterns } from "../scripts/source-patterns.ts";
import { textFunctions, textOf, units } from "./support/text-functions.ts";

// Beside the units of the functions.
const rarer = [
  ..."=*/\t_.,:;$?éж字A",
  ...[
    "a\n",
    " \n",
    "\n-",
    "a:",
    "a.",
    "a,",
    "1,",
    "[a",
    "(a",
    "<a",
    "{a",
    '"a',
    "a(",
    "a[",
    "A) ",
    "a-",
    "**a",
    "a.a(",
  ],
  ...["to ", "is a ", "what ", "question: ", "1 by 1 ", "a = ", "\r\n"],
  ...["<!--", "<p>", "<a href=", "/*", "```", "{{", "{%", "<think>", "</", "[[a|", "$a$", "a@", "&lt;"],
];
// Milliseconds: less is not measured well enough to compare.
const minWork = 3;

/** Whether four times the text takes about sixteen times the work, measured again where it seems so. */
async function isQuadratic(action: (text: string) => unknown, unit: string, from: number): Promise<boolean> {
  const [short, long] = [textOf(unit, from), textOf(unit, 4 * from)];
  for (let tries = 0; tries < 3; tries++) {
    const small = await processorTime(() => action(short));
    if (small < minWork || (await processorTime(() => action(long))) < 8 * small) return false;
  }
  return true;
}

/** The first text on which the work grows faster than the text; short ones first, so that none is waited for. */
async function slowText(
  action: (text: string) => unknown,
  texts: readonly string[],
  lengths: readonly number[],
): Promise<string | undefined> {
  for (const from of lengths) {
    for (const unit of texts) {
      if (await isQuadratic(action, unit, from)) return `${JSON.stringify(unit)} × ${4 * from} characters`;
    }
  }
  return undefined;
}

it("every pattern of the sources takes four times as long for four times the text", async () => {
  const slow: string[] = [];
  for (const { pattern, place } of await sourcePatterns()) {
    // An address of the config, a flag of the command line.
    if (String(pattern) === "/\\/+$/" || String(pattern) === "/,(?![^{}]*\\})/") continue;
    const search = (text: string) => (pattern.global ? text.replace(pattern, "") : text.search(pattern));
    const text = await slowText(search, [...units, ...rarer], [400, 3000]);
    if (text !== undefined) slow.push(`${place}: ${pattern} on ${text}`);
  }
  expect(slow).toEqual([]);
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "linear-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("text of any kind and length", () => {
  it.each(Object.keys(textFunctions("")))("%s", async (name) => {
    // The library that reads pages is slow, and takes long at full length.
    const lengths = name.includes("HTML") ? [1000, 8000] : [2000, 30_000];
    expect(await slowText(textFunctions(folder)[name]!, units, lengths)).toBeUndefined();
  });
});
