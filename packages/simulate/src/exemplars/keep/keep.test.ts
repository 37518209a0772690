import type { Exemplar } from "@rag-instruct/core";
import { expect, it } from "vitest";
import { keepKnowledgeIntensive } from "./keep-knowledge-intensive.ts";

async function reasons(questions: readonly string[], options = {}) {
  const exemplars = questions.map((question, i): Exemplar => ({ id: `${i}`, question, source: "mine", task: "open" }));
  const outcomes = await Array.fromAsync(keepKnowledgeIntensive({ exemplars, ...options }));
  expect(outcomes.map(({ id }) => id)).toEqual(exemplars.map(({ id }) => id));
  return outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : outcome.status));
}

it.each([
  ["Why do cats purr?", "accepted"],
  ["Hello, how are you?", "greeting"],
  ["Write a Python function that sorts a list.", "code"],
  ["What is 12 * 7?", "maths"],
  ["Translate to French: good evening", "given-text"],
  ["Pretend you are a dragon.", "role-play"],
  ["Set an alarm for six.", "tools"],
  ["Write a poem about snow.", "creative"],
  ["more", "too-short"],
  ["Was ist die Hauptstadt von Peru?", "other-language"],
])("%j ends as %s", async (question, reason) => {
  expect(await reasons([question], { language: "en" })).toEqual([reason]);
});

const factors =
  "How do factors like temperature, pH levels and dissolved oxygen affect the spread of parasites in lakes?";

it.each([
  `"${factors}"`,
  `Please answer this question: “${factors}”`,
  'Can you shed light on "the importance of studying literature in the context of national identity"',
  'Who is attributed as the author of the quote "To be an enemy is dangerous, but to be a friend is fatal"?',
  'In which novel does the sentence "It was the best of times, it was the worst of times, and more" appear?',
  'Where does the phrase "a stitch in time saves nine and a penny saved is a penny earned" come from?',
  "Here is a complex question, can you answer it? What is the middle name of the first director?",
  "Answer this: which river flows through Vienna?",
  "Five popular and in-demand tools for financial forecasting. Give only tool names separated by comma.",
  "What are the moons of Jupiter? Give me the names only.",
])("keeps the plain question in %j", async (question) => expect(await reasons([question])).toEqual(["accepted"]));

it.each([
  [`Paraphrase this: "${factors}"`, "given-text"],
  [`Reply to this comment: "${factors}"`, "given-text"],
  ['Identify the main idea of this quote: "To be an enemy is dangerous, but to be a friend is fatal."', "given-text"],
  ['Answer this email politely: "We are sorry that your order has not arrived yet."', "given-text"],
  ["Give only funny names for my dog.", "creative"],
  ["Suggest five names for a bakery.", "creative"],
])("still does not keep %j", async (question, reason) => expect(await reasons([question])).toEqual([reason]));

it("counts repetitions and what is too long, and refuses options that make no sense", async () => {
  const question = "What caused the fall of the Roman empire in the west?";
  expect(await reasons([question, `${question}!`])).toEqual(["accepted", "near-duplicate"]);
  expect(await reasons([question], { maxWords: 5 })).toEqual(["too-long"]);
  // One unbroken word has no words to count.
  expect(await reasons([`What is ${"a".repeat(200_000)}?`])).toEqual(["too-long"]);
  await expect(reasons([question], { language: "nonsense" })).rejects.toThrow(/language "nonsense" is not known/);
});
