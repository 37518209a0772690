import { wilsonInterval } from "./outcome.ts";

/** A share, from 0 to 1, with its interval at 95%. */
export interface Share {
  share: number;
  low: number;
  high: number;
}

/** A share that was corrected for errors. */
export interface CorrectedShare extends Share {
  /** Whether the correction led beyond 0 or 1, so that the nearest of both stands here. */
  isCut: boolean;
}

/** What was counted. */
export interface Counted {
  successes: number;
  trials: number;
}

/** A part of a whole, of which some were looked at. */
export interface Stratum extends Counted {
  /** All of the part, those that were not looked at among them. */
  size: number;
}

/** A share of what was counted, with its Wilson interval; undefined where nothing was. */
export function shareOf({ successes, trials }: Counted): Share | undefined {
  if (trials === 0) return undefined;
  return { share: successes / trials, ...wilsonInterval({ successes, trials }) };
}

/**
 * The share in a whole of which each part was sampled by itself: shares of the parts weighted by their sizes. Its interval puts the Wilson
 * intervals of the parts together (Zou, Huang and Zhang 2009, "A note on confidence interval estimation for a linear function of binomial
 * proportions"). Undefined where nothing was looked at in a part that is not empty.
 */
export function stratifiedShare(strata: readonly Stratum[]): Share | undefined {
  const parts = strata.filter(({ size }) => size > 0);
  const whole = parts.reduce((sum, { size }) => sum + size, 0);
  let [share, below, above] = [0, 0, 0];
  for (const part of parts) {
    const of = shareOf(part);
    if (!of) return undefined;
    const weight = part.size / whole;
    share += weight * of.share;
    below += (weight * (of.share - of.low)) ** 2;
    above += (weight * (of.high - of.share)) ** 2;
  }
  if (whole === 0) return undefined;
  return { share, low: Math.max(0, share - Math.sqrt(below)), high: Math.min(1, share + Math.sqrt(above)) };
}

/**
 * The share that a part has in the sum of two amounts which were estimated apart, by the interval of their ratio (Donner and Zou 2012,
 * "Closed-form confidence intervals for functions of the normal mean and standard deviation", section 2). Undefined where both are 0.
 */
export function shareInSum(part: Share, rest: Share): Share | undefined {
  const [a, b] = [rest.share, part.share];
  if (a + b === 0) return undefined;
  const root = (x: number, y: number) => Math.sqrt(Math.max(0, (a * b) ** 2 - x * y * (2 * a - x) * (2 * b - y)));
  const isNarrow = 2 * b > part.high;
  const least = isNarrow
    ? (a * b - root(rest.low, part.high)) / (part.high * (2 * b - part.high))
    : rest.low / part.high;
  const most =
    part.low > 0 ? (a * b + root(rest.high, part.low)) / (part.low * (2 * b - part.low)) : Number.POSITIVE_INFINITY;
  return { share: b / (a + b), low: 1 / (1 + Math.max(0, most)), high: 1 / (1 + Math.max(0, least)) };
}

/**
 * The share that is good in truth, where a test that errs finds some good: its result is corrected by its sensitivity and specificity (Rogan
 * and Gladen 1978, "Estimating prevalence from the results of a screening test"), with the interval of Lang and Reiczigel (2014,
 * "Confidence limits for prevalence of disease adjusted for estimated sensitivity and specificity"), which knows that these two are
 * estimated as well. What lies outside of 0 to 1 is cut to it, and `isCut` says so. Undefined where the test finds no more good ones among
 * the good than among the others: then nothing follows from it.
 * @param found those that it finds good, of all that it was put to
 * @param sensitivity those that it finds good, of the good ones of a sample
 * @param specificity those that it does not find good, of the others of the sample
 */
