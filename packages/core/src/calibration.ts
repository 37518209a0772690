import type { Agreement } from "./reviews.ts";
import {
  type CorrectedShare,
  cohensKappa,
  correctedShare,
  type Kappa,
  type Share,
  type Stratum,
  shareInSum,
  shareOf,
  stratifiedShare,
} from "./shares.ts";

/** A pair that a judge has decided on. */
export interface JudgedPair {
  paradigm: string;
  isAccepted: boolean;
  /** What people say of it; undefined where nobody reviewed it. */
  isGood?: boolean;
}

/** How a judge stands to people, on the pairs that people reviewed. What is undefined cannot be known from these. */
export interface JudgeFigures {
  /** Pairs that it decided on, reviewed or not. */
  accepted: number;
  rejected: number;
  /** Those that were reviewed, by what people and what the judge say. */
  reviewed: { goodAccepted: number; badAccepted: number; goodRejected: number; badRejected: number };
  /** Share on which judge and people agree. */
  agreement?: Share;
  /** Agreement beyond chance. */
  kappa?: Omit<Kappa, "observed">;
  /** Of the reviewed pairs that it accepted, those that are good. */
  precision?: Share;
  /** Of the good ones that were reviewed, those that it accepted: its sensitivity. */
  recall?: Share;
  /** Of the others, those that it rejected. */
  specificity?: Share;
}

/** What follows for all pairs that the judge decided on, reviewed or not. */
export interface CorrectedFigures {
  /**
   * The share of good pairs: of what was accepted and of what was rejected, of each paradigm, weighted by how many there are. It equals
   * Rogan and Gladen's, by a sensitivity and a specificity that are corrected for which pairs were reviewed (Begg and Greenes 1983).
   */
  good?: Share;
  /** Between which shares it must lie where of one kind none was reviewed: with all of them bad, and with all of them good. */
  bounds?: { low: number; high: number };
  /** The share of good pairs among those that it accepted. */
  goodAccepted?: Share;
  /** Of all good pairs, those that it accepted. */
  recall?: Share;
  /** The share of good pairs by Rogan and Gladen from the reviewed as they are. */
  roganGladen?: CorrectedShare;
  /**
   * Why that does not follow, where accepted and rejected pairs were reviewed: of both unlike shares were, people called all of them good
   * or none, or the judge finds good ones no better than chance.
   */
  uncorrected?: "unlike-shares" | "one-class" | "no-better-than-chance";
  /** Whether paradigms are taken for alike, since of some none was reviewed. */
  isPooled: boolean;
}

/** More reviews, drawn by chance from what was accepted and from what was rejected. */
export interface ReviewsNeeded {
  /** How far the interval of the share of good pairs is to reach to either side. */
  margin: number;
  accepted: number;
  rejected: number;
  /** Whether they suffice; where they do not, they are all that are left. */
  suffices: boolean;
}

/** A judge compared with people. */
export interface Calibration extends JudgeFigures {
  byParadigm: Record<string, JudgeFigures>;
  corrected: CorrectedFigures;
  needed: ReviewsNeeded;
  /** How far people agree with each other; undefined where no two decided on a pair. */
  people?: Agreement;
  /** Reviewed pairs of which one says that they are good and another that they are not; whoever decided last counts. */
  disputed: number;
  /** Pairs that no model judged, which count for nothing here. */
  unjudged: number;
}

/** What {@link calibration} is told beside the pairs. */
export interface CalibrationFacts extends Pick<Calibration, "people" | "disputed" | "unjudged"> {
  /** @default 0.05 */
  margin?: number;
}

/**
 * Compares a judge with people. Intervals are of 95%: Wilson's for what was counted, and for all pairs together those of `stratifiedShare`.
 * They take reviewed pairs for a sample by chance of those with the same verdict, and people for right.
 */
