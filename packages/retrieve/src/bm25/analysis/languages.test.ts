import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Passage } from "@rag-instruct/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnalyzerName, analyzerForCorpus, analyzerNames, buildBm25Index, openBm25Index } from "../../index.ts";
import { resolveAnalyzer } from "./analyzers.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "languages-"));
});
afterEach(() => rm(folder, { recursive: true }));

const passagesOf = (texts: readonly string[]): Passage[] => texts.map((text, i) => ({ id: `p${i}`, title: "", text }));

async function found(analyzer: AnalyzerName, texts: readonly string[], query: string, threads = 1): Promise<string[]> {
  const to = join(folder, "index");
  await buildBm25Index({ passages: passagesOf(texts), to, analyzer, threads });
  await using index = await openBm25Index(to);
  const { rows } = await index.search([query], { limit: texts.length });
  return Array.from(
    rows.filter((row) => row >= 0),
    (row) => index.idOf(row),
  );
}

describe("an analyzer of a language", () => {
  it.each<[AnalyzerName, text: string, query: string]>([
    ["french", "La cour de l’école est vide.", "école"],
    ["french", "Qu'il vienne à l'hôtel.", "hôtels"],
    ["english", "They don’t say.", "don't"],
    ["english", "The founder of l’Oréal.", "Oréal"],
    ["italian", "Gli amici dell'arte.", "arte"],
    ["german", "In großen Häusern wohnt man.", "haus"],
    ["russian", "О книгах и людях.", "книга"],
    ["turkish", "İstanbul'un köprüleri.", "istanbul köprü"],
    ["romanian", "Activităților școlare.", "activitatea"],
    ["arabic", "في المدرسة الكبيرة", "مدرسة"],
    ["greek", "Οι δρόμοι της Αθήνας", "δρόμος"],
    ["simple", "서울에서 열린 회의", "서울"],
    ["simple", "물을 마신다", "물"],
    ["simple", "南京市长江大桥", "南京"],
    ["simple", "水资源管理", "水"],
    ["simple", "東京都の人口", "京都"],
    ["simple", "ｶﾞｲﾄﾞの本", "ガイド"],
    ["simple", "ประเทศไทยมีประชากร", "ไทย"],
    ["german", "Die Brücke heißt 南京市长江大桥.", "长江"],
  ])("%s finds in « %s » what is asked as « %s »", async (analyzer, text, query) => {
    expect(await found(analyzer, ["zzz", text], query)).toEqual(["p1"]);
  });

  it("finds the same on threads, which load it for themselves", async () => {
    const texts = ["Die Häuser der Stadt.", "Ein Haus.", "Katzen, naß geworden."];
    expect(await found("german", texts, "haus", 2)).toEqual(await found("german", texts, "haus"));
  });

  it("is there for every name, and gives each text terms", async () => {
    for (const name of analyzerNames) expect((await resolveAnalyzer(name)).terms("Tatra 815 Passau")).toHaveLength(3);
    await expect(resolveAnalyzer("germann" as AnalyzerName)).rejects.toThrow(/no analyzer "germann"; there are simple/);
  });

  it("is recorded with the index, and an index of an earlier release is searched as it was built", async () => {
    const to = join(folder, "index");
    await buildBm25Index({ passages: passagesOf(["Häuser"]), to, analyzer: "german" });
    expect(JSON.parse(await readFile(join(to, "manifest.json"), "utf8")).analyzer).toBe("german-1");
    const former = { id: "english-1", terms: (text: string) => (text === "Harbours" ? ["harbour"] : []) };
    await buildBm25Index({ passages: passagesOf(["Harbours"]), to, analyzer: former });
    await using index = await openBm25Index(to);
    expect(Array.from((await index.search(["harbour’s"], { limit: 1 })).rows)).toEqual([0]);
  });
});

describe("analyzerForCorpus", () => {
  it.each<[Record<string, number>, AnalyzerName]>([
    [{}, "english"],
    [{ de: 0.97, en: 0.02 }, "german"],
    [{ pl: 1 }, "simple"],
    [{ zh: 0.9, en: 0.1 }, "english"],
    [{ zh: 1 }, "simple"],
    [{ ar: 0.4, en: 0.35, fr: 0.25 }, "simple"],
  ])("of %j is %s", (shares, name) => {
    expect(analyzerForCorpus(shares)).toBe(name);
  });
});
