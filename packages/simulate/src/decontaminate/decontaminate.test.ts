import { type Pair, RagInstructError } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { decontaminate, type ForbiddenText } from "./decontaminate.ts";

const long =
  "The observatory on the northern hill was founded by the engineer Ilse Brandt in the cold winter of 1884 and rebuilt later.";
const against: ForbiddenText[] = [
  { source: "popqa", text: "Who is he?" },
  { source: "popqa", text: "What is the occupation of Ilse Brandt?" },
  { source: "hotpotqa", text: long },
  { source: "popqa", text: "In which city was the first lamp lit?" },
];
const pair = (id: string, question: string, answer = "an engineer", text = "Lamps need oil."): Pair => ({
  id,
  paradigm: "p",
  exemplarId: "e",
  question,
  answer,
  documents: [{ id: "d", title: "", text }],
  model: "m",
});
async function run(pairs: Pair[], more = {}) {
  const stream = decontaminate({ pairs, against, ...more });
  const outcomes = await Array.fromAsync(stream);
  return { outcomes, report: stream.report() };
}

describe("decontaminate", () => {
  it("takes out what shares 13 words or is a whole benchmark question, and says which", async () => {
    const copied = long.toUpperCase().replaceAll(",", ";").split(" ").slice(3, 17).join("  ");
    const { outcomes, report } = await run([
      pair("clean", "What did the engineer build on the hill?"),
      pair("same", "what is the occupation of  ilse brandt"),
      pair("inside", "Please answer: What is the occupation of Ilse Brandt? Be brief."),
      pair("tiny", "Who is he?"),
      pair("holds tiny", "Who is he that lit the lamp?"),
      pair("answer", "How so?", `As they say, ${copied}.`),
      pair("context", "How so?", "So.", `Once: ${copied}!`),
      pair("twelve", long.split(" ").slice(0, 12).join(" ")),
      pair("later", "In which city was the first lamp lit?"),
    ]);
    expect(outcomes.map((one) => [one.id, one.status === "rejected" ? one.reason : one.status])).toEqual([
      ["clean", "accepted"],
      ["same", "question-in-benchmark"],
      ["inside", "question-in-benchmark"],
      ["tiny", "question-in-benchmark"],
      ["holds tiny", "accepted"],
      ["answer", "answer-in-benchmark"],
      ["context", "context-in-benchmark"],
      ["twelve", "accepted"],
      ["later", "question-in-benchmark"],
    ]);
    expect(outcomes[1]).toMatchObject({ input: { evidence: { contamination: { source: "popqa", text: 2 } } } });
    expect(outcomes[6]).toMatchObject({ detail: expect.stringContaining("text 1 of hotpotqa") });
    expect(outcomes[8]).toMatchObject({ input: { evidence: { contamination: { source: "popqa", text: 3 } } } });
    expect(report.examples).toHaveLength(6);
    expect(report).toMatchObject({
      words: 13,
      texts: { popqa: 3, hotpotqa: 1 },
      pairs: 9,
      taken: {
        popqa: { "question-in-benchmark": 4 },
        hotpotqa: { "answer-in-benchmark": 1, "context-in-benchmark": 1 },
      },
    });
  });

  it("compares without accents, apostrophes, punctuation and articles", async () => {
    const texts = [
      { source: "qa", text: "What is the café’s first “dish” called?" },
      { source: "qa", text: "A short fact." },
    ];
    const { outcomes, report } = await run(
      [
        pair("accents", "what is the cafes first dish called"),
        pair("articles", "What is a cafe's first dish called?"),
        pair("context", "What is told?", "A short fact", "A short fact"),
        pair("answer alone", "What is told?", "A short fact"),
      ],
      { against: texts },
    );
    expect(outcomes.map((one) => (one.status === "rejected" ? one.reason : one.status))).toEqual([
      "question-in-benchmark",
      "question-in-benchmark",
      "context-in-benchmark",
      "accepted",
    ]);
    expect(report.examples[0]).toMatchObject({ id: "accents", source: "qa", text: 1, place: "question" });
  });

  it("works without spaces between words, and for other runs", async () => {
    const texts = [{ source: "zh", text: "北方山上的天文台是由工程师在一八八四年寒冷的冬天建立的" }];
    const { outcomes } = await run([pair("a", "请问：北方山上的天文台是由工程师在一八八四年寒冷的冬天建立的吗")], {
      against: texts,
      words: 8,
    });
    expect(outcomes).toMatchObject([{ reason: "question-in-benchmark" }]);
  });

  it("lets everything pass where nothing is forbidden, and refuses runs that make no sense", async () => {
    expect((await run([pair("a", "x y z")], { against: [] })).outcomes).toMatchObject([{ status: "accepted" }]);
    expect(() => decontaminate({ pairs: [], against: [], words: 1 })).toThrow(RagInstructError);
    await expect(run([pair("a", "x")], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});
