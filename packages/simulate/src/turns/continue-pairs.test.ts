import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { type Exemplar, type Pair, type Passage, type Retriever, tally } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { defineParadigm, paradigmById } from "@rag-instruct/paradigms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPairs } from "../given-pairs.ts";
import { freeReply } from "../offline/offline-model.ts";
import { reasonWords } from "../synthesis/reasons.ts";
import { checkTurn } from "../verify/turn.ts";
import { verify } from "../verify/verify.ts";
import { type ContinueOptions, continuePairs } from "./continue-pairs.ts";

const names = ["Skaw", "Pell", "Corran", "Tarrow", "Quenlock", "Moorfoot"];
const passages: Passage[] = names.flatMap((name, i) => [
  { id: `${name}-1`, title: name, text: `The light of ${name} was lit for the first time in ${1820 + i}.` },
  { id: `${name}-2`, title: name, text: `The tower of the light of ${name} is ${31 + i} metres high.` },
  { id: `${name}-3`, title: name, text: `The lamp in the light of ${name} has been automatic since ${1970 + i}.` },
]);
/** Ranks passages of the place that a query names. */
const retriever: Retriever = {
  id: "made",
  retrieve: async (queries, { limit }) =>
    queries.map((query) => {
      const found = passages.filter(({ title }) => query.includes(title)).slice(0, limit);
      return found.map((passage, i) => ({ passage, score: -i, rank: i + 1 }));
    }),
};
const pairs: Pair[] = names.map((name, i) => ({
  id: `pair-${name}`,
  paradigm: "single-doc-answer",
  exemplarId: "e",
  question: `When was the light of ${name} lit for the first time?`,
  answer: `In ${1820 + i}.`,
  documents: [passages.find(({ id }) => id === `${name}-1`)!],
  model: "m",
}));
const exemplars: Exemplar[] = [{ id: "e", question: "How tall is the Eiffel Tower?", source: "s", task: "open" }];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "turns-"));
});
afterEach(() => rm(folder, { recursive: true }));

type Reply = (instructions: string, prompt: string) => object;

function told(reply: Reply): LanguageModelV4 & { asked: string[] } {
  const asked: string[] = [];
  return {
    specificationVersion: "v4",
    provider: "test.told",
    modelId: "told",
    supportedUrls: {},
    asked,
    async doGenerate({ prompt }) {
      const [system, user] = prompt.map(({ content }) =>
        typeof content === "string" ? content : content.map((part) => ("text" in part ? part.text : "")).join(""),
      ) as [string, string];
      asked.push(user);
      return freeReply(JSON.stringify(reply(system, user)));
    },
    doStream() {
      throw new Error("this model does not stream");
    },
  };
}

/** Writes a follow-up on what the document says; of Pell it writes one that stands alone, of Corran one of something else. */
const writer: Reply = (_, whole) => {
  const prompt = whole.split("<conversation>")[0]!;
  const [, name] = /light of (\w+)/.exec(prompt)!;
  const isHeight = prompt.includes("metres high");
  const [, value] = isHeight ? /is (\d+) metres/.exec(prompt)! : /automatic since (\d+)/.exec(prompt)!;
  const standalone = isHeight
    ? `How high is the tower of the light of ${name}?`
    : `Since when has the lamp in the light of ${name} been automatic?`;
  const question = isHeight ? "How high is its tower?" : "And since when has its lamp been automatic?";
  const answer = isHeight ? `The tower is ${value} metres high.` : `It has been automatic since ${value}.`;
  if (name === "Pell") return { standalone, question: standalone, answer };
  return { standalone, question, answer };
};

async function grow(model: LanguageModelV4, more: Partial<ContinueOptions> = {}) {
  await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl"), ...(more as { budget?: object }) });
  const follow = ["single-doc-answer"];
  const outcomes = await Array.fromAsync(
    continuePairs({ pairs, exemplars, retriever, model, calls, turns: 3, follow, ...more }),
  );
  return { outcomes, summary: calls.summary(), ...(await tally(outcomes)) };
}