export function calibration(
  pairs: Iterable<JudgedPair>,
  { margin = 0.05, people, disputed, unjudged }: CalibrationFacts,
): Calibration {
  const all = new Cells();
  const paradigms = new Map<string, Cells>();
  for (const pair of pairs) {
    const own = paradigms.get(pair.paradigm) ?? new Cells();
    paradigms.set(pair.paradigm, own);
    for (const cells of [all, own]) cells.add(pair);
  }
  const parts = [...paradigms.values()];
  return {
    ...all.figures(),
    byParadigm: Object.fromEntries([...paradigms].map(([id, cells]) => [id, cells.figures()])),
    corrected: correctedFigures(all, parts),
    needed: reviewsNeeded([all.accepted, all.rejected], margin),
    people,
    disputed,
    unjudged,
  };
}

/** Pairs by the judge's verdict and by people's; a success is a pair that people call good. */
class Cells {
  readonly accepted: Stratum = { size: 0, successes: 0, trials: 0 };
  readonly rejected: Stratum = { size: 0, successes: 0, trials: 0 };

  add({ isAccepted, isGood }: JudgedPair): void {
    const cell = isAccepted ? this.accepted : this.rejected;
    cell.size++;
    if (isGood !== undefined) cell.trials++;
    if (isGood) cell.successes++;
  }

  get reviewed(): JudgeFigures["reviewed"] {
    const { accepted, rejected } = this;
    return {
      goodAccepted: accepted.successes,
      badAccepted: accepted.trials - accepted.successes,
      goodRejected: rejected.successes,
      badRejected: rejected.trials - rejected.successes,
    };
  }

  get sensitivity() {
    const { goodAccepted, goodRejected } = this.reviewed;
    return { successes: goodAccepted, trials: goodAccepted + goodRejected };
  }

  get specificity() {
    const { badAccepted, badRejected } = this.reviewed;
    return { successes: badRejected, trials: badAccepted + badRejected };
  }

  /** What the judge missed cannot be known where nothing of what it rejected was reviewed, and the other way round. */
  figures(): JudgeFigures {
    const { accepted, rejected, reviewed } = this;
    const { goodAccepted, badAccepted, goodRejected, badRejected } = reviewed;
    const areBoth = [accepted, rejected].every(({ size, trials }) => size === 0 || trials > 0);
    const trials = accepted.trials + rejected.trials;
    const both = (count: number, people: string, judge: string) => Array<[string, string]>(count).fill([people, judge]);
    const kappa =
      accepted.trials === 0 || rejected.trials === 0
        ? undefined
        : cohensKappa([
            ...both(goodAccepted, "good", "good"),
            ...both(badAccepted, "bad", "good"),
            ...both(goodRejected, "good", "bad"),
            ...both(badRejected, "bad", "bad"),
          ]);
    return {
      accepted: accepted.size,
      rejected: rejected.size,
      reviewed,
      agreement: shareOf({ successes: goodAccepted + badRejected, trials }),
      kappa: kappa && { kappa: kappa.kappa, low: kappa.low, high: kappa.high },
      precision: shareOf(accepted),
      recall: areBoth ? shareOf(this.sensitivity) : undefined,
      specificity: areBoth ? shareOf(this.specificity) : undefined,
    };
  }
}

