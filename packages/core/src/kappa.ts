/** How far two go together in putting the same things into classes. */
export interface Kappa {
  /** Share on which they agree. */
  observed: number;
  /** Agreement beyond chance: 1 is perfect, 0 is chance. 1 where both name one class throughout, for which no chance is left. */
  kappa: number;
  /** Of kappa, at 95%. */
  low: number;
  high: number;
}

/**
 * Agreement beyond what each one's own frequencies give by chance (Cohen 1960), with the large-sample interval of Fleiss, Cohen and Everitt
 * (1969). Undefined where there is nothing that both have decided.
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
  if (byChance === 1) return { observed, kappa: 1, low: 1, high: 1 };
  const kappa = (observed - byChance) / (1 - byChance);
  const spread = decided.reduce((sum, [one, other]) => {
    const both = others.get(one)! + ones.get(other)!;
    return sum + (one === other ? 1 - byChance - both * (1 - observed) : both * (1 - observed)) ** 2;
  }, 0);
  const mean = observed * byChance - 2 * byChance + observed;
  const margin = (1.96 * Math.sqrt(Math.max(0, spread / n - mean ** 2) / n)) / (1 - byChance) ** 2;
  return { observed, kappa, low: Math.max(-1, kappa - margin), high: Math.min(1, kappa + margin) };
}
