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

it("counts repetitions and what is too long, and refuses options that make no sense", async () => {
  const question = "What caused the fall of the Roman empire in the west?";
  expect(await reasons([question, `${question}!`])).toEqual(["accepted", "near-duplicate"]);
  expect(await reasons([question], { maxWords: 5 })).toEqual(["too-long"]);
  await expect(reasons([question], { language: "nonsense" })).rejects.toThrow(/language "nonsense" is not known/);
});
