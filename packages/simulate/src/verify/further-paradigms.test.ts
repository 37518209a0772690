import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { openCalls } from "@rag-instruct/core/calls";
import { type CheckedPair, defineParadigm, furtherParadigms, paradigmById } from "@rag-instruct/paradigms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { casesInLanguages, type FurtherCase, furtherCases } from "../../../../bench/verify/further/cases.ts";
import { freeReply } from "../offline/offline-model.ts";
import { reasonWords } from "../synthesis/reasons.ts";
import { checkLexically } from "./lexical.ts";
import { type VerifyLevel, verify } from "./verify.ts";

const cases = furtherCases();

describe.each(Object.keys(furtherParadigms))("%s, on cases labelled by hand", (id) => {
  const rows = cases
    .filter(({ pair }) => pair.paradigm === id)
    .map((one) => ({ ...one, verdict: checkLexically(one.pair, { paradigm: paradigmById(id) }) }));
  const share = (of: typeof rows) => of.filter(({ verdict, isGood }) => verdict.ok === isGood).length / of.length;

  it("keeps nine in ten good pairs and rejects more than four in five others, over two corpora and more", () => {
    expect(new Set(rows.flatMap(({ corpora }) => corpora)).size).toBeGreaterThanOrEqual(2);
    expect(rows.length).toBeGreaterThan(40);
    expect(share(rows.filter(({ isGood }) => isGood))).toBeGreaterThanOrEqual(0.9);
    expect(share(rows.filter(({ isGood }) => !isGood))).toBeGreaterThanOrEqual(0.85);
  });

  it("names each fault in words, and says that the relation is shown only where words show it", () => {
    for (const { verdict } of rows) {
      if (!verdict.ok) expect(reasonWords(verdict.reason).means).not.toBe(verdict.reason);
      else expect(verdict.evidence.relation).toMatch(id === "unanswerable" ? /^unproved$/ : /^(?:shown|unproved)$/);
    }
  });
});

describe("on pairs in a dozen languages, labelled by hand", () => {
  const rows = casesInLanguages();
  const isRight = ({ pair, isGood }: FurtherCase) =>
    checkLexically(pair, { paradigm: paradigmById(pair.paradigm) }).ok === isGood;

  it.each(Object.keys(furtherParadigms))("%s: nine in ten good pairs stay, and six in seven others do not", (id) => {
    const mine = rows.filter(({ pair }) => pair.paradigm === id);
    const [good, bad] = [mine.filter(({ isGood }) => isGood), mine.filter(({ isGood }) => !isGood)];
    expect([good.length > 25, bad.length > 25]).toEqual([true, true]);
    expect(good.filter(isRight).length / good.length).toBeGreaterThanOrEqual(0.9);
    expect(bad.filter(isRight).length / bad.length).toBeGreaterThanOrEqual(6 / 7);
  });
});

it("a paradigm of one's own has its own check, whose reason is told as it is", () => {
  const paradigm = defineParadigm({
    id: "short",
    documents: { min: 1, max: 1 },
    instructions: "Answer in three words.",
    relation: { answerStated: true, documentsAre: "required" },
    check: ({ answer }: CheckedPair) =>
      answer.split(" ").length === 3 ? "shown" : { reason: "not-three-words", detail: "it has not three words" },
  });
  const { pair } = cases.find(({ isGood, pair }) => isGood && pair.paradigm === "table-answer")!;
  const verdict = (answer: string) => checkLexically({ ...pair, answer }, { paradigm });
  expect(verdict("Exactly 320 people")).toMatchObject({ ok: true, evidence: { relation: "shown" } });
  expect(verdict("320 people")).toMatchObject({ ok: false, reason: "not-three-words" });
  expect(reasonWords("not-three-words").means).toBe("not-three-words");
});

