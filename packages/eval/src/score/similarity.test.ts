import { execFileSync } from "node:child_process";
import { seededRandom } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { similarity } from "./reference.ts";

const python = process.env.RAG_INSTRUCT_PYTHON;

describe("similarity", () => {
  // Figures of CPython 3.11's difflib.SequenceMatcher(None, a, b).ratio().
  it.each([
    ["abcd", "bcde", 0.75],
    ["", "", 1],
    ["a", "", 0],
    ["private", "volatile", 0.5333333333333333],
    ["ab", "b".repeat(250), 0],
    ["𝒜b", "𝒜c", 0.5],
  ])("of %j and %j", (a, b, expected) => {
    expect(similarity(a, b)).toBeCloseTo(expected, 15);
  });

  it.skipIf(!python)("equals difflib's on a thousand made-up pairs (needs RAG_INSTRUCT_PYTHON)", () => {
    const random = seededRandom(1, "similarity");
    const text = (length: number) =>
      Array.from({ length: random.integer(length) }, () => random.pick([..."abcde é"])).join("");
    const pairs = Array.from({ length: 1000 }, (_, i) => [text(60), text(i % 2 ? 60 : 700)] as const);
    const script =
      "import json,sys,difflib;print(json.dumps([difflib.SequenceMatcher(None,a,b).ratio() for a,b in json.load(sys.stdin)]))";
    const expected = JSON.parse(
      execFileSync(python!, ["-c", script], { input: JSON.stringify(pairs), encoding: "utf8" }),
    );
    expect(pairs.map(([a, b]) => similarity(a, b))).toEqual(expected);
  });
});