function correctedFigures(all: Cells, paradigms: readonly Cells[]): CorrectedFigures {
  const accepted = strataOf(
    all.accepted,
    paradigms.map((cells) => cells.accepted),
  );
  const rejected = strataOf(
    all.rejected,
    paradigms.map((cells) => cells.rejected),
  );
  const whole = all.accepted.size + all.rejected.size;
  const goodAccepted = stratifiedShare(accepted);
  const goodRejected = stratifiedShare(rejected);
  const weighted = ({ share, low, high }: Share, { size }: Stratum): Share => {
    const weight = size / whole;
    return { share: weight * share, low: weight * low, high: weight * high };
  };
  const nothing = { share: 0, low: 0, high: 0 };
  const parts = [
    goodAccepted ? weighted(goodAccepted, all.accepted) : nothing,
    goodRejected ? weighted(goodRejected, all.rejected) : nothing,
  ] as const;
  const unknown = [all.accepted, all.rejected].filter(({ size, trials }) => size > 0 && trials === 0);
  const isKnown = whole > 0 && unknown.length === 0;
  const unknownShare = unknown.reduce((sum, { size }) => sum + size, 0) / Math.max(1, whole);
  const bounds = { low: parts[0].low + parts[1].low, high: parts[0].high + parts[1].high + unknownShare };
  const found = { successes: all.accepted.size, trials: whole };
  const isBlind = areAlike(all.accepted, all.rejected);
  const roganGladen = isKnown && isBlind ? correctedShare(found, all) : undefined;
  const isOneClass = all.sensitivity.trials === 0 || all.specificity.trials === 0;
  const why = isBlind ? (isOneClass ? "one-class" : "no-better-than-chance") : "unlike-shares";
  return {
    good: stratifiedShare([...accepted, ...rejected]),
    bounds: unknown.length === 1 ? bounds : undefined,
    goodAccepted,
    recall: isKnown ? shareInSum(...parts) : undefined,
    roganGladen,
    uncorrected: isKnown && !roganGladen ? why : undefined,
    isPooled: paradigms.length > 1 && [accepted, rejected].some((strata) => strata.length === 1),
  };
}

/** The strata of one verdict: its paradigms, or all of them together where of one none was reviewed. */
function strataOf(all: Stratum, paradigms: readonly Stratum[]): readonly Stratum[] {
  return paradigms.every(({ size, trials }) => size === 0 || trials > 0) ? paradigms : [all];
}

/** Whether of both as large a share was reviewed, as far as chance lets it be told. */
function areAlike(one: Stratum, other: Stratum): boolean {
  const size = one.size + other.size;
  const common = (one.trials + other.trials) / size;
  if (one.size === 0 || other.size === 0) return true;
  const error = Math.sqrt(common * (1 - common) * (1 / one.size + 1 / other.size));
  return Math.abs(one.trials / one.size - other.trials / other.size) <= 1.96 * error;
}

/**
 * The fewest more reviews after which the interval should be narrow enough, if what they find is like what was found: divided over what was
 * accepted and what was rejected by size and spread (Neyman 1934), shares drawn to the middle by two of either kind (Agresti and Coull 1998).
 */
function reviewsNeeded(strata: readonly [Stratum, Stratum], margin: number): ReviewsNeeded {
  const likely = strata.map(({ size, successes, trials }) => {
    const share = (successes + 2) / (trials + 4);
    return { share, weight: size * Math.sqrt(share * (1 - share)), size, trials };
  });
  const weights = likely.reduce((sum, { weight }) => sum + weight, 0);
  const allotted = (total: number) =>
    likely.map(({ weight, size, trials }) =>
      weights === 0 ? 0 : Math.min(size - trials, Math.max(0, Math.ceil((total * weight) / weights) - trials)),
    );
  const marginAfter = (more: readonly number[]) => {
    const after = likely.map(({ share, size, trials }, i) => {
      const all = trials + more[i]!;
      return { size, successes: share * all, trials: all };
    });
    const { low, high } = stratifiedShare(after) ?? { low: 0, high: 1 };
    return (high - low) / 2;
  };
  // The bisection's upper bound is the number by which every pair is allotted.
  let [least, most] = [
    0,
    Math.max(...likely.map(({ size, weight }) => (weight > 0 ? Math.ceil((size * weights) / weight) : 0))),
  ];
  const all = strata.map(({ size, trials }) => size - trials);
  const isEnough = (total: number) => marginAfter(allotted(total)) <= margin;
  const now = stratifiedShare(strata);
  const isReached = now !== undefined && (now.high - now.low) / 2 <= margin;
  const suffices = isReached || marginAfter(all) <= margin;
  while (suffices && !isReached && most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (isEnough(middle)) most = middle;
    else least = middle;
  }
  const [accepted, rejected] = isReached ? [0, 0] : suffices ? allotted(most) : all;
  return { margin, accepted: accepted!, rejected: rejected!, suffices };
}
