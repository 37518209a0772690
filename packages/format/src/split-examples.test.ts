import { RagInstructError, type TrainingExample } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { madeExample } from "../test/made-set.ts";
import { splitExamples } from "./split-examples.ts";

// Questions are far apart, and documents their own, unless a test says otherwise.
const words = "river bridge keeper lamp harbour tide granite orchard ledger winter copper valley".split(" ");
const question = (i: number) =>
  Array.from({ length: 8 }, (_, k) => `${words[(i * 7 + k * k * (i + 3)) % 12]}${(i * 31 + k) % 997}`).join(" ");
const examples = Array.from({ length: 400 }, (_, i) => madeExample(i, { question: question(i) }));

function sidesOf(
  splits: { of(id: string): string | undefined },
  set: readonly TrainingExample[],
): Map<string, Set<string>> {
  const sides = new Map<string, Set<string>>();
  for (const { id, documents } of set) {
    for (const document of documents) sides.set(document.id, (sides.get(document.id) ?? new Set()).add(splits.of(id)!));
  }
  return sides;
}

describe("splitExamples", () => {
  it("meets the shares, by seed, and puts every example on one side", async () => {
    const splits = await splitExamples({ examples, seed: 1 });
    expect(splits.counts).toEqual({ train: 360, validation: 20, test: 20 });
    const parts = await Promise.all(
      ["train", "validation", "test"].map((split) => Array.fromAsync(splits.only(split, examples))),
    );
    expect(parts.map((part) => part.length)).toEqual([360, 20, 20]);
    expect(new Set(parts.flat()).size).toBe(400);
    const same = await splitExamples({ examples, seed: 1 });
    const other = await splitExamples({ examples, seed: 2 });
    const sides = (one: typeof splits) => examples.map(({ id }) => one.of(id));
    expect(sides(same)).toEqual(sides(splits));
    expect(sides(other)).not.toEqual(sides(splits));
  });

  it("keeps a document on one side, source or noise", async () => {
    const linked = examples.map((example, i) => {
      const [first, ...rest] = example.documents;
      return { ...example, documents: [{ ...first!, id: `shared-${Math.floor(i / 4)}` }, ...rest] };
    });
    const splits = await splitExamples({ examples: linked, seed: 1 });
    expect(splits.groups).toEqual(Array.from({ length: 100 }, () => 4));
    for (const sides of sidesOf(splits, linked).values()) expect(sides.size).toBe(1);
    expect(splits.counts).toEqual({ train: 360, validation: 20, test: 20 });
  });

  it("keeps near-duplicate questions on one side", async () => {
    const similar = examples.map((example, i) => ({
      ...example,
      question: `${question(Math.floor(i / 2))} and its long old wooden harbour wall by the sea${i % 2 ? "?" : " today"}`,
    }));
    const splits = await splitExamples({ examples: similar, seed: 3, shares: { train: 0.5, test: 0.5 } });
    for (let i = 0; i < 400; i += 2) expect(splits.of(`e${i}`)).toBe(splits.of(`e${i + 1}`));
    expect(splits.counts).toEqual({ train: 200, test: 200 });
  });

  it("says when everything hangs together, and takes sources alone when told", async () => {
    const tied = examples.map((example) => {
      const noise = { id: "everywhere", title: "", text: "x", role: "noise" as const };
      return { ...example, documents: [noise, ...example.documents.slice(1)] };
    });
    const attempt = splitExamples({ examples: tied, seed: 1 });
    await expect(attempt).rejects.toThrow(/400 of 400 examples share .*documents: "sources"/);
    const splits = await splitExamples({ examples: tied, seed: 1, documents: "sources" });
    expect(splits.counts).toEqual({ train: 360, validation: 20, test: 20 });
  });

  it("refuses equal ids and shares that do not sum to 1", async () => {
    const twice = splitExamples({ examples: [examples[0]!, examples[0]!], seed: 1 });
    await expect(twice).rejects.toSatisfy((error) => RagInstructError.is(error, "duplicate-id"));
    await expect(splitExamples({ examples, seed: 1, shares: { train: 0.5 } })).rejects.toThrow(/sum to 1, not 0.5/);
  });
});