describe("continuePairs", () => {
  it("grows conversations turn by turn, each with documents of its own, and ends one where a turn is refused", async () => {
    const model = told(writer);
    const { outcomes, requested, accepted, rejected, failed } = await grow(model);
    const reasons = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? `${outcome.reason}: ${outcome.detail}` : [],
    );
    expect(reasons).toEqual([expect.stringMatching(/^needs-no-history/)]);
    expect([requested, accepted, rejected, failed]).toEqual([6 + 5, 5 + 5, 1, 0]);
    const turns = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? outcome.value : []));
    for (const { history, documents, question, standalone, evidence } of turns) {
      const earlier = pairs.filter(({ question }) => history!.some((turn) => turn.question === question));
      expect(earlier).toHaveLength(1);
      const name = earlier[0]!.documents[0]!.title;
      expect(documents.map(({ id }) => id)).toEqual([`${name}-${history!.length + 1}`]);
      expect(standalone).toContain(name);
      expect(question).not.toContain(name);
      expect(evidence?.turn).toMatchObject({ leftOut: expect.arrayContaining([expect.stringMatching(/light|skaw/)]) });
    }
    expect(turns.map(({ history }) => history!.length)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    expect(model.asked[0]).toContain("<conversation>\nQuestion: When was the light of");
  });

  it("takes turns of other conversations for no duplicates, however alike their few words are", async () => {
    const { outcomes, accepted } = await grow(told(writer), { duplicates: {} });
    expect(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? outcome.reason : []))).toEqual([
      "needs-no-history",
    ]);
    expect(accepted).toBe(10);
  });

  it("goes on from the ledger, with the same turns and nothing paid twice", async () => {
    const first = await grow(told(writer));
    const again = await grow(told(() => ({})));
    expect(again.outcomes).toEqual(first.outcomes);
    expect(again.summary.made).toBe(0);
  });

  it("says where there are no documents for another turn, and counts it", async () => {
    const { outcomes, requested, accepted, rejected } = await grow(told(writer), { turns: 4 });
    expect([requested, accepted, rejected]).toEqual([6 + 5 + 5, 10, 6]);
    expect(
      outcomes.filter((outcome) => outcome.status === "rejected" && outcome.reason === "no-further-documents"),
    ).toHaveLength(5);
  });

  it("stays within a budget: what it has no room for has failed, and is not lost", async () => {
    const { requested, accepted, rejected, failed, outcomes } = await grow(told(writer), {
      budget: { tokens: 1 },
    } as object);
    expect([requested, accepted + rejected + failed, failed]).toEqual([6, 6, 6]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(6).fill("failed"));
  });

  it("takes a paradigm that there are documents for, and only documents that serve it together", async () => {
    const paradigms = {
      "single-doc-answer": paradigmById("single-doc-answer"),
      pair: defineParadigm({
        ...paradigmById("multi-doc-answer"),
        id: "pair",
        documents: { min: 2, max: 2 },
        fits: (together) => together.length < 2 || together.every(({ text }) => /tower|nothing/.test(text)),
      }),
    };
    const { outcomes } = await grow(told(writer), { follow: Object.keys(paradigms), paradigms, turns: 2 });
    expect(outcomes).toHaveLength(6);
    for (const outcome of outcomes)
      expect(outcome).not.toMatchObject({ reason: expect.stringMatching(/no-further-documents/) });
    const none = await grow(told(writer), { follow: ["pair"], paradigms, turns: 2 });
    const reasons = none.outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason);
    expect(reasons).toEqual(Array(6).fill("no-further-documents"));
  });

  it("goes on from later turns too, up to as many turns as asked for", async () => {
    const earlier = (turns: number) => Array.from({ length: turns }, () => ({ question: "Where?", answer: "There." }));
    const later = [0, 1, 2].map((turns, i) => ({ ...pairs[[0, 3, 4][i]!]!, history: earlier(turns) }));
    const { outcomes } = await grow(told(writer), { pairs: later, turns: 3 });
    const turns = outcomes.flatMap((outcome) =>
      outcome.status === "accepted" ? outcome.value.history!.length + 1 : [],
    );
    expect(turns).toEqual([2, 3, 3]);
  });

  it("says nothing of no pairs", async () => {
    expect((await grow(told(writer), { pairs: [] })).outcomes).toEqual([]);
  });

  it.each([0, 1, 5, 2.5])("refuses %s turns", async (turns) => {
    await expect(grow(told(writer), { turns })).rejects.toThrow(/has 2 to 4 turns/);
  });
});

