import { expect, it } from "vitest";
import { splitOptions } from "./split-options.ts";

it.each([
  ["Which is it? A) 48 cm B) 96 cm C) 120 cm D) 192 cm", "Which is it?", ["48 cm", "96 cm", "120 cm", "192 cm"]],
  ["Which is it?\n(A) one, two (B) three\nAnswer:", "Which is it?", ["one, two", "three"]],
  ["Which is it?\nOptions:\n- red\n- green", "Which is it?", ["red", "green"]],
  ["Which is it? a. red\nb. green\nc. blue", "Which is it?", ["red", "green", "blue"]],
] as const)("splitOptions of %j", (text, question, options) => {
  expect(splitOptions(text)).toEqual({ question, options });
});
it.each([
  "Is vitamin A. important?",
  "Compare plan A: cheap, with plan C: dear.",
  "Is it?\nOptions:\n- yes\n- no",
  "A. B. Yehoshua wrote what?",
])("splitOptions leaves %j as it is", (question) => expect(splitOptions(question)).toEqual({ question }));
