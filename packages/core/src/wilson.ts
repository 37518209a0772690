/**
 * The Wilson score interval of a share (Wilson 1927), which stays inside [0, 1] and holds for small counts.
 * @param options.z standard score of the confidence level. @default 1.96, for 95%
 * @returns [0, 1] when there are no trials
 */
export function wilsonInterval(
  { successes, trials }: { successes: number; trials: number },
  { z = 1.96 }: { z?: number } = {},
): { low: number; high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const centre = share + (z * z) / (2 * trials);
  const margin = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return { low: Math.max(0, (centre - margin) / scale), high: Math.min(1, (centre + margin) / scale) };
}