describe("a later turn by its words", () => {
  const base = pairs[0]!;
  const history = [{ question: base.question, answer: base.answer }];
  const check = (question: string, standalone: string) => {
    const verdict = checkTurn({ ...base, history, question, standalone }, "en");
    return verdict.ok ? "right" : verdict.reason;
  };
  it.each([
    ["How high is its tower?", "How high is the tower of the light of Skaw?", "right"],
    ["And how many keepers lived there?", "How many keepers lived in the light of Skaw?", "right"],
    ["What happened in that year?", "What happened at Skaw in 1820?", "right"],
    ["How high is the tower of the light of Skaw?", "How high is the tower of the light of Skaw?", "needs-no-history"],
    ["How high is its tower?", "How high is the tower of the cathedral in Ulm?", "not-of-history"],
    [base.question, "When was the light of Skaw lit for the first time?", "same-as-exemplar"],
    ["According to the passage, how high is it?", "How high is the tower of the light of Skaw?", "points-at-document"],
  ])("%s for %s: %s", (question, standalone, wanted) => {
    expect(check(question, standalone)).toBe(wanted);
    expect(reasonWords("needs-no-history").means).not.toBe("needs-no-history");
  });
});

describe("a later turn by a model", () => {
  const [base] = pairs as [Pair];
  const turn: Pair = {
    ...base,
    id: "turn",
    question: "How high is its tower?",
    standalone: "How high is the tower of the light of Skaw?",
    answer: "31 metres",
    documents: [passages[1]!],
    history: [{ question: base.question, answer: base.answer }],
  };
  const quotes = [{ document: 1, text: "The tower of the light of Skaw is 31 metres high" }];
  /** @param alone whether a reader of the question alone understands it @param after what one says who knows the history */
  const reader =
    (alone: boolean, after: string): Reply =>
    (instructions, prompt) => {
      if (instructions.startsWith("You judge"))
        return {
          documents: "state",
          needed: [1],
          quotes,
          answer: "right",
          complete: true,
          why: "The document gives the height.",
        };
      if (instructions.startsWith("You see one question")) return { clear: alone, missing: "what “its” is" };
      if (instructions.startsWith("Compare")) return { likeness: "different" };
      if (!prompt.includes("<document")) return { answer: "", sure: false };
      return { answer: prompt.includes("<conversation>") ? after : "31 metres", sure: true };
    };
  const said = async (reply: Reply) => {
    await using calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
    const [outcome] = await Array.fromAsync(verify({ pairs: [turn], level: "proof", model: told(reply), calls }));
    return outcome!;
  };

  it("is proved when nobody understands it alone and one who knows the history answers as it does", async () => {
    const outcome = await said(reader(false, "31 metres"));
    expect(outcome).toMatchObject({
      status: "accepted",
      value: { evidence: { verify: { level: "proof", calls: 5, proofCalls: 3 } } },
    });
  });
  it.each([
    ["needs-no-history", true, "31 metres"],
    ["not-answered-with-history", false, "1820"],
  ])("is refused as %s", async (reason, alone, after) => {
    expect(await said(reader(alone, after))).toMatchObject({ status: "rejected", reason });
  });
  it("is read from a file with what went before, which must be whole", async () => {
    const file = join(folder, "pairs.jsonl");
    await writeFile(file, `${JSON.stringify(turn)}\n`);
    const [read] = await Array.fromAsync(readPairs(file));
    expect(read).toMatchObject({ history: turn.history, standalone: turn.standalone });
    await writeFile(file, `${JSON.stringify({ ...turn, standalone: undefined })}\n`);
    await expect(Array.fromAsync(readPairs(file))).rejects.toThrow(/needs its question as `standalone` too/);
    await writeFile(file, `${JSON.stringify({ ...turn, history: ["When?"] })}\n`);
    await expect(Array.fromAsync(readPairs(file))).rejects.toThrow(/list of earlier turns/);
    expect(paradigmById(read!.paradigm).id).toBe("single-doc-answer");
  });
});
