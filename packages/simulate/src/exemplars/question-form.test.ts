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
  ["Which is a mammal?\n1. shark\n2. whale\n3. trout", "Which is a mammal?", ["shark", "whale", "trout"]],
  ["Who found it? 1) Curie 2) Bohr 3) Fermi", "Who found it?", ["Curie", "Bohr", "Fermi"]],
  ["The largest planet is ____.\n(1) Mars\n(2) Jupiter\nAnswer:", "The largest planet is ____.", ["Mars", "Jupiter"]],
  ["Which is it? a. red\nb. green\nc. blue", "Which is it?", ["red", "green", "blue"]],
] as const)("splitOptions of %j", (text, question, options) => {
  expect(splitOptions(text)).toEqual({ question, options });
});
it.each([
  "Is vitamin A. important?",
  "Compare plan A: cheap, with plan C: dear.",
  "Is it?\nOptions:\n- yes\n- no",
  "A. B. Yehoshua wrote what?",
  "Explain these steps: 1. mix 2. bake 3. eat",
  "Answer the following questions:\n1. Who was Cato?\n2. When did he live?",
  "What do you know about the following topics?\n1. Photosynthesis\n2. Respiration",
  "What are the causes of the war? Structure it: 1. economy 2. politics",
])("splitOptions leaves %j as it is", (question) => expect(splitOptions(question)).toEqual({ question }));
