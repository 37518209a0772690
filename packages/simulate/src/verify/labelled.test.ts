import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "@rag-instruct/core";
import { type Calls, openCalls } from "@rag-instruct/core/calls";
import { paradigmById } from "@rag-instruct/paradigms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoPassages } from "../../test/demo-passages.ts";
import type { LabelledPair } from "../../test/labelled-pair.ts";
import { labelledPairs } from "../../test/labelled-pairs.ts";
import { ruleReader } from "../../test/rule-reader.ts";
import { checkLexically } from "./lexical.ts";
import { provePair } from "./proof.ts";
import { type VerifyLevel, verify } from "./verify.ts";

const set = labelledPairs(demoPassages(), { each: 22, seed: 1 });
const kinds = [...new Set(set.map(({ kind }) => kind))];
let folder: string;
let calls: Calls;
beforeAll(async () => {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  folder = await mkdtemp(join(tmpdir(), "verify-"));
  calls = await openCalls({ ledger: join(folder, "ledger.jsonl") });
});
afterAll(async () => {
  await calls.close();
  await rm(folder, { recursive: true });
});

/** What is decided otherwise than the label says, in words. */
async function mistakes(level: VerifyLevel, among: readonly LabelledPair[]): Promise<string[]> {
  const outcomes = verify({
    pairs: among.map(({ pair }) => pair),
    exemplars: among.map(({ exemplar }) => exemplar),
    level,
    model: level === "lexical" ? undefined : ruleReader(),
    calls: level === "lexical" ? undefined : calls,
  });
  const found: string[] = [];
  let i = 0;
  for await (const outcome of outcomes) {
    const { kind, reasons, pair } = among[i++]!;
    const wanted: string[] = Object.values(reasons).flat();
    const said = outcome.status === "rejected" ? outcome.reason : outcome.status;
    if (kind === "right" ? said !== "accepted" : !wanted.includes(said)) {
      const detail = outcome.status === "rejected" ? outcome.detail : "";
      found.push(`${kind} (${pair.paradigm}): ${said} ${detail} — ${pair.question} => ${pair.answer}`);
    }
  }
  return found;
}

describe("a set by real models, labelled by reading", () => {
  const file = join(import.meta.dirname, "../../../../bench/verify/real/pairs.jsonl");
  const real: (Pair & { by: string; label: string })[] = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const accepts = (pair: (typeof real)[number]) =>
    checkLexically({ ...pair, exemplarId: "none", model: pair.by }, { paradigm: paradigmById(pair.paradigm) }).ok;

  it("keeps nine in ten good pairs and rejects three in four others, over more than 400 by models", () => {
    expect(real.filter(({ by }) => by !== "repair").length).toBeGreaterThan(400);
    const good = real.filter(({ label }) => label === "good");
    const bad = real.filter(({ label }) => label !== "good");
    expect(good.filter(accepts).length / good.length).toBeGreaterThanOrEqual(0.9);
    expect(bad.filter(accepts).length / bad.length).toBeLessThanOrEqual(0.25);
  });
});

describe("a set labelled by construction", () => {
  it("holds more than 600 pairs, right ones of all paradigms and wrong ones of more than a dozen kinds", () => {
    expect(set.length).toBeGreaterThan(600);
    expect(kinds.length).toBeGreaterThan(13);
    expect(new Set(set.filter(({ kind }) => kind === "right").map(({ pair }) => pair.paradigm)).size).toBe(5);
  });

  it("is decided rightly by words where words can decide, and no right pair is rejected", async () => {
    const decidable = set.filter(({ kind, reasons }) => kind === "right" || reasons.lexical);
    const found = await mistakes("lexical", decidable);
    expect(found.filter((mistake) => mistake.startsWith("right"))).toEqual([]);
    expect(found.length / decidable.length, found.slice(0, 5).join("\n")).toBeLessThan(0.05);
  });

  it.each(kinds)("%s: decided rightly by a judge and by proof", async (kind) => {
    const among = set.filter((one) => one.kind === kind);
    expect(await mistakes("judge", among)).toEqual([]);
    expect(await mistakes("proof", among)).toEqual([]);
  });

  it("is decided rightly by answers with and without documents alone", async () => {
    const asker = { model: ruleReader(), calls };
    for (const { pair, kind, reasons } of set) {
      if (kind !== "right" && !reasons.proof) continue;
      const verdict = await provePair(pair, { paradigm: paradigmById(pair.paradigm), asker });
      const said = verdict.ok ? "right" : verdict.reason;
      expect([kind, said, verdict.evidence]).toEqual([
        kind,
        kind === "right" ? "right" : reasons.proof?.[0],
        verdict.evidence,
      ]);
    }
  });
});
