import { describe, expect, it } from "vitest";
import { cohensKappa, correctedShare, shareInSum, shareOf, stratifiedShare } from "./shares.ts";

/** Decisions of two by the counts of a table, rows being the first one's. */
function decided(table: readonly (readonly number[])[]): [string, string][] {
  return table.flatMap((row, one) =>
    row.flatMap((count, other) => Array.from({ length: count }, (): [string, string] => [`${one}`, `${other}`])),
  );
}

describe("cohensKappa", () => {
  // By scikit-learn 1.9.1 (cohen_kappa_score) and, with their intervals, by statsmodels 0.15.0 (inter_rater.cohens_kappa).
  it.each<[number[][], number, number, number]>([
    [
      [
        [61, 9],
        [11, 39],
      ],
      0.6551724138,
      0.5176226013,
      0.7927222263,
    ],
    [
      [
        [20, 5],
        [10, 15],
      ],
      0.4,
      0.1510922905,
      0.6489077095,
    ],
    [
      [
        [40, 0],
        [3, 7],
      ],
      0.7887323944,
      0.5621797211,
      1,
    ],
    [
      [
        [12, 3, 1],
        [2, 9, 4],
        [0, 5, 14],
      ],
      0.5481927711,
      0.3571558324,
      0.7392297098,
    ],
  ])("of %j is that of statsmodels", (table, kappa, low, high) => {
    const found = cohensKappa(decided(table))!;
    expect(found.kappa).toBeCloseTo(kappa, 9);
    // statsmodels takes 1.959964 for 1.96.
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  });

  it("is not known without decisions, nor where there is one class alone, of which chance gives as much", () => {
    expect(cohensKappa([])).toBeUndefined();
    expect(cohensKappa(decided([[7]]))).toBeUndefined();
  });

  // Agreement and its Wilson limits by statsmodels (proportion_confint, "wilson"), less what chance gives.
  it.each([
    [
      "they agree throughout",
      [
        [2, 0],
        [0, 1],
      ],
      1,
      (0.438503 - 5 / 9) / (4 / 9),
      1,
    ],
    [
      "they differ throughout",
      [
        [0, 10],
        [10, 0],
      ],
      -1,
      -1,
      (0.161125 - 0.5) / 0.5,
    ],
    [
      "the one names a class alone",
      [
        [5, 5],
        [0, 0],
      ],
      0,
      (0.236593 - 0.5) / 0.5,
      (0.763407 - 0.5) / 0.5,
    ],
  ])("is as uncertain as the agreement where %s", (_, table, kappa, low, high) => {
    const found = cohensKappa(decided(table))!;
    for (const [is, should] of [
      [found.kappa, kappa],
      [found.low, low],
      [found.high, high],
    ])
      expect(is).toBeCloseTo(should!, 4);
  });
});

describe("stratifiedShare", () => {
  it("is the Wilson interval where there is one part, and the weighted share of several", () => {
    expect(stratifiedShare([{ size: 500, successes: 42, trials: 50 }])).toEqual(shareOf({ successes: 42, trials: 50 }));
    const parts = [
      { size: 700, successes: 61, trials: 72 },
      { size: 300, successes: 9, trials: 48 },
      { size: 0, successes: 0, trials: 0 },
    ];
    const { share, low, high } = stratifiedShare(parts)!;
    expect(share).toBeCloseTo(0.7 * (61 / 72) + 0.3 * (9 / 48), 12);
    // Wilson's limits of both parts by statsmodels (proportion_confint, "wilson"), put together by hand.
    expect(low).toBeCloseTo(0.5744526, 4);
    expect(high).toBeCloseTo(0.7097479, 4);
  });

  it("is not known where nothing was looked at in a part", () => {
    expect(stratifiedShare([{ size: 3, successes: 0, trials: 0 }])).toBeUndefined();
    expect(stratifiedShare([])).toBeUndefined();
  });
});

describe("correctedShare", () => {
  it("is Rogan and Gladen's estimate with the interval of Lang and Reiczigel", () => {
    const parts = {
      sensitivity: { successes: 61, trials: 70 },
      specificity: { successes: 39, trials: 50 },
    };
    const { share, low, high } = correctedShare({ successes: 700, trials: 1000 }, parts)!;
    expect(share).toBeCloseTo((0.7 + 0.78 - 1) / (61 / 70 + 0.78 - 1), 12);
    // The formula of the paper (the one of prevSeSp in the R package asht), worked out in NumPy.
    expect(low).toBeCloseTo(0.6316047709, 9);
    expect(high).toBeCloseTo(0.8602789997, 9);
  });

  it("is cut to what a share can be, and says so", () => {
    const rates = { sensitivity: { successes: 9, trials: 10 }, specificity: { successes: 8, trials: 10 } };
    expect(correctedShare({ successes: 95, trials: 100 }, rates)).toMatchObject({ share: 1, isCut: true });
    expect(correctedShare({ successes: 5, trials: 100 }, rates)).toMatchObject({ share: 0, low: 0, isCut: true });
    expect(correctedShare({ successes: 50, trials: 100 }, rates)).toMatchObject({ isCut: false });
  });

  it("does not exist where the test tells nothing, or was not tried on both kinds", () => {
    const coin = { sensitivity: { successes: 5, trials: 10 }, specificity: { successes: 5, trials: 10 } };
    expect(correctedShare({ successes: 5, trials: 10 }, coin)).toBeUndefined();
    const oneKind = { sensitivity: { successes: 5, trials: 10 }, specificity: { successes: 0, trials: 0 } };
    expect(correctedShare({ successes: 5, trials: 10 }, oneKind)).toBeUndefined();
  });
});

describe("shareInSum", () => {
  it("holds the share between its limits, and is open where the part may be nothing", () => {
    const { share, low, high } = shareInSum(
      { share: 0.6, low: 0.5, high: 0.68 },
      { share: 0.06, low: 0.03, high: 0.1 },
    )!;
    expect(share).toBeCloseTo(0.6 / 0.66, 12);
    expect(low).toBeGreaterThan(0.83);
    expect(low).toBeLessThan(share);
    expect(high).toBeGreaterThan(share);
    expect(high).toBeLessThan(0.96);
    expect(shareInSum({ share: 0, low: 0, high: 0.1 }, { share: 0.2, low: 0.1, high: 0.3 })).toMatchObject({ low: 0 });
  });
});
