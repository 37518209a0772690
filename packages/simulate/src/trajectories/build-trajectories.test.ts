import {
  canonicalTokens,
  type Outcome,
  type Pair,
  type Passage,
  type Retriever,
  type SearchTrajectory,
  tellingTokens,
  titledText,
} from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { buildTrajectories, replayFault, type TrajectoryOptions } from "./build-trajectories.ts";

/** Ranks passages by the words that they share with a query, rare ones counting more. */
function wordRetriever(passages: readonly Passage[]): Retriever & { asked: string[] } {
  const tokens = passages.map((passage) => new Set(canonicalTokens(titledText(passage))));
  const asked: string[] = [];
  const weight = (token: string) => Math.log(1 + passages.length / (1 + tokens.filter((set) => set.has(token)).length));
  return {
    id: "words",
    asked,
    async retrieve(queries, { limit, skip = 0, signal }) {
      signal?.throwIfAborted();
      asked.push(...queries);
      return queries.map((query) => {
        const wanted = tellingTokens(canonicalTokens(query));
        return passages
          .map((passage, i) => {
            const held = wanted.filter((token) => tokens[i]!.has(token));
            return { passage, score: held.reduce((sum, token) => sum + weight(token), 0) };
          })
          .filter(({ score }) => score > 0)
          .sort((a, b) => b.score - a.score || (a.passage.id < b.passage.id ? -1 : 1))
          .map((one, i) => ({ ...one, rank: i + 1 }))
          .slice(skip, limit);
      });
    },
  };
}

const painter = {
  id: "painter",
  title: "Marta Lind",
  text: "Marta Lind painted the Old Mill. She drew the steamer Petrel twice.",
};
const wreck = { id: "wreck", title: "Wrecks", text: "The Petrel lies on the Skaws since a night in December." };
const others = [
  { id: "mill", title: "Mills", text: "The windmill of the town was sold to a baker." },
  { id: "rocks", title: "Rocks", text: "On the rocks of the north a ship lies that nobody has named." },
  { id: "crew", title: "Crews", text: "The steamer Tern has a crew of nine." },
];
const corpus = [painter, wreck, ...others];

/** Evidence that leaving out a document loses the answer, but for those that are not needed. */
function proof(documents: readonly Passage[], { unneeded = [] as number[] } = {}) {
  const all = documents.map((_, i) => i + 1);
  const without = all.map((left) => ({
    shown: all.filter((one) => one !== left),
    answer: null,
    likeness: unneeded.includes(left) ? "same" : "different",
    by: "abstained",
  }));
  return { proof: { answers: [{ shown: [], answer: null, likeness: "different", by: "abstained" }, ...without] } };
}

const pair: Pair = {
  id: "q1",
  paradigm: "multi-doc-answer",
  exemplarId: "e1",
  question: "Who painted the Old Mill, and on which rocks lies the ship that she drew?",
  answer: "Marta Lind; the ship lies on the Skaws.",
  documents: [painter, wreck],
  model: "made",
  evidence: proof([painter, wreck]),
};

async function build(pairs: readonly Pair[], options: Partial<TrajectoryOptions> = {}) {
  const retriever = wordRetriever(corpus);
  return Array.fromAsync(buildTrajectories({ pairs, retriever, ...options }));
}
function chainOf(outcome: Outcome<SearchTrajectory> | undefined): SearchTrajectory {
  if (outcome?.status !== "accepted") throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
  return outcome.value;
}
const reasons = (outcomes: readonly Outcome<unknown>[]) =>
  outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : outcome.status));

