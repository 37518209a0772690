import { seededRandom } from "../random.ts";

/** What a faulty server can do instead of answering well. */
export type Fault =
  /** 429, with a Retry-After in the form asked for. */
  | "rate-limit"
  /** 500, 502 or 503. */
  | "server-error"
  /** The connection is reset before any answer. */
  | "reset"
  /** The request is carried out, and the connection is reset before the answer. */
  | "lost-answer"
  /** No answer until the client gives up. */
  | "hang"
  /** The answer comes a few bytes at a time. */
  | "drip"
  /** The body breaks off in the middle. */
  | "cut-body"
  /** The model's JSON breaks off in the middle, in a whole body. */
  | "cut-json"
  /** The model's JSON has other keys than asked for. */
  | "wrong-schema"
  /** The model refuses. */
  | "refusal"
  /** Every reply carries the same id. */
  | "duplicate-id"
  /** The reply does not say how many tokens it took. */
  | "no-usage";

// What a model writes depends on what it was asked: these fall on the same requests whenever they come.
const ofContent: ReadonlySet<Fault> = new Set<Fault>([
  "cut-json",
  "wrong-schema",
  "refusal",
  "duplicate-id",
  "no-usage",
]);

/** The faults of one request: those of transport by its number, those of content by its body, so that a repeated run sees the same. */
export function chooseFaults(
  shares: Readonly<Partial<Record<Fault, number>>>,
  { seed, number, body }: { seed: number; number: number; body: string },
): Set<Fault> {
  const chosen = new Set<Fault>();
  for (const [fault, share] of Object.entries(shares) as [Fault, number][]) {
    const random = ofContent.has(fault) ? seededRandom(seed, fault, body) : seededRandom(seed, fault, number);
    if (random.next() < share) chosen.add(fault);
  }
  return chosen;
}
