import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { demoPassages } from "../../test/demo-passages.ts";
import { labelledPairs } from "../../test/labelled-pairs.ts";
import { ruleReader } from "../../test/rule-reader.ts";
import { openFailures } from "./failures.ts";
import type { ProofAnswer } from "./proof.ts";
import { verify } from "./verify.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "failures-"));
});
afterEach(() => rm(folder, { recursive: true }));

const documents = ["a", "b"].map((id) => ({ id, title: "", text: `The crane ${id} is old.` }));

function pairWith(answers: ProofAnswer[], more: Partial<Pair> = {}): Pair {
  const base = { paradigm: "multi-doc-answer", exemplarId: "e", model: "m", documents };
  return {
    ...base,
    id: "p",
    question: "How old is it?",
    answer: "50 years",
    evidence: { proof: { answers } },
    ...more,
  };
}

const refuse = (reason: string, input: object, raw?: string) =>
  JSON.stringify({ status: "rejected", id: `r-${reason}`, input, reason, detail: "so it is", raw });

describe("openFailures", () => {
  it("gives what the proof's reader answered otherwise without all documents, and where it stands", async () => {
    const failuresOf = await openFailures(folder);
    const pair = pairWith([
      { shown: [], answer: "20 years", likeness: "different", by: "match" },
      { shown: [1], answer: "Ten", likeness: "different", by: "model" },
      { shown: [2], answer: "about fifty", likeness: "partly", by: "model" },
      { shown: [1, 2], answer: "50 years", likeness: "same", by: "match" },
    ]);
    expect(failuresOf(pair)).toEqual([
      { answer: "20 years", from: "no-documents", reason: expect.stringContaining("without documents"), pairId: "p" },
      { answer: "Ten", from: "some-documents", reason: expect.stringContaining("from document 1 alone"), pairId: "p" },
    ]);
    expect(failuresOf({ ...pair, edited: true })).toEqual([]);
  });

  it("takes no silence for an answer, and no comparison that could not be read for a difference", async () => {
    const failuresOf = await openFailures(folder);
    const pair = pairWith([
      { shown: [], answer: null, likeness: "different", by: "abstained" },
      { shown: [1], answer: "Ten", likeness: "different", by: "unread" },
      { shown: [1, 2], answer: "60 years", likeness: "different", by: "match" },
    ]);
    expect(failuresOf(pair)).toEqual([]);
    expect(failuresOf({ ...pair, evidence: undefined })).toEqual([]);
  });

  it("gives the answers of pairs to the same question that were rejected for their answer alone", async () => {
    const exemplar = { id: "e", question: "How tall?", source: "s", task: "open" };
    const written = (answer: string) => JSON.stringify({ question: "how old is it", answer });
    const lines = [
      refuse("answer-wrong", { id: "t", exemplar, documents }, written("70 years")),
      refuse("not-answered-from-documents", pairWith([], { answer: "80 years" })),
      refuse("answer-incomplete", pairWith([], { answer: "50 years." })),
      refuse("off-subject", pairWith([], { answer: "90 years" })),
      refuse("answer-wrong", pairWith([], { question: "How tall is it?", answer: "9 metres" })),
      refuse("answer-wrong", { id: "t", exemplar, documents }, "no JSON"),
      JSON.stringify({ status: "failed", id: "f", input: pairWith([]), error: "the call failed" }),
    ];
    await writeFile(join(folder, "rejected.jsonl"), `${lines.join("\n")}\n`);
    const failuresOf = await openFailures(folder);
    expect(failuresOf(pairWith([]))).toEqual([
      { answer: "70 years", from: "rejected-pair", reason: "answer-wrong: so it is", pairId: "r-answer-wrong" },
      {
        answer: "80 years",
        from: "rejected-pair",
        reason: "not-answered-from-documents: so it is",
        pairId: "r-not-answered-from-documents",
      },
    ]);
  });

  it("takes no rejected answer that says the same in other words, was asked of other documents or in another conversation", async () => {
    const others = documents.map((document) => ({ ...document, id: `other ${document.id}` }));
    const options = ["20 years", "50 years"];
    const history = [{ question: "Which crane?", answer: "a" }];
    const lines = [
      refuse("answer-not-confirmed", pairWith([], { answer: "It is fifty years old." })),
      refuse("answer-wrong", pairWith([], { answer: "60 years", documents: others })),
      refuse("answer-wrong", pairWith([], { answer: "65 years", history, standalone: "How old is crane b?" })),
      refuse("answer-wrong", pairWith([], { answer: "B", options })),
      refuse("answer-incomplete", pairWith([], { answer: "A", options })),
    ];
    await writeFile(join(folder, "rejected.jsonl"), `${lines.join("\n")}\n`);
    const failuresOf = await openFailures(folder);
    expect(failuresOf(pairWith([]))).toEqual([]);
    expect(failuresOf(pairWith([], { options })).map(({ answer }) => answer)).toEqual(["A"]);
    const asked = pairWith([], { question: "How old is crane b?" });
    expect(failuresOf(asked).map(({ answer }) => answer)).toEqual(["65 years"]);
  });

  it("finds them in what a proof leaves behind", async () => {
    const reader = ruleReader();
    const guesser: typeof reader = {
      ...reader,
      async doGenerate(options) {
        const reply = await reader.doGenerate(options);
        const text = JSON.stringify({ answer: "Nineteen brass lanterns", sure: true });
        const isUnsure = JSON.stringify(reply.content).includes('\\"sure\\":false');
        return isUnsure ? { ...reply, content: [{ type: "text", text }] } : reply;
      },
    };
    Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
    const pairs = labelledPairs(demoPassages(), { each: 2, seed: 9, rightAlone: true }).map(({ pair }) => pair);
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const outcomes = await Array.fromAsync(verify({ pairs, level: "proof", model: guesser, calls }));
    const failuresOf = await openFailures(folder);
    const proved = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
    const found = proved.map((pair) => [pair.paradigm, failuresOf(pair).map(({ from }) => from)] as const);
    expect(Object.fromEntries(found)).toMatchObject({
      "single-doc-answer": ["no-documents"],
      "multi-doc-answer": expect.arrayContaining(["no-documents", "some-documents"]),
      "useless-doc": [],
    });
    expect(new Set(proved.flatMap(failuresOf).map(({ answer }) => answer))).toEqual(
      new Set(["Nineteen brass lanterns"]),
    );
  });
});
