import type { Price } from "../app/api.ts";

/** What a button says that spends: what it does, and for how much. */
export function pricedText(what: string, { usd, isFree }: Price): string {
  if (isFree) return `${what}; nothing is charged`;
  if (usd === undefined) return `${what} at a price that is not known`;
  return `${what} for about $${usd.toFixed(usd < 0.1 ? 4 : 2)}`;
}
