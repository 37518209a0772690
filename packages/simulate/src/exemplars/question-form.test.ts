import { expect, it } from "vitest";
import { detectTask, splitOptions } from "./question-form.ts";

it.each([
  ["Which of these is a mammal?\nA. shark\nB. whale", "multiple-choice"],
  ["Q: Which vitamins? options: (a) A, D (b) B and C (c) only C", "multiple-choice"],
  ["Pick one.\nOptions:\n- red\n- green\nAnswer:", "multiple-choice"],
  ["True or false: whales are fish.", "claim"],
  ["Claim: Vitamin C cures colds. Is this claim correct?", "claim"],
  ["How do I sharpen a knife?", "how-to"],
  ["Hi! Could you please explain how to sharpen a knife?", "how-to"],
  ["What is the difference between a crow and a raven?", "comparison"],
  ["Summarize the plot of Hamlet.", "summary"],
  ["Write an essay on the plot of Hamlet.", "long-form"],
  ["Create a blog article of 700 words on bees", "long-form"],
  ["Explain photosynthesis in great detail", "long-form"],
  ["Is the sky blue?\nOptions:\n- yes\n- no", "yes-no"],
  ["Question: Was Hamlet a Dane?\nAnswer:", "yes-no"],
  ["Name three moons of Saturn.", "list"],
  ["Can you describe Saturn?", "open"],
  ["Who wrote Hamlet?", "open"],
])("detectTask of %j is %s", (question, task) => expect(detectTask(question)).toBe(task));

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