export function correctedShare(
  found: Counted,
  { sensitivity, specificity }: { sensitivity: Counted; specificity: Counted },
): CorrectedShare | undefined {
  const rate = ({ successes, trials }: Counted, added: number) => (successes + added / 2) / (trials + added);
  const isTelling = rate(sensitivity, 0) + rate(specificity, 0) > 1;
  // Also where nothing was counted, which is no number.
  if (!isTelling) return undefined;
  const z = 1.96;
  const solved = (apparent: number, se: number, sp: number) => (apparent + sp - 1) / (se + sp - 1);
  const clamped = (share: number) => Math.min(1, Math.max(0, share));
  const [apparent, se, sp] = [rate(found, z * z), rate(sensitivity, 2), rate(specificity, 2)];
  if (se + sp <= 1) return undefined;
  const centre = solved(apparent, se, sp);
  const ofSensitivity = (se * (1 - se)) / (sensitivity.trials + 2);
  const ofSpecificity = (sp * (1 - sp)) / (specificity.trials + 2);
  const shift = 2 * z * z * (centre * ofSensitivity - (1 - centre) * ofSpecificity);
  const variance =
    (apparent * (1 - apparent)) / (found.trials + z * z) +
    centre ** 2 * ofSensitivity +
    (1 - centre) ** 2 * ofSpecificity;
  const margin = (z * Math.sqrt(variance)) / (se + sp - 1);
  const estimate = solved(rate(found, 0), rate(sensitivity, 0), rate(specificity, 0));
  return {
    share: clamped(estimate),
    isCut: Math.abs(estimate - clamped(estimate)) > 1e-9,
    low: clamped(centre + shift - margin),
    high: clamped(centre + shift + margin),
  };
}

/** How far two go together in putting the same things into classes. */
export interface Kappa {
  /** Share on which they agree. */
  observed: number;
  /** Agreement beyond chance: 1 is perfect, 0 is chance. */
  kappa: number;
  /** Of kappa, at 95%. */
  low: number;
  high: number;
}

/**
 * Agreement beyond what each one's own frequencies give by chance (Cohen 1960), with the large-sample interval of Fleiss, Cohen and Everitt
 * (1969). Where that has no width, as it has none for agreement or disagreement throughout and where one of them names one class alone,
 * it is Wilson's of the agreement at the chance that was found. Undefined where there is nothing that both have decided, and where both
 * name one class throughout: then agreement is what chance gives.
 * @param decided for each thing the class that the one gives it, and the other
 */
export function cohensKappa(decided: readonly (readonly [one: string, other: string])[]): Kappa | undefined {
  const n = decided.length;
  if (n === 0) return undefined;
  const classes = [...new Set(decided.flat())];
  const share = (fits: (pair: readonly [string, string]) => boolean) => decided.filter(fits).length / n;
  const ones = new Map(classes.map((name) => [name, share(([one]) => one === name)]));
  const others = new Map(classes.map((name) => [name, share(([, other]) => other === name)]));
  const observed = share(([one, other]) => one === other);
  const byChance = classes.reduce((sum, name) => sum + ones.get(name)! * others.get(name)!, 0);
  if (classes.length === 1) return undefined;
  const beyond = (agreement: number) => Math.max(-1, (agreement - byChance) / (1 - byChance));
  const kappa = beyond(observed);
  const spread = decided.reduce((sum, [one, other]) => {
    const both = others.get(one)! + ones.get(other)!;
    return sum + (one === other ? 1 - byChance - both * (1 - observed) : both * (1 - observed)) ** 2;
  }, 0);
  const mean = observed * byChance - 2 * byChance + observed;
  const variance = (spread / n - mean ** 2) / n;
  if (variance < 1e-12) {
    const { low, high } = wilsonInterval({ successes: Math.round(observed * n), trials: n });
    return { observed, kappa, low: beyond(low), high: beyond(high) };
  }
  const margin = (1.96 * Math.sqrt(variance)) / (1 - byChance) ** 2;
  return { observed, kappa, low: Math.max(-1, kappa - margin), high: Math.min(1, kappa + margin) };
}