describe("buildTrajectories", () => {
  it("searches by the question first, and then by what the first result has taught", async () => {
    const [outcome] = await build([pair]);
    const { steps, needed, isProved } = chainOf(outcome);
    expect([needed, isProved]).toEqual([["painter", "wreck"], true]);
    expect(steps.map(({ query, found, bridge }) => ({ query, found, bridge }))).toEqual([
      { query: "Who painted the Old Mill", found: ["painter"], bridge: [] },
      { query: "Petrel", found: ["wreck"], bridge: ["Petrel"] },
    ]);
    expect(steps.every(({ results }) => results.length <= 3)).toBe(true);
    expect(painter.text).toContain(steps[0]!.learned[0]);
  });

  it("looks for what the question names by its name, whole and with its initials, in place of a word that happens to help", async () => {
    const bands = [
      { id: "a", title: "Marta J. Lind", text: "Marta J. Lind is a singer of Norway, formed by the sea." },
      { id: "b", title: "Third Tern Blind", text: "Third Tern Blind is a band, formed late." },
      { id: "c", title: "Sea", text: "Marta J. Lind or the band Third Tern, older by the sea: who?" },
    ];
    const question = "Who is older, Marta J. Lind or Third Tern Blind?";
    const documents = bands.slice(0, 2);
    const retriever = wordRetriever(bands);
    const [outcome] = await build([{ ...pair, question, documents, evidence: proof(documents) }], {
      retriever,
      results: 1,
    });
    expect(chainOf(outcome).steps.map(({ query, bridge }) => ({ query, bridge }))).toEqual([
      { query: "Third Tern Blind", bridge: [] },
      { query: "Marta J. Lind", bridge: [] },
    ]);
  });

  it("asks the question of a later turn as it is understood alone, and answers without numbers of documents", async () => {
    const later = {
      ...pair,
      paradigm: "cited-answer",
      question: "Who painted it, and on which rocks lies the ship that she drew?",
      standalone: pair.question,
      history: [{ question: "What stands by the river?", answer: "The Old Mill." }],
      answer: "Marta Lind painted it [1]. The ship lies on the Skaws [1][2].",
      cites: true as const,
    };
    const chain = chainOf((await build([later]))[0]);
    expect([chain.question, chain.answer]).toEqual([
      pair.question,
      "Marta Lind painted it. The ship lies on the Skaws.",
    ]);
    expect(chain.steps).toHaveLength(2);
  });

  it("takes as learned what a judge has quoted", async () => {
    const judge = {
      quotes: [
        { document: 1, text: "She drew the steamer Petrel twice." },
        { document: 2, text: "No such words." },
      ],
    };
    const [outcome] = await build([{ ...pair, evidence: { ...pair.evidence, judge } }]);
    expect(chainOf(outcome).steps.map(({ learned }) => learned)).toEqual([
      ["She drew the steamer Petrel twice."],
      [wreck.text],
    ]);
  });

  it("asks for a proof that each document is needed, of the text as it is, unless the paradigm is to be believed", async () => {
    const unproved = { ...pair, evidence: {} };
    const unneeded = { ...pair, evidence: proof(pair.documents, { unneeded: [2] }) };
    const single = { ...pair, paradigm: "single-doc-answer", documents: [painter], evidence: proof([painter]) };
    const helpful = { ...pair, paradigm: "multi-doc-support" };
    const pairs = [unproved, { ...pair, edited: true as const }, unneeded, single, helpful, pair];
    expect(reasons(await build(pairs))).toEqual([
      "unproved",
      "unproved",
      "one-document",
      "one-document",
      "one-document",
      "accepted",
    ]);
    const [believed] = await build([unproved], { unproved: true });
    expect(chainOf(believed).isProved).toBe(false);
  });

  it("leaves a pair out of which a document is out of reach, and names it", async () => {
    const apart = { id: "apart", title: "Apart", text: "Nothing here has a word of it." };
    const documents = [painter, apart];
    const retriever = wordRetriever([...corpus, apart]);
    const [outcome] = await build([{ ...pair, documents, evidence: proof(documents) }], { retriever });
    expect(outcome).toMatchObject({ status: "rejected", reason: "not-found", detail: "no query shows “Apart”" });
  });

  it("shows as many results as asked for, and needs no second search where the first shows all", async () => {
    const asked = { ...pair, question: "Who painted the Old Mill with the Petrel on the Skaws?" };
    const [outcome] = await build([asked], { results: 2 });
    expect(chainOf(outcome).steps.map(({ found, results }) => [found, results.length])).toEqual([
      [["painter", "wreck"], 2],
    ]);
  });

  it("never looks for the choices of a question, of which one is the answer", async () => {
    const retriever = wordRetriever(corpus);
    const options = ["the Skaws", "the Bell", "the Tern"];
    const [outcome] = await build([{ ...pair, options, answer: "A" }], { retriever });
    expect(chainOf(outcome).options).toEqual(options);
    expect(retriever.asked.filter((query) => /Bell|Tern/.test(query))).toEqual([]);
  });

  it("cuts questions of scripts without spaces", async () => {
    const [one, two] = [
      { id: "一", title: "画家", text: "林美画了旧磨坊，也画过轮船海燕号。" },
      { id: "二", title: "沉船", text: "海燕号沉没在黑石礁。" },
    ];
    const filler = { id: "三", title: "港口", text: "港口有三座灯塔和一座仓库。" };
    const chinese: Pair = {
      ...pair,
      question: "谁画了旧磨坊？她画的海燕号沉没在哪里？",
      answer: "林美；黑石礁",
      documents: [one!, two!],
      evidence: proof([one!, two!]),
    };
    const [outcome] = await build([chinese], { retriever: wordRetriever([one!, two!, filler]), results: 1 });
    expect(chainOf(outcome).steps.map(({ found }) => found)).toEqual([["一"], ["二"]]);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(build([pair], { signal: stop.signal })).rejects.toThrow("enough");
  });
});

describe("replayFault", () => {
  it("finds words that nothing has stated, documents that a search does not show, and ones that none shows", async () => {
    const retriever = wordRetriever(corpus);
    const chain = chainOf((await build([pair]))[0]);
    expect(await replayFault(chain, { retriever })).toBeUndefined();
    const [first, second] = chain.steps;
    const changed = (steps: SearchTrajectory["steps"]) => replayFault({ ...chain, steps }, { retriever });
    expect(await changed([{ ...first!, query: "Marta Lind who painted the Old Mill" }, second!])).toBe(
      "search 1: neither the question nor an earlier result has “Marta”",
    );
    expect(await changed([{ ...first!, query: "the ship" }, second!])).toBe(
      "search 1: “the ship” does not show painter",
    );
    expect(await changed([first!])).toBe("no search shows wreck");
    expect(await changed([second!, first!])).toBe("search 1: neither the question nor an earlier result has “Petrel”");
  });
});
