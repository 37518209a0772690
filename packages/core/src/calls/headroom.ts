import { rateHeaders } from "./rate-headers.ts";

/** What an endpoint has said is left of its limits for one model, less what was sent since. */
export interface Headroom {
  /** Milliseconds until a call of so many tokens fits; 0 when it does. */
  waitFor(tokens: number): number;
  /** Notes that a call goes out. */
  send(tokens: number): void;
  /** Takes note of the headers that answer a call sent at that time. */
  observe(headers: Readonly<Record<string, string>>, sentAt: number): void;
}

interface Meter {
  remaining: number;
  resetAt: number;
  sentAt: number;
}

const mostInFlight = 4096;

/** Keeps the newest word on requests and on tokens. The endpoint counted the calls up to the one it answered; those sent later are taken off. */
export function createHeadroom(): Headroom {
  const meters = new Map<"requests" | "tokens", Meter>();
  let sent: { at: number; tokens: number }[] = [];

  function sentSince(time: number, what: "requests" | "tokens"): number {
    return sent.reduce((sum, { at, tokens }) => (at > time ? sum + (what === "requests" ? 1 : tokens) : sum), 0);
  }
  return {
    waitFor(tokens) {
      const now = performance.now();
      let wait = 0;
      for (const [what, { remaining, resetAt, sentAt }] of meters) {
        if (resetAt <= now) meters.delete(what);
        else if (remaining - sentSince(sentAt, what) < (what === "requests" ? 1 : tokens))
          wait = Math.max(wait, resetAt - now);
      }
      return wait;
    },
    send(tokens) {
      sent.push({ at: performance.now(), tokens });
      // Without a word from the endpoint nothing takes the old ones out.
      if (meters.size === 0 && sent.length > 2 * mostInFlight) sent = sent.slice(-mostInFlight);
    },
    observe(headers, sentAt) {
      const now = performance.now();
      for (const [what, { remaining, reset }] of Object.entries(rateHeaders(headers))) {
        const known = meters.get(what as "requests" | "tokens");
        if (known && known.sentAt > sentAt) continue;
        meters.set(what as "requests" | "tokens", { remaining, resetAt: now + reset, sentAt });
      }
      const oldest = Math.min(...[...meters.values()].map((meter) => meter.sentAt));
      sent = sent.filter(({ at }) => at > oldest);
    },
  };
}
