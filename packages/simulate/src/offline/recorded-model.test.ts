import type { Passage } from "@rag-instruct/core";
import { memoryLedger, openCalls } from "@rag-instruct/core/calls";
import { paradigms } from "@rag-instruct/paradigms";
import { expect, it } from "vitest";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { synthesize } from "../synthesis/synthesize.ts";
import { type RecordedReply, recordedModel } from "./recorded-model.ts";

const tower: Passage = { id: "tower", title: "Tower", text: "The tower of Northend was built of granite in 1911." };
const well: Passage = {
  id: "well",
  title: "Well",
  text: "The well of Moorfoot was dug in 1840 and is 12 metres deep.",
};
const record: RecordedReply = {
  ...{ paradigm: "single-doc-answer", exemplar: "when", documents: ["tower"] },
  reply: { question: "When was the tower of Northend built?", answer: "In 1911." },
  judge: {
    ...{ documents: "state", needed: [1], answer: "right", complete: true, why: "It gives the year of the tower." },
    quotes: [{ document: 1, text: "The tower of Northend was built of granite in 1911." }],
  },
  reader: "1911",
};

function taskOf(document: Passage, paradigm = "single-doc-answer"): SynthesisTask {
  const exemplar = { id: "when", question: "When was the bridge opened?", source: "test", task: "open" } as const;
  return { id: `${paradigm}-${document.id}`, paradigm, exemplar, documents: [document], reserve: false };
}

async function outcomesOf(tasks: SynthesisTask[], level: "lexical" | "proof" = "lexical", among = paradigms) {
  await using calls = await openCalls({ ledger: memoryLedger() });
  const model = recordedModel([record]);
  return await Array.fromAsync(synthesize({ tasks, model, calls, paradigms: among, verify: { level } }));
}

it("finds a record by paradigm, exemplar and documents, whatever the prompt says, and proves it by the recorded reader", async () => {
  const reworded = {
    ...paradigms,
    "single-doc-answer": { ...paradigms["single-doc-answer"], instructions: "Ask what the page says.", version: "2" },
  };
  for (const among of [paradigms, reworded]) {
    const [outcome] = await outcomesOf([taskOf(tower)], "proof", among);
    expect(outcome).toMatchObject({ status: "accepted", value: { answer: "In 1911.", model: "recorded" } });
  }
});

it("leaves what no record fits to the offline model, under its name", async () => {
  const outcomes = await outcomesOf([taskOf(tower), taskOf(well), taskOf(tower, "single-doc-support")]);
  expect(outcomes.map((outcome) => outcome.status === "accepted" && outcome.value.model)).toEqual([
    "recorded",
    "offline-extractive",
    "offline-extractive",
  ]);
});

it("says of a pair that was not recorded that it cannot be judged", async () => {
  const [outcome] = await outcomesOf([taskOf(well)], "proof");
  expect(outcome).toMatchObject({ status: "rejected" });
});
