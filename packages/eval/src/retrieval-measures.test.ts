import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedData } from "../test/shared-data.ts";
import { formatQrels, formatRun, measureRetrieval, parseQrels, parseRun } from "./retrieval-measures.ts";

const qrels = parseQrels(`q1 0 d1 2
q1 0 d2 0
q1 0 d3 1
q1 0 d9 1
q2 0 d5 1
q3 0 d7 1
q4 0 d1 0
`);
const run = parseRun(`q1 Q0 d2 1 9.5 t
q1 Q0 d3 2 8 t
q1 Q0 d1 3 7.5 t
q1 Q0 d8 4 7 t
q2 Q0 a 1 1 t
q2 Q0 d5 2 1 t
q4 Q0 d1 1 1 t
q5 Q0 d1 1 1 t
`);

describe("measureRetrieval", () => {
  it("gives the figures worked out by hand from trec_eval's definitions", () => {
    const { queries, means, unanswered, unjudged } = measureRetrieval(run, qrels, {
      measures: ["ndcg", "ndcg_cut_2", "recall_3", "P_5", "map", "map_cut_2", "recip_rank", "success_1"],
    });
    const ideal = 2 + 1 / Math.log2(3) + 1 / 2;
    expect(queries.get("q1")).toEqual({
      ndcg: expect.closeTo((1 / Math.log2(3) + 2 / 2) / ideal, 12),
      ndcg_cut_2: expect.closeTo(1 / Math.log2(3) / (2 + 1 / Math.log2(3)), 12),
      recall_3: expect.closeTo(2 / 3, 12),
      P_5: expect.closeTo(2 / 5, 12),
      map: expect.closeTo((1 / 2 + 2 / 3) / 3, 12),
      map_cut_2: expect.closeTo(1 / 2 / 3, 12),
      recip_rank: 0.5,
      success_1: 0,
    });
    // Equal scores: d5 stands before a, whatever the file says.
    expect(queries.get("q2")).toMatchObject({ recip_rank: 1, success_1: 1, ndcg_cut_2: 1 });
    expect(queries.get("q4")).toMatchObject({ map: 0, ndcg: 0, recip_rank: 0 });
    expect(means.recip_rank).toBeCloseTo((0.5 + 1 + 0) / 3, 12);
    expect({ unanswered, unjudged }).toEqual({ unanswered: ["q3"], unjudged: ["q5"] });
  });

  it("counts unanswered queries as zero when asked to", () => {
    const skipped = measureRetrieval(run, qrels, { measures: ["recip_rank"] });
    const counted = measureRetrieval(run, qrels, { measures: ["recip_rank"], missing: "zero" });
    expect(counted.means.recip_rank).toBeCloseTo((skipped.means.recip_rank! * 3) / 4, 12);
  });

  it("ranks scores that are equal as 32-bit floats by id, as trec_eval does", () => {
    const close = parseRun("q2 Q0 a 1 1.00000001 t\nq2 Q0 d5 2 1 t\n");
    expect(measureRetrieval(close, qrels, { measures: ["recip_rank"] }).means.recip_rank).toBe(1);
  });

  it("refuses unknown measures and runs over other queries", () => {
    expect(() => measureRetrieval(run, qrels, { measures: ["bpref" as "map"] })).toThrow(/no measure "bpref"/);
    expect(() => measureRetrieval(parseRun("x Q0 d 1 1 t"), qrels)).toThrow(/share no query/);
  });

  const beir = sharedData("retrieval/scifact-beir");
  it.skipIf(!existsSync(beir))(
    "finds every judged document of a perfect run over shared retrieval/scifact-beir",
    () => {
      const judged = parseQrels(readFileSync(join(beir, "qrels-beir-test.tsv"), "utf8"));
      expect(parseQrels(readFileSync(join(beir, "qrels.beir-v1.0.0-scifact.test.txt"), "utf8"))).toEqual(judged);
      const perfect = new Map(
        Array.from(judged, ([query, list]) => [query, Array.from(list, ([id, score]) => ({ id, score }))]),
      );
      const { means } = measureRetrieval(perfect, judged, { measures: ["ndcg_cut_10", "recall_100", "map"] });
      expect(judged.size).toBe(300);
      expect(means).toEqual({ ndcg_cut_10: 1, recall_100: 1, map: 1 });
    },
  );
});

describe("TREC files", () => {
  it("come back as they were written", () => {
    expect(parseQrels(formatQrels(qrels))).toEqual(qrels);
    const again = parseRun(formatRun(run, { tag: "mine" }));
    expect(measureRetrieval(again, qrels)).toEqual(measureRetrieval(run, qrels));
    expect(formatRun(run, { tag: "mine" }).split("\n")[0]).toBe("q1 Q0 d2 1 9.5 mine");
  });

  it("are refused with the line that is wrong", () => {
    expect(() => parseRun("q Q0 d 1 high t\n", { name: "my.run" })).toThrow(/^my\.run:1: expected/);
    expect(() => parseRun("q Q0 d 1 2 t\nq Q0 d 2 1 t\n")).toThrow(/run:2: document d occurs twice/);
    expect(() => parseQrels("q 0 d 1\nq 0 d\n")).toThrow(/qrels:2: expected/);
  });

  it("may have BEIR's heading, tabs, CRLF and a byte order mark", () => {
    expect(parseQrels("\ufeffquery-id\tcorpus-id\tscore\r\n1\td\t1\r\n")).toEqual(
      new Map([["1", new Map([["d", 1]])]]),
    );
  });
});
