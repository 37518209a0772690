import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processorTime } from "../../../core/test/processor-time.ts";
import { sharedData } from "../../test/shared-data.ts";
import { benchmarks } from "../benchmarks.ts";
import { scoreReference } from "./reference.ts";
import { scoreItem } from "./score-item.ts";

const sharedCases = sharedData("../cases/eval/scorer-cases.jsonl");
const options = ["heating and pressure", "heating", "A southward dip", "hepatitis B"];

describe("scoreItem, open questions", () => {
  const score = (golds: string[], output: string) => scoreItem("popqa", { golds }, output);

  it.each([
    [["105"], "It is 15.", false],
    [["15"], "about 105 people", false],
    [["1,500"], "1500 people", true],
    [["1.5"], "15", false],
    [["two"], "There are 2 of them.", true],
    [["12 May 1999"], "On 1999-05-12, or so.", true],
    [["Ann Lee"], "Joann Leeds", false],
    [["Ann Lee"], "ANN  LEE!", true],
    [["O'Neill"], "ONeill and O’Neill", true],
    [["東京"], "それは東京です", true],
    [["Caspian Sea"], "It is not the Caspian Sea, it is the Black Sea.", false],
    [["Black Sea"], "It is not the Caspian Sea, it is the Black Sea.", true],
    [["Leeds"], "Leeds is wrong; York is right.", false],
    [["Leeds"], "Not only Leeds but York too", true],
    [["Leeds"], "not in Bath. Leeds.", true],
    [["Not Fade Away"], "Not Fade Away", true],
    [["A"], "a", true],
    [["%"], "$", false],
  ])("golds %j, answer %j: %s", (golds, output, correct) => {
    expect(score(golds, output).correct).toBe(correct);
  });

  it("gives SQuAD's exact match and F1 beside accuracy", () => {
    expect(score(["The Black Sea"], "black sea.")).toEqual({ correct: true, exactMatch: true, f1: 1 });
    const sentence = score(["Black Sea"], "It lies on the Black Sea");
    expect(sentence).toMatchObject({ correct: true, exactMatch: false });
    expect(sentence.f1).toBeCloseTo((2 * 2) / (5 + 2), 12);
    // A word counts as often as both have it.
    expect(score(["x x y"], "x x x").f1).toBeCloseTo((2 * 2) / (3 + 3), 12);
    expect(score(["ab"], "cd").f1).toBe(0);
  });

  it("takes yes and no as verdicts, not as words", () => {
    expect(score(["no"], "No.")).toMatchObject({ correct: true, choice: "no" });
    expect(score(["yes"], "There is no doubt: yes.")).toMatchObject({ correct: true, choice: "yes" });
    expect(score(["no"], "yes or no")).toMatchObject({ correct: false, abstained: "several-options" });
  });

  it("names an empty answer, and refuses an item without a gold", () => {
    expect(score(["x"], " \n")).toEqual({ correct: false, exactMatch: false, f1: 0, abstained: "empty" });
    expect(() => score([], "x")).toThrow(/gold answer/);
  });

  it("reads what follows a repeated response heading", () => {
    expect(score(["York"], "Is it York?\n### Response:\nLeeds").correct).toBe(false);
  });

  it("takes a hundred thousand characters in its stride", async () => {
    const long = `${"la ( not 1,5 ".repeat(8000)} Leeds`;
    const scored = () => {
      for (const benchmark of ["popqa", "convfinqa", "pubhealth", "arc-challenge"]) {
        scoreItem(benchmark, { golds: [benchmark === "arc-challenge" ? "A" : "15"], options }, long);
      }
    };
    expect(await processorTime(scored)).toBeLessThan(2000);
  });
});

