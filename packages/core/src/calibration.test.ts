import { describe, expect, it } from "vitest";
import { type CalibrationFacts, calibration, type JudgedPair } from "./calibration.ts";
import { calibrationLines, describeCalibration } from "./calibration-words.ts";

const alone: CalibrationFacts = { disputed: 0, unjudged: 0 };

/** So many pairs of one kind. */
function some(count: number, isAccepted: boolean, isGood: boolean | undefined, paradigm = "p"): JudgedPair[] {
  return Array.from({ length: count }, () => ({ paradigm, isAccepted, isGood }));
}

/** 700 accepted and 300 rejected, of which 72 and 48 were reviewed. */
const reviewed = [
  ...some(61, true, true),
  ...some(11, true, false),
  ...some(9, false, true),
  ...some(39, false, false),
  ...some(628, true, undefined),
  ...some(252, false, undefined),
];

describe("a judge compared with people", () => {
  it("has agreement, kappa, precision, recall and specificity of the reviewed, with their intervals", () => {
    const found = calibration(reviewed, alone);
    expect(found).toMatchObject({
      accepted: 700,
      rejected: 300,
      reviewed: { goodAccepted: 61, badAccepted: 11, goodRejected: 9, badRejected: 39 },
      byParadigm: { p: { accepted: 700 } },
    });
    // Kappa by scikit-learn, intervals by statsmodels (proportion_confint, "wilson").
    expect(found.kappa!.kappa).toBeCloseTo(0.6551724138, 9);
    expect(found.agreement!.share).toBeCloseTo(100 / 120, 12);
    expect(found.agreement!.low).toBeCloseTo(0.7566, 3);
    expect(found.agreement!.high).toBeCloseTo(0.8893, 3);
    expect(found.precision!.share).toBeCloseTo(61 / 72, 12);
    expect(found.recall!.share).toBeCloseTo(61 / 70, 12);
    expect(found.specificity!.share).toBeCloseTo(39 / 50, 12);
  });

  it("weights what it accepted and rejected by how many there are, as Rogan and Gladen do with corrected rates", () => {
    const { corrected } = calibration(reviewed, alone);
    const good = 0.7 * (61 / 72) + 0.3 * (9 / 48);
    expect(corrected.good!.share).toBeCloseTo(good, 12);
    const [sensitivity, specificity] = [(0.7 * (61 / 72)) / good, (0.3 * (39 / 48)) / (1 - good)];
    expect((0.7 + specificity - 1) / (sensitivity + specificity - 1)).toBeCloseTo(good, 12);
    expect(corrected.recall!.share).toBeCloseTo(sensitivity, 12);
    // A tenth of the accepted and a sixth of the rejected were reviewed: the rates of the reviewed alone are no estimate.
    expect(corrected.roganGladen).toBeUndefined();
    expect(corrected.goodAccepted!.share).toBeCloseTo(61 / 72, 12);
  });

  it("corrects by sensitivity and specificity where pairs were reviewed whatever the judge said", () => {
    const blind = [...reviewed, ...some(60, true, true)];
    expect(calibration(blind, alone).corrected.roganGladen).toMatchObject({ share: expect.any(Number) });
  });

  it("weights paradigms apart, and takes them for alike where of one none was reviewed", () => {
    const one = [...some(10, true, true, "a"), ...some(990, true, undefined, "a"), ...some(10, false, false, "a")];
    const other = [...some(2, true, true, "b"), ...some(8, true, false, "b"), ...some(10, false, false, "b")];
    const { corrected } = calibration([...one, ...other], alone);
    expect(corrected.isPooled).toBe(false);
    expect(corrected.good!.share).toBeCloseTo((1000 + 2) / 1030, 12);
    const pooled = calibration([...one, ...some(10, true, undefined, "b"), ...some(10, false, false, "b")], alone);
    expect(pooled.corrected.isPooled).toBe(true);
    expect(pooled.byParadigm.b!.precision).toBeUndefined();
  });

  it("says what cannot be known where nobody reviewed what the judge rejected", () => {
    const found = calibration(
      [...some(40, true, true), ...some(10, true, false), ...some(50, false, undefined)],
      alone,
    );
    expect(found.kappa ?? found.recall ?? found.specificity ?? found.corrected.good).toBeUndefined();
    expect(found.corrected.roganGladen ?? found.corrected.recall).toBeUndefined();
    // Half of them are accepted: if none of the rest is good, and if all are.
    expect(found.corrected.bounds!.low).toBeCloseTo(found.precision!.low / 2, 12);
    expect(found.corrected.bounds!.high).toBeCloseTo(0.5 + found.precision!.high / 2, 12);
    const lines = calibrationLines(found).join("\n");
    expect(lines).toContain("nobody reviewed a pair that it rejected");
    expect(lines).toContain("specificity, recall and kappa cannot be known");
    expect(lines).toContain("Not even the 50 that are left (0 that it accepted and 50 that it rejected)");
    expect(describeCalibration(found)).toContain("33.5 to 94.4% of all 100 pairs");
  });

  it("says how many reviews more make it as sure as is asked, and they do", () => {
    const { needed } = calibration(reviewed, alone);
    expect(needed).toMatchObject({ margin: 0.05, suffices: true });
    const after = (more: number, count: number, good: number, isAccepted: boolean) => {
      const goods = Math.round(((good + 2) / (count + 4)) * more);
      return [...some(goods, isAccepted, true), ...some(more - goods, isAccepted, false)];
    };
    const then = calibration(
      [
        ...reviewed.filter(({ isGood }) => isGood !== undefined),
        ...after(needed.accepted, 72, 61, true),
        ...after(needed.rejected, 48, 9, false),
        ...some(628 - needed.accepted, true, undefined),
        ...some(252 - needed.rejected, false, undefined),
      ],
      alone,
    );
    const { low, high } = then.corrected.good!;
    expect((high - low) / 2).toBeLessThan(0.0505);
    expect((high - low) / 2).toBeGreaterThan(0.048);
    expect(then.needed.accepted + then.needed.rejected).toBeLessThan(5);
    expect(calibration(reviewed, { ...alone, margin: 0.1 }).needed).toMatchObject({ accepted: 0, rejected: 0 });
    expect(calibration(some(20, true, undefined), alone).needed).toMatchObject({ accepted: 20, suffices: false });
  });

  it("has nothing to say of no pairs, and of pairs that nobody reviewed", () => {
    expect(describeCalibration(calibration([], alone))).toBeUndefined();
    const found = calibration([...some(500, true, undefined), ...some(500, false, undefined)], alone);
    expect(describeCalibration(found)).toBeUndefined();
    expect(calibrationLines(found)).toEqual([
      "People reviewed 0 of 1,000 pairs that a model judged.",
      expect.stringMatching(/^For ±5 points on the share of good pairs, review about \d+ more: \d+ .* by chance\.$/),
    ]);
  });

  it.each([
    ["one-class", [5, 0, 5, 0], "people called all that they reviewed good, or none of it"],
    ["one-class", [0, 5, 0, 5], "people called all that they reviewed good, or none of it"],
    ["no-better-than-chance", [3, 7, 6, 4], "accepts good pairs no more often than others"],
    ["unlike-shares", [60, 20, 1, 1], "unlike shares were reviewed"],
    [undefined, [5, 1, 1, 1], "the share of good ones is 100% (", "where the formula leads beyond 100%"],
  ] as const)("says why no share follows from its rates, or that it was cut: %s", (uncorrected, table, ...words) => {
    const [goodAccepted, badAccepted, goodRejected, badRejected] = table;
    const found = calibration(
      [
        ...some(goodAccepted, true, true),
        ...some(badAccepted, true, false),
        ...some(goodRejected, false, true),
        ...some(badRejected, false, false),
        ...some(uncorrected ? 100 : 164, true, undefined),
        ...some(uncorrected ? 100 : 28, false, undefined),
      ],
      alone,
    );
    expect(found.corrected.uncorrected).toBe(uncorrected);
    const lines = calibrationLines(found).join("\n");
    for (const word of words) expect(lines).toContain(word);
  });

  it("of one verdict alone has all of it known", () => {
    const { corrected, kappa } = calibration([...some(9, true, true), ...some(1, true, false)], alone);
    expect(kappa).toBeUndefined();
    expect(corrected).toMatchObject({ good: { share: 0.9 }, recall: { share: 1 } });
  });
});
