import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Passage } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { expect, it } from "vitest";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { synthesize } from "../synthesis/synthesize.ts";
import { offlineModel } from "./offline-model.ts";

const passage = (id: string, title: string, text: string): Passage => ({ id, title, text });
const table = "| Island | Area | Inhabitants |\n|---|---|---|\n| Ostrey | 24 | 1840 |\n| Corran | 11 | 320 |";
const sources: Record<string, Passage[]> = {
  "table-answer": [passage("1", "Islands", table)],
  "conflicting-docs": [
    passage("2", "Guide", "The harbour bridge was opened in 1932."),
    passage("3", "Survey", "The harbour bridge was opened in 1934."),
  ],
  "cited-answer": [
    passage("4", "Harbour bridge", "The harbour bridge was opened in 1932 after eight years of construction."),
    passage("5", "Town museum", "The town museum stands in the customs house of 1822 beside the old quay."),
  ],
  unanswerable: [passage("6", "Harbour bridge", "The harbour bridge was opened in 1932.")],
};

it("the offline model writes what it can of the paradigms beyond the five, and refuses by name what it cannot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "further-"));
  const exemplar = { id: "e", question: "How tall is the Eiffel Tower?", source: "s", task: "open" as const };
  const tasks = Object.entries(sources).map(
    ([paradigm, documents]): SynthesisTask => ({ id: paradigm, paradigm, exemplar, documents, reserve: false }),
  );
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
  const outcomes = await Array.fromAsync(synthesize({ tasks, model: offlineModel(), calls }));
  const said = Object.fromEntries(
    outcomes.map((outcome) => [
      outcome.id,
      outcome.status === "accepted" ? outcome.value.answer : outcome.status === "rejected" && outcome.reason,
    ]),
  );
  expect(said).toEqual({
    "table-answer": expect.stringMatching(/^The (?:area|inhabitants) is (?:24|1840|11|320)\.$/),
    "conflicting-docs": expect.stringMatching(/^Accounts differ: one says .*1932, the other .*1934\.$/),
    "cited-answer": expect.stringMatching(/^The harbour bridge .* \[1\]\. The town museum .* \[2\]\.$/),
    unanswerable: "nothing-to-ask",
  });
  await calls.close();
  await rm(folder, { recursive: true });
});