describe("what a model is asked of them", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "further-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A model that replies by what it is told and shown, and what it was told. */
  function told(reply: (instructions: string, prompt: string) => object): LanguageModelV4 & { instructions: string[] } {
    const instructions: string[] = [];
    return {
      specificationVersion: "v4",
      provider: "test.told",
      modelId: "told",
      supportedUrls: {},
      instructions,
      async doGenerate({ prompt }) {
        const [system, user] = prompt.map(({ content }) =>
          typeof content === "string" ? content : content.map((part) => ("text" in part ? part.text : "")).join(""),
        ) as [string, string];
        instructions.push(system);
        return freeReply(JSON.stringify(reply(system, user)));
      },
      doStream() {
        throw new Error("this model does not stream");
      },
    };
  }

  async function said(id: string, level: VerifyLevel, model: LanguageModelV4, label = "good") {
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const { pair } = cases.find((one) => one.pair.paradigm === id && one.label === label)!;
    const [outcome] = await Array.fromAsync(verify({ pairs: [pair], level, model, calls }));
    return outcome!;
  }

  const quote = { document: 1, text: "The present lifeboat is called Signe Harrowmay" };
  const judged = (documents: string) => ({
    documents,
    needed: [],
    quotes: documents === "unrelated" ? [] : [quote],
    answer: "right",
    complete: true,
    why: "The price stands in none of them.",
  });

  it("a judge of a pair that lacks its fact finds it missing, there, or its documents beside the subject", async () => {
    const model = told(() => judged("help"));
    expect(await said("unanswerable", "judge", model)).toMatchObject({ status: "accepted" });
    expect(model.instructions[0]).toContain("may say that the fact asked for is missing");
    await rm(join(folder, "ledger.jsonl"));
    expect(
      await said(
        "unanswerable",
        "judge",
        told(() => judged("state")),
      ),
    ).toMatchObject({ reason: "answer-stated" });
    await rm(join(folder, "ledger.jsonl"));
    expect(
      await said(
        "unanswerable",
        "judge",
        told(() => judged("unrelated")),
      ),
    ).toMatchObject({
      reason: "documents-unrelated",
    });
  });

  const reader = (answers: (isShown: boolean) => object) =>
    told((instructions, prompt) =>
      instructions.startsWith("You judge") ? judged("help") : answers(prompt.includes("<document")),
    );

  it.each([
    ["no reader finds it", { answer: "unknown", sure: false }, { answer: "", sure: false }, "accepted"],
    [
      "one that says what is missing finds nothing",
      { answer: "The price of the lifeboat is not given.", sure: true },
      { answer: "I do not know", sure: true },
      "accepted",
    ],
    [
      "one finds it in them",
      { answer: "90 crowns", sure: true },
      { answer: "", sure: false },
      "answered-from-documents",
    ],
    ["one knows it", { answer: "", sure: false }, { answer: "90 crowns", sure: true }, "answered-without-documents"],
  ])("a fact is proved to be missing where %s", async (_, shown, bare, wanted) => {
    const outcome = await said(
      "unanswerable",
      "proof",
      reader((isShown) => (isShown ? shown : bare)),
    );
    expect(outcome.status === "rejected" ? outcome.reason : outcome.status).toBe(wanted);
  });

  it("a reader of documents that disagree is told to name what each gives", async () => {
    const quotes = [
      { document: 1, text: "The tower is 31 metres high" },
      { document: 2, text: "measures 33 metres from the rock" },
    ];
    const model = told((instructions, prompt) => {
      if (instructions.startsWith("You judge"))
        return { ...judged("state"), needed: [1, 2], quotes, why: "Each gives another height." };
      if (instructions.startsWith("Compare")) return { likeness: "partly" };
      const [one, other] = [prompt.includes("31 metres"), prompt.includes("33 metres")];
      const answer =
        one && other
          ? "Accounts differ: the guide of 1998 gives 31 metres, the survey of 2015 gives 33 metres."
          : one
            ? "31 metres"
            : "33 metres";
      return { answer, sure: one || other };
    });
    expect(await said("conflicting-docs", "proof", model)).toMatchObject({ status: "accepted" });
    expect(model.instructions.some((text) => text.includes("say what each of them gives"))).toBe(true);
  });

  it("a pair that cites is marked as one, for those who put its documents in another order", async () => {
    const outcome = await said(
      "cited-answer",
      "lexical",
      told(() => ({})),
    );
    expect(outcome).toMatchObject({ status: "accepted", value: { cites: true } });
  });
});
