// How often the intervals of a calibration hold the truth: runs of 1,000 pairs whose good ones and whose judge are made up, of which some are
// reviewed whatever the judge says, or so many of each verdict, or so many of each paradigm. A Markdown table.
//   node --conditions=@rag-instruct/source bench/verify/calibration.ts [runs, 2000]
import { type Calibration, calibration, type JudgedPair, type Share, seededRandom } from "@rag-instruct/core";

const runs = Number(process.argv[2] ?? 2000);
const paradigms = { a: 0.9, b: 0.6, c: 0.4 };
const judges = { good: [0.9, 0.8], weak: [0.75, 0.6] } as const;
const ways = {
  "120 whatever the judge says": (pairs: JudgedPair[]) => pairs.slice(0, 120),
  "60 of each verdict": (pairs: JudgedPair[]) => [
    ...pairs.filter(({ isAccepted }) => isAccepted).slice(0, 60),
    ...pairs.filter(({ isAccepted }) => !isAccepted).slice(0, 60),
  ],
  "40 of each paradigm": (pairs: JudgedPair[]) =>
    Object.keys(paradigms).flatMap((id) => pairs.filter(({ paradigm }) => paradigm === id).slice(0, 40)),
};

const random = seededRandom("calibration");
const names = Object.keys(paradigms) as (keyof typeof paradigms)[];

/** Pairs in random order, each with what it is in truth. */
function madeUp([sensitivity, specificity]: readonly [number, number]): Required<JudgedPair>[] {
  return Array.from({ length: 1000 }, () => {
    // Half of the pairs are of the first paradigm.
    const paradigm = random.next() < 0.5 ? "a" : names[1 + random.integer(2)]!;
    const isGood = random.next() < paradigms[paradigm];
    const isAccepted = random.next() < (isGood ? sensitivity : 1 - specificity);
    return { paradigm, isGood, isAccepted };
  });
}

const figures: Record<string, (found: Calibration) => Share | undefined> = {
  "share of good pairs": ({ corrected }) => corrected.good,
  "of the accepted": ({ corrected }) => corrected.goodAccepted,
  "recall of all": ({ corrected }) => corrected.recall,
  "Rogan and Gladen": ({ corrected }) => corrected.roganGladen,
  "the reviewed alone": ({ recall }) => recall,
};

console.log(`| judge | reviewed | ${Object.keys(figures).join(" | ")} |\n|---|---|${"---|".repeat(5)}`);
for (const [judge, rates] of Object.entries(judges))
  for (const [way, draw] of Object.entries(ways)) {
    const held = Object.keys(figures).map(() => ({ holds: 0, of: 0, width: 0 }));
    const good = names.reduce((sum, id) => sum + (id === "a" ? 0.5 : 0.25) * paradigms[id], 0);
    const acceptedGood = (good * rates[0]) / (good * rates[0] + (1 - good) * (1 - rates[1]));
    const truths = [good, acceptedGood, rates[0], good, rates[0]];
    for (let run = 0; run < runs; run++) {
      const pairs = madeUp(rates);
      const reviewed = new Set<JudgedPair>(draw(pairs));
      const known = pairs.map((pair): JudgedPair => (reviewed.has(pair) ? pair : { ...pair, isGood: undefined }));
      const found = calibration(known, { disputed: 0, unjudged: 0 });
      for (const [i, figure] of Object.values(figures).entries()) {
        const share = figure(found);
        if (!share) continue;
        const cell = held[i]!;
        cell.of++;
        cell.width += share.high - share.low;
        if (share.low <= truths[i]! && truths[i]! <= share.high) cell.holds++;
      }
    }
    const cells = held.map(({ holds, of, width }) =>
      of < runs / 10 ? "–" : `${((100 * holds) / of).toFixed(1)}%, ±${((50 * width) / of).toFixed(1)}`,
    );
    console.log(`| ${judge} (${rates.join(", ")}) | ${way} | ${cells.join(" | ")} |`);
  }
