import { accepted, type Pair, RagInstructError, type Retriever, tally } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeCorpus, madePair, madeRetriever } from "../test/made-set.ts";
import { assembleExamples } from "./assemble.ts";
import { checkExample } from "./check-example.ts";

const corpus = madeCorpus(300);
const pairs = Array.from({ length: 150 }, (_, i) => madePair(`q${i}`, i % 3 === 0 ? [i] : [i, i + 100]));
const retriever = madeRetriever(corpus);

describe("assembleExamples", () => {
  it("gives one sound example a pair, in order: every source, noise to ten, each with its role", async () => {
    const examples = await Array.fromAsync(accepted(assembleExamples({ pairs, retriever, seed: 1 })));
    expect(examples.map(({ id }) => id)).toEqual(pairs.map(({ id }) => id));
    for (const [i, example] of examples.entries()) {
      expect(checkExample(example)).toEqual([]);
      const sources = example.documents.filter(({ role }) => role === "source").map(({ id }) => id);
      expect(sources.sort()).toEqual(pairs[i]!.documents.map(({ id }) => id).sort());
      expect(example.sourceIds).toEqual(pairs[i]!.documents.map(({ id }) => id));
    }
  });

  it("without a retriever gives each pair its sources alone, and the reasons of those that are faulty", async () => {
    const outcomes = await Array.fromAsync(assembleExamples({ pairs: [...pairs, madePair("none", [])], seed: 1 }));
    const examples = outcomes.flatMap((outcome) => (outcome.status === "accepted" ? [outcome.value] : []));
    expect(examples.map(({ documents }) => documents.map(({ role }) => role))).toEqual(
      pairs.map(({ documents }) => documents.map(() => "source")),
    );
    expect(outcomes.at(-1)).toMatchObject({ status: "rejected", reason: "no-sources" });
    const bare = Array.fromAsync(assembleExamples({ pairs, seed: 1, withoutSources: 0.3 }));
    await expect(bare).rejects.toThrow(/without a retriever there is none/);
  });

  it("retrieves in batches and reads only the ranks that noise is drawn from", async () => {
    const counting = madeRetriever(corpus);
    await tally(assembleExamples({ pairs, retriever: counting, seed: 1, batchSize: 64 }));
    expect(counting.calls).toEqual([64, 64, 22].map((queries) => ({ queries, skip: 200 })));
  });

  it("gives the same examples whatever the batches and the concurrency", async () => {
    const slow: Retriever = {
      id: "slow",
      async retrieve(queries, options) {
        await new Promise((resolve) => setTimeout(resolve, queries[0]!.length % 7));
        return retriever.retrieve(queries, options);
      },
    };
    const one = await Array.fromAsync(assembleExamples({ pairs, retriever, seed: 1, batchSize: 150 }));
    const many = await Array.fromAsync(
      assembleExamples({ pairs, retriever: slow, seed: 1, batchSize: 7, concurrency: 5 }),
    );
    expect(many).toEqual(one);
    expect(await Array.fromAsync(assembleExamples({ pairs, retriever, seed: 2 }))).not.toEqual(one);
  });

  it("spreads the sources over all places unless told where to put them", async () => {
    const placesOf = async (positions: "random" | "first" | "middle" | "last") => {
      const examples = await Array.fromAsync(accepted(assembleExamples({ pairs, retriever, seed: 1, positions })));
      return examples.map(({ documents }) => documents.flatMap(({ role }, i) => (role === "source" ? [i] : [])));
    };
    expect(new Set((await placesOf("random")).flat()).size).toBe(10);
    for (const places of await placesOf("first")) expect(places).toEqual([0, 1].slice(0, places.length));
    for (const places of await placesOf("last")) expect(places).toEqual([8, 9].slice(-places.length));
    for (const places of await placesOf("middle")) expect(places).toEqual([4, 5].slice(0, places.length));
  });

  it("leaves the sources out of the share of examples asked for, and the example says so", async () => {
    const examples = await Array.fromAsync(
      accepted(assembleExamples({ pairs, retriever, seed: 1, withoutSources: 0.3 })),
    );
    const bare = examples.filter(({ documents }) => documents.every(({ role }) => role === "noise"));
    expect(bare.length).toBeGreaterThan(25);
    expect(bare.length).toBeLessThan(65);
    for (const example of bare) {
      expect(example.sourceIds).toEqual([]);
      expect(checkExample(example)).toEqual([]);
    }
  });

  it("takes another number of documents, depth and range of ranks", async () => {
    const options = { documents: 5, beyond: 20, depth: 40, retriever, seed: 1 };
    for await (const { documents } of accepted(assembleExamples({ pairs, ...options }))) {
      expect(documents).toHaveLength(5);
      for (const { role, rank } of documents) if (role === "noise") expect(rank! > 20 && rank! <= 40).toBe(true);
    }
  });

  it("marks the noise of a small corpus and reads the better ranks only then", async () => {
    const small = madeRetriever(corpus.slice(0, 60));
    const [outcome] = await Array.fromAsync(
      assembleExamples({ pairs: [madePair("q", [1, 2])], retriever: small, seed: 1 }),
    );
    expect(small.calls.map(({ skip }) => skip)).toEqual([200, 0]);
    const noise = outcome?.status === "accepted" ? outcome.value.documents.filter(({ role }) => role === "noise") : [];
    expect(noise).toHaveLength(8);
    expect(noise.every(({ relaxed, rank }) => relaxed === "small-corpus" && rank! > 40)).toBe(true);
  });

  it("says that a corpus is too small", async () => {
    const tiny = madeRetriever(corpus.slice(0, 7));
    const outcomes = assembleExamples({ pairs: [madePair("q", [1])], retriever: tiny, seed: 1 });
    await expect(tally(outcomes)).rejects.toThrow(/at most 7 passages .* needs 10 documents/);
  });

  it("rejects pairs that no example can be made of, each with its reason, and loses none", async () => {
    const bad: Pair[] = [
      madePair("none", []),
      madePair(
        "eleven",
        Array.from({ length: 11 }, (_, i) => i),
      ),
      madePair("twice", [3, 3]),
      madePair("mute", [1], { question: " " }),
      madePair("blank", [1], { answer: "" }),
      madePair("sound", [1]),
    ];
    const outcomes = await Array.fromAsync(assembleExamples({ pairs: bad, retriever, seed: 1 }));
    expect(outcomes.map(({ id }) => id)).toEqual(bad.map(({ id }) => id));
    expect(await tally(outcomes)).toEqual({
      requested: 6,
      accepted: 1,
      rejected: 5,
      failed: 0,
      reasons: { "no-sources": 1, "too-many-sources": 1, "repeated-source": 1, "empty-question": 1, "empty-answer": 1 },
    });
  });

  it("counts what the guards refused", async () => {
    const answer = "granite";
    const stating = corpus.map((passage, i) =>
      i % 2 ? { ...passage, text: `${passage.text} It was granite.` } : passage,
    );
    const made = assembleExamples({
      pairs: [madePair("q", [0], { answer })],
      retriever: madeRetriever(stating),
      seed: 1,
    });
    const [outcome] = await Array.fromAsync(made);
    expect(outcome?.refused?.["states-answer"]).toBeGreaterThan(0);
  });

  it("refuses what states the answer in another form", async () => {
    const pair = madePair("q", [0], { answer: "3 March 1999" });
    const stating = corpus.map((passage, i) =>
      i % 2 ? passage : { ...passage, text: `${passage.text} It was opened on March 3rd, 1999.` },
    );
    const made = assembleExamples({ pairs: [pair], retriever: madeRetriever(stating), seed: 1 });
    const [outcome] = await Array.fromAsync(made);
    const noise = outcome?.status === "accepted" ? outcome.value.documents.filter(({ role }) => role === "noise") : [];
    expect(noise.map(({ id }) => Number(id.match(/\d+/)![0]) % 2)).toEqual(Array(9).fill(1));
    expect(outcome?.refused?.["states-answer"]).toBeGreaterThan(0);
  });

  it("refuses options that cannot be met", async () => {
    const bad = [{ documents: 0 }, { beyond: 250 }, { withoutSources: 2 }];
    for (const options of bad) {
      const made = tally(assembleExamples({ pairs, retriever, seed: 1, ...options }));
      await expect(made).rejects.toSatisfy((error) => RagInstructError.is(error, "bad-option"));
    }
  });

  it("stops when told, with the caller's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const made = assembleExamples({ pairs, retriever, seed: 1, batchSize: 10, signal: stop.signal });
    await expect(
      (async () => {
        for await (const _ of made) stop.abort(reason);
      })(),
    ).rejects.toBe(reason);
  });
});
