import { allParadigms } from "@rag-instruct/paradigms";
import { describe, expect, it } from "vitest";
import { type EstimateOptions, estimateSynthesis, measuredSynthesis } from "./estimate.ts";

const options: EstimateOptions = {
  counts: { "single-doc-answer": 100 },
  paradigms: allParadigms,
  passages: [{ id: "1", title: "", text: "The light was lit in 1820." }],
  verify: "judge",
  noiseSample: "all",
  concurrency: 16,
};
const paid = { model: "m", verify: "judge", concurrency: 16, made: 300, reused: 100, seconds: 30 };
const record = {
  paid: { ...paid, turns: 3, inputTokens: 3000, outputTokens: 600 },
  counts: { accepted: 160, "later turns": 60 },
};

describe("an estimate of conversations", () => {
  it("counts an example a turn, its noise among them, and the checks that only later turns have", () => {
    expect(estimateSynthesis(options)).toMatchObject({ pairs: 100, examples: 100, calls: 234 + 100 });
    const three = estimateSynthesis({ ...options, turns: 3 });
    // Of the second turns one in 1.17 is accepted and goes on: 100 + 85.5 are written and read twice, and 85.5 + 73 stay.
    expect(three).toMatchObject({ pairs: 100, examples: 259, calls: 234 + 557 + 259 });
  });

  it("goes by what the last run of as many turns took for a first pair, and by no other run", () => {
    const measured = measuredSynthesis(record, { model: "m", verify: "judge", turns: 3 });
    expect(measured).toMatchObject({ accepted: 100, laterTurns: 60 });
    expect(estimateSynthesis({ ...options, turns: 3, measured })).toMatchObject({ examples: 160, calls: 400 + 160 });
    expect(measuredSynthesis(record, { model: "m", verify: "judge" })).toBeUndefined();
  });
});
