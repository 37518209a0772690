import type { Pair } from "@rag-instruct/core";
import { jaccard, RagInstructError, seededRandom, shingles } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { dropDuplicates, knownPairs } from "./drop-duplicates.ts";

const pair = (
  id: string,
  question: string,
  answer = `answer of ${id} alone`,
  evidence?: Record<string, unknown>,
): Pair => ({
  id,
  paradigm: "p",
  exemplarId: "e",
  question,
  answer,
  documents: [],
  model: "m",
  evidence,
});
const drop = (pairs: Parameters<typeof dropDuplicates>[0]["pairs"], more = {}) =>
  Array.fromAsync(dropDuplicates({ pairs, ...more }));
const kept = async (pairs: Pair[], more = {}) =>
  (await drop(pairs, more)).filter(({ status }) => status === "accepted").map(({ id }) => id);

const long =
  "In which year did the engineers of the northern harbour finish the second of the three granite lighthouses";
/** Texts of which many are others with some words changed. */
function madeTexts(count: number): string[] {
  const random = seededRandom(5, "texts");
  const word = () => `w${random.integer(3000)}`;
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const isCopy = i > 0 && random.next() < 0.5;
    const words = isCopy ? texts[random.integer(i)]!.split(" ") : Array.from({ length: 40 }, word);
    const changes = isCopy ? random.integer(5) : 0;
    for (let c = 0; c < changes; c++) words[random.integer(words.length)] = word();
    texts.push(words.join(" "));
  }
  return texts;
}

describe("dropDuplicates", () => {
  it("leaves out exact and near-duplicates of questions and of pairs, in order, and names what stays", async () => {
    const other = "Which of the keepers wrote down the weather of every single night of that winter";
    const outcomes = await drop([
      pair("a", `${long}?`),
      pair("b", `${long.toUpperCase()} ?`),
      pair("c", `${long}, then?`),
      pair("d", other, "It was Ilse Brandt who did so, and nobody else has ever done it since."),
      pair("e", `Tell me: ${other}?`, "It was Ilse Brandt who did so, and nobody else has ever done it since!"),
    ]);
    expect(outcomes.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "a accepted",
      "b rejected",
      "c rejected",
      "d accepted",
      "e rejected",
    ]);
    expect(outcomes[1]).toMatchObject({ reason: "exact-duplicate", input: { evidence: { duplicate: { of: "a" } } } });
    expect(outcomes[2]).toMatchObject({ reason: "near-duplicate" });
    expect(outcomes[4]).toMatchObject({ reason: "near-duplicate", detail: expect.stringContaining("pair d") });
  });

  it("keeps the best verified of a cluster, wherever it stands", async () => {
    const proof = { verify: { level: "proof", calls: 3 } };
    const judge = { verify: { level: "judge", calls: 1 } };
    const pairs = [pair("a", `${long}?`, "x"), pair("b", `${long}?`, "y", judge), pair("c", `${long}?`, "z", proof)];
    expect(await kept(pairs)).toEqual(["c"]);
    expect(await kept(pairs.slice(0, 2))).toEqual(["b"]);
    expect(await kept(pairs, { quality: ({ id }: Pair) => (id === "a" ? 1 : 0) })).toEqual(["a"]);
  });

  it("does not drop along a chain: what is left out is like a pair that stays", async () => {
    const texts = madeTexts(300);
    const pairs = texts.map((text, i) => pair(String(i), text, String(i)));
    const outcomes = await drop(pairs, { over: ["question"] });
    for (const outcome of outcomes) {
      if (outcome.status !== "rejected") continue;
      const { of } = outcome.input.evidence!.duplicate as { of: string };
      expect(outcomes[Number(of)]!.status).toBe("accepted");
      expect(jaccard(shingles(texts[Number(of)]!), shingles(outcome.input.question))).toBeGreaterThanOrEqual(0.8);
    }
  });

  it("gives the same for arrays, functions and streams, and takes its temporary file away", async () => {
    const pairs = madeTexts(50).map((text, i) => pair(String(i), text));
    async function* stream() {
      yield* pairs;
    }
    const expected = await drop(pairs);
    expect(await drop(() => pairs)).toEqual(expected);
    expect(await drop(stream())).toEqual(expected);
    expect(await drop(pairs)).toEqual(expected);
  });

  it("stands for nothing at all, and refuses a threshold that makes no sense", async () => {
    expect(await drop([])).toEqual([]);
    await expect(drop([], { threshold: 0 })).rejects.toSatisfy((error) => RagInstructError.is(error, "bad-option"));
    const stop = AbortSignal.abort();
    await expect(drop([pair("a", "x")], { signal: stop })).rejects.toThrow(/abort/i);
  });
});

describe("knownPairs", () => {
  it("says of each pair as it comes what dropDuplicates says of them all", async () => {
    const pairs = madeTexts(300).map((text, i) => pair(String(i), text, `${text.slice(0, 20)} ${i % 7}`));
    const known = knownPairs();
    const said = pairs.map((one) => known.take(one) ?? { status: "accepted", id: one.id, value: one });
    expect(said).toEqual(await drop(pairs));
    expect(said.filter(({ status }) => status === "rejected").length).toBeGreaterThan(20);
  });
});