describe("scoreItem, multiple choice", () => {
  it.each([
    ["A", "A", "letter"],
    ["b", "B", "letter"],
    ["(c)", "C", "letter"],
    ["'D'", "D", "letter"],
    ["**B**", "B", "letter"],
    ["B. heating", "B", "both"],
    ["The answer is (A).", "A", "letter"],
    ["The correct option is: c", "C", "letter"],
    ["I'd go with B, heating.", "B", "both"],
    ["Not B. The answer is A.", "A", "letter"],
    ["It is not B but A", "A", "letter"],
    ["B is wrong, so C", "C", "letter"],
    ["heating and pressure", "A", "text"],
    ["heating (see C)", "B", "text"],
    ["It must be a southward dip.", "C", "text"],
    ["Acute hepatitis B", "D", "text"],
    ["A southward dip", "C", "text"],
    ["Reason: A\n## Response: C", "C", "letter"],
  ])("reads %j as %s by %s", (output, choice, by) => {
    expect(scoreItem("arc-challenge", { golds: [choice], options }, output)).toEqual({
      correct: true,
      exactMatch: true,
      f1: 1,
      choice,
      by,
    });
  });

  it.each([
    ["", "empty"],
    ["I do not know", "no-option"],
    ["A dog would say otherwise", "no-option"],
    ["Either A or B.", "several-options"],
    ["A or B", "several-options"],
    ["E", "no-option"],
    ["not B", "no-option"],
  ])("abstains on %j: %s", (output, abstained) => {
    expect(scoreItem("arc-challenge", { golds: ["B"], options }, output)).toEqual({
      correct: false,
      exactMatch: false,
      f1: 0,
      abstained,
    });
  });
});

describe("scoreItem, verdicts", () => {
  it.each([
    ["pubhealth", "true", "True", true],
    ["pubhealth", "false", "The statement is not true.", true],
    ["pubhealth", "true", "This isn't false.", true],
    ["pubhealth", "false", "false, although true in part", true],
    ["pubhealth", "true", "untrue", false],
    ["pubmedqa", "no", "There is no evidence for that.", true],
    ["pubmedqa", "maybe", "No evidence either way, so the answer is maybe", true],
    ["pubmedqa", "yes", "Yes: no difference was seen.", true],
    ["pubmedqa", "yes", "yesterday", false],
  ])("%s, gold %s, answer %j: %s", (benchmark, gold, output, correct) => {
    expect(scoreItem(benchmark, { golds: [gold] }, output).correct).toBe(correct);
  });

  it("abstains where an answer takes both sides", () => {
    expect(scoreItem("pubhealth", { golds: ["true"] }, "It could be true and it could be false")).toMatchObject({
      correct: false,
      abstained: "several-options",
    });
  });
});

describe("scoreItem, figures", () => {
  it.each([
    ["105", "15", false],
    ["10.5", "105", false],
    ["0.03018", "3.02%", true],
    ["0.03018", "3.02", false],
    ["-0.13228", "-13.2%", true],
    ["-0.13228", "a decrease of 13.2%", true],
    ["-0.13228", "an increase of 13.2%", false],
    ["164.0", "164", true],
    ["164.0", "$164 million", true],
    ["1200000", "1.2 million", true],
    ["1.2 million", "1.2", true],
    ["1.2 million", "1.2 billion", false],
    ["1200 million", "1.2 billion", true],
    ["164", "-164", false],
    ["13%", "$13", false],
    ["542.33333", "542", true],
    ["542.33333", "543", false],
    ["542.66667", "543", true],
    ["0.5", "1", false],
    ["-25", "164 - 189 = -25", true],
    ["189", "164 - 189 = -25", false],
    ["-25", "The change from 2013-2014 was (25).", true],
    ["2014", "in 2013-2014", true],
    ["4", "in Q4", false],
    ["4", "in 𝑸4", false],
    ["301167741.93548", "301,167,741.9", true],
  ])("gold %s, answer %j: %s", (gold, output, correct) => {
    expect(scoreItem("convfinqa", { golds: [gold] }, output).correct).toBe(correct);
  });

  it("calls a figure alone an exact match, whatever its unit", () => {
    expect(scoreItem("convfinqa", { golds: ["164.0"] }, "$ 164")).toMatchObject({ correct: true, exactMatch: true });
    expect(scoreItem("convfinqa", { golds: ["164.0"] }, "It grew to 164 in the end")).toMatchObject({
      correct: true,
      exactMatch: false,
    });
  });
});

