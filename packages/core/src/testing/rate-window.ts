/** Whose names a server uses for what is left of its rate limit. */
export type RateHeaderStyle = "openai" | "anthropic" | "standard";

const windowLength = 1000;

/** What the requests of the last second leave of the limit, and how headers put it. */
export function windowOf(
  arrivals: readonly number[],
  { perSecond, rateHeaders }: { perSecond?: number; rateHeaders?: RateHeaderStyle },
): { isOver: boolean; headers: Record<string, string> } {
  if (perSecond === undefined) return { isOver: false, headers: {} };
  const now = arrivals.at(-1)!;
  let within = 0;
  for (let i = arrivals.length - 1; i >= 0 && arrivals[i]! > now - windowLength; i--) within++;
  const remaining = Math.max(0, perSecond - within);
  return { isOver: within > perSecond, headers: rateHeaders ? headersOf(rateHeaders, perSecond, remaining) : {} };
}

/** Limit, remaining and reset: the last request leaves the window when a whole window has passed. */
function headersOf(style: RateHeaderStyle, limit: number, remaining: number): Record<string, string> {
  const [prefix, suffix, reset] = {
    openai: ["x-ratelimit-", "-requests", `${windowLength}ms`],
    anthropic: ["anthropic-ratelimit-requests-", "", new Date(Date.now() + windowLength).toISOString()],
    standard: ["ratelimit-", "", String(windowLength / 1000)],
  }[style] as [string, string, string];
  const name = (what: string) => `${prefix}${what}${suffix}`;
  return { [name("limit")]: String(limit), [name("remaining")]: String(remaining), [name("reset")]: reset };
}