describe("scoreItem, as a reader would", () => {
  const given = ["Weathering of rock", "Deposition of sediment", "Erosion by wind", "Melting of ice"];
  it.each([
    ["B", "The correct answer is B. Option C describes wind, which plays no part."],
    ["A", "The answer is A because rocks break down."],
    ["D", "The answer is D. A is incorrect."],
    ["B", "Option A speaks of rock. Option C is about wind. Therefore the answer is B."],
    ["C", '{"reasoning": "A and B do not fit", "answer_choice": "C"}'],
    ["D", "ANSWER IS D"],
    ["B", "正确答案是B，因为沉积物堆积。"],
    ["C", "所以选C。"],
    ["A", "So we get \\boxed{A}."],
    ["D", "Melting needs heat.\nThe rest does not.\n\n**D**"],
    ["B", "B is correct; A would need rock."],
    ["B", "<think>Maybe A? The answer is A.</think>The answer is B."],
    ["C", "Vitamin B is of no use here; erosion by wind it is."],
    ["B", "C is tempting, but B is the correct answer."],
    ["C", "A. No. B. No. C. Yes. D. No."],
    ["D", "Option A: wrong. Option B: wrong. Option C: wrong. So the answer is D."],
    ["B", "B is the right choice, although C could be."],
  ])("reads %s out of %j", (gold, output) => {
    expect(scoreItem("arc-challenge", { golds: [gold], options: given }, output)).toMatchObject({ correct: true });
  });

  it("takes a verdict behind a letter for the option where the options are verdicts", () => {
    const item = { golds: ["B"], options: ["yes", "no", "maybe"] };
    expect(scoreItem("medqa", item, "A) Yes\nB) No\nC) Maybe\n\nThe answer is B. No.")).toMatchObject({ choice: "B" });
  });

  it.each([
    [["↑ calcium", "↓ calcium", "no change"], "↓ calcium", "B"],
    [["5 °C", "-5 °C", "15 °C"], "It is −5 °C.", "B"],
    [["p < 0.05", "p > 0.05"], "p > 0.05", "B"],
    [["C++", "C#", "C"], "It is C#.", "B"],
    [["Procalcitonin", "Lactate", "C-reactive protein"], "C-reactive protein", "C"],
    [["Procalcitonin", "C-reactive protein", "Lactate"], "C-reactive protein is raised", "B"],
  ])("tells options apart that differ by a sign: %j, %j is %s", (options, output, choice) => {
    expect(scoreItem("medqa", { golds: [choice], options }, output)).toMatchObject({ correct: true, choice });
  });

  it.each([
    ["popqa", "Paris", "Paris. False rumours say Lyon.", true],
    ["popqa", "Paris", "Whether one likes it or not, Paris is the capital.", true],
    ["popqa", "Hepatitis A", "Hepatitis B", false],
    ["popqa", "Hepatitis A", "It was hepatitis A.", true],
    ["popqa", "The Who", "I do not know who sang it.", false],
    ["popqa", "The Who", "It was The Who.", true],
    ["popqa", "André", "Andréa", false],
    ["popqa", "Mozart", "It's Mozart's.", true],
    ["popqa", "école", "à l’école", true],
    ["popqa", "Ankara", "Türkiye'nin başkenti Ankara'dır.", true],
    ["popqa", "서울", "수도는 서울입니다.", true],
    ["popqa", "서울", "서울대학교", false],
    ["popqa", "1914–1918", "1914-1918", true],
    ["popqa", "J.K. Rowling", "J. K. Rowling wrote it", true],
    ["popqa", "51", "5½", false],
    ["popqa", "4 years", "four years", true],
    ["popqa", "Paris", "<think>maybe Paris</think>\nLyon", false],
    ["pubhealth", "false", "Not entirely true", true],
    ["hotpotqa", "no", "I have no idea.", false],
    ["pubmedqa", "maybe", "That depends on the yes or no of it; there was no difference.\n\nMaybe", true],
    ["convfinqa", "25", "Therefore, in 2019, the revenue was $25 million.", true],
    ["convfinqa", "0.13228", "a decrease of 13.2%", false],
    ["convfinqa", "0.0094", "94 basis points", true],
    ["convfinqa", "5.2", "5.2x", true],
    ["popqa", "Rome", "It isn't Rome. It's Milan.", false],
    ["popqa", "Rome", "It couldn’t be Rome.", false],
    ["popqa", "US", "U.S.", true],
    ["popqa", "U.S.", "in the US", true],
    ["popqa", "US", "tell us more", false],
    ["popqa", "WHO", "I do not know who it was.", false],
    ["popqa", "WHO", "not the WHO", false],
    ["popqa", "Müller", "Mueller", true],
    ["popqa", "Müller", "Muller", true],
    ["popqa", "1939-45", "1939–1945", true],
    ["popqa", "1945-39", "1945–1939", false],
    ["popqa", "twenty-one", "21", true],
    ["popqa", "5.5", "5½", true],
    ["popqa", "5.5", "5 1/2 metres", true],
    ["popqa", "3rd", "the third", true],
    ["popqa", "World War II", "World War 2", true],
    ["popqa", "Henry VIII", "Henry VII", false],
    ["popqa", "Malcolm X", "Malcolm 10", false],
    ["pubhealth", "false", "The claim is untrue.", true],
    ["pubhealth", "false", "This claim isn’t accurate.", true],
    ["pubhealth", "true", "The statement is correct.", true],
    ["pubhealth", "true", "The correct answer is false.", false],
    ["pubmedqa", "maybe", "Possibly.", true],
    ["convfinqa", "2019", "In 2019, the revenue was $25 million.", false],
    ["convfinqa", "2019", "It was in 2019.", true],
    ["convfinqa", "25", "€25 million, up from €20 million", true],
    ["convfinqa", "20", "€25 million, up from €20 million", false],
  ])("%s, gold %j, answer %j: %s", (benchmark, gold, output, correct) => {
    expect(scoreItem(benchmark, { golds: [gold] }, output).correct).toBe(correct);
  });

  it("names the leniency by which a gold was found", () => {
    const leniency = (gold: string, output: string) => scoreItem("popqa", { golds: [gold] }, output).leniency;
    expect(leniency("James Rodríguez", "James Rodriguez")).toBe("spelling");
    expect(leniency("Belle Fourche and Cheyenne", "the Cheyenne to the east and the Belle Fourche")).toBe("words");
    expect(leniency("Claire Rhiannon Holt", "Claire Holt plays her")).toBe("name");
    expect(leniency("Caspian Sea", "the Caspian Sea")).toBeUndefined();
    expect(scoreItem("popqa", { golds: ["Caspian Sea"] }, "Not the Caspian but the Black Sea").correct).toBe(false);
    expect(
      scoreItem("convfinqa", { golds: ["0.132"], question: "What was the decrease?" }, "a decrease of 13.2%").correct,
    ).toBe(true);
  });

  it.each<[gold: string, output: string, question: string, leniency: string | undefined]>([
    ["Nucleotide chains", "They are chained nucleotides.", "what are dna and rna made of", "endings"],
    ["coastal limestone plain", "a limestone plain", "what is the lowest region of the country", "part"],
    ["Dhaka, Bangladesh", "Dhaka", "where was the first session held", "part"],
    ["June 27, 1954", "It was in 1954.", "when was the first plant opened", "year"],
    ["June 27, 1954", "It was in July 1954.", "when was the first plant opened", undefined],
    // What the question says already is no answer, and of a list each part counts.
    ["War, Famine and Death", "War and Death", "what are the names of the riders", undefined],
    ["5 ft 6 in", "5 ft 5 in", "how tall is he", undefined],
    ["Dhaka, Bangladesh", "not Dhaka", "where was the first session held", undefined],
  ])("takes for the gold « %s » the answer « %s » to a known question: %s", (gold, output, question, leniency) => {
    expect(scoreItem("nq", { golds: [gold], question }, output).leniency).toBe(leniency);
    expect(scoreItem("nq", { golds: [gold] }, output).correct).toBe(false);
  });

  it("sets the raised numbers of sources aside, and no powers", () => {
    const isRight = (gold: string, output: string) => scoreItem("nq", { golds: [gold] }, output).correct;
    expect(isRight("Lady Gaga", "It was Lady Gaga⁶.")).toBe(true);
    expect(isRight("36.0", "There are 36.")).toBe(true);
    expect(isRight("10 km2", "some 10 km²")).toBe(true);
  });

  it.skipIf(!existsSync(sharedCases))("agrees with a reader on the shared cases (needs shared/cases)", () => {
    const cases = readFileSync(sharedCases, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const wrong = cases.filter((each) => scoreItem(each.benchmark, each, each.output).correct !== each.want);
    expect(cases).toHaveLength(22);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe("both scorers", () => {
  it("give a verdict for any answer whatever", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc
        .array(fc.constantFrom("A", "b", " ", "not", "12", "%", "-", "yes", "or", "no", "(", "is", "answer"))
        .map((words) => words.join(" ")),
    );
    const item = { golds: ["A"], options };
    fc.assert(
      fc.property(text, text, fc.constantFrom(...Object.values(benchmarks)), (output, gold, benchmark) => {
        const each = benchmark.task === "multiple-choice" ? item : { golds: [gold] };
        const { correct, f1, exactMatch } = scoreItem(benchmark, each, output);
        expect(f1).toBeGreaterThanOrEqual(0);
        expect(f1).toBeLessThanOrEqual(1);
        expect(exactMatch && !correct).toBe(false);
        const reference = scoreReference(benchmark, each, output);
        expect(reference === undefined).toBe(benchmark.reference === undefined);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});
