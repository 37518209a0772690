import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { seededRandom } from "../random.ts";
import { Gate } from "./gate.ts";

const never = new AbortController().signal;

/** Says of a request, by its moment and its number, whether it is taken. */
type Endpoint = (now: number, number: number) => boolean;

interface Play {
  endpoint: Endpoint;
  calls?: number;
  max?: number;
  /** Milliseconds of an answer, of a refusal, and those that a refused call waits. */
  latency?: number;
  refusalAfter?: number;
  wait?: number;
}

/** Makes calls through a gate until all are answered; how long that took in seconds, and the requests. */
async function play({ endpoint, calls = 400, max = 64, latency = 200, refusalAfter = 1, wait = 1000 }: Play) {
  const clock = new FakeClock();
  const gate = new Gate({ max, clock });
  const arrivals: number[] = [];
  let [active, peak] = [0, 0];
  async function call(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const place = await gate.enter(never, { isAgain: tries > 0 });
      const at = clock.now();
      peak = Math.max(peak, ++active);
      const isTaken = endpoint(at, arrivals.push(at));
      await clock.sleep(isTaken ? latency : refusalAfter);
      active--;
      place.leave(isTaken ? { answeredAfter: clock.now() - at } : { refused: wait });
      if (isTaken) return;
      await clock.sleep(wait);
    }
  }
  await Promise.all(Array.from({ length: calls }, call));
  return { seconds: clock.now() / 1000, requests: arrivals.length, peak, arrivals };
}

/** Lets so many through at once and so many a second after that. */
function bucket(perSecond: number, size: number): Endpoint {
  let [level, at] = [size, 0];
  return (now) => {
    level = Math.min(size, level + ((now - at) * perSecond) / 1000);
    at = now;
    if (level < 1) return false;
    level--;
    return true;
  };
}
function fixedWindow(perSecond: number): Endpoint {
  const taken = new Map<number, number>();
  return (now) => {
    const second = Math.floor(now / 1000);
    taken.set(second, (taken.get(second) ?? 0) + 1);
    return taken.get(second)! <= perSecond;
  };
}
/** A window of the last second, in which refused requests count too. */
function slidingWindow(perSecond: number): Endpoint {
  const arrivals: number[] = [];
  return (now) => {
    arrivals.push(now);
    return arrivals.filter((at) => at > now - 1000).length <= perSecond;
  };
}
function byChance(share: number): Endpoint {
  const random = seededRandom("gateway");
  return () => random.next() >= share;
}

describe("a gateway that refuses a share of requests", () => {
  it.each([
    ["every fifth", (_: number, number: number) => number % 5 !== 0, 9],
    ["a fifth by chance", byChance(0.2), 17],
    ["a tenth by chance", byChance(0.1), 17],
  ] as const)("keeps those waiting alone: %s", async (_, endpoint, most) => {
    const { seconds, requests, peak } = await play({ endpoint });
    expect(seconds).toBeLessThan(most);
    expect(requests).toBeLessThan(540);
    expect(peak).toBeGreaterThan(40);
  });
});

describe("a limit of forty requests a second", () => {
  const limits: [string, () => Endpoint][] = [
    ["a bucket of forty", () => bucket(40, 40)],
    ["a bucket of one", () => bucket(40, 1)],
    ["seconds of the clock", () => fixedWindow(40)],
    ["the last second, in which refusals count", () => slidingWindow(40)],
  ];
  it.each(limits)("is found and used, with few requests refused: %s", async (_, make) => {
    const { seconds, requests } = await play({ endpoint: make() });
    // Ten seconds are the least.
    expect(seconds).toBeLessThan(14);
    expect(requests).toBeLessThan(530);
  });
  it.each(limits)("is kept by one that refuses late: %s", async (_, make) => {
    const { seconds, requests } = await play({ endpoint: make(), refusalAfter: 200 });
    expect(seconds).toBeLessThan(17);
    expect(requests).toBeLessThan(540);
  });
  it("is left behind when it is lifted", async () => {
    const limited = bucket(40, 40);
    const endpoint: Endpoint = (now) => now > 8000 || limited(now, 0);
    const { seconds } = await play({ endpoint, calls: 3000 });
    // At forty a second it would be 75 s; at 64 places of 200 ms, 320 a second.
    expect(seconds).toBeLessThan(28);
  });
});

describe("a gate", () => {
  it("lets one probe after each pause while everybody is refused, and all when the endpoint is back", async () => {
    const endpoint: Endpoint = (now) => now > 20_000;
    const { arrivals, seconds } = await play({ endpoint, calls: 300, max: 256, wait: 0 });
    expect(arrivals.filter((at) => at > 1000 && at < 20_000).length).toBeLessThan(12);
    expect(seconds).toBeLessThan(60);
  });

  it("begins with few, and lets as many in as answers show to be quick", async () => {
    const clock = new FakeClock();
    const gate = new Gate({ max: 64, clock, times: { unhurried: 1000 } });
    expect(gate.limit).toBe(16);
    (await gate.enter(never)).leave({ answeredAfter: 900 });
    expect(gate.limit).toBe(16);
    for (let i = 0; i < 20; i++) (await gate.enter(never)).leave({ answeredAfter: 100 });
    expect(gate.limit).toBe(64);
    for (let i = 0; i < 20; i++) (await gate.enter(never)).leave({ answeredAfter: 1000 });
    expect(gate.limit).toBe(64);
  });

  it("halves the calls once for all that were late together, and then for those sent after", async () => {
    const gate = new Gate({ max: 64, clock: new FakeClock() });
    const early = await Promise.all(Array.from({ length: 16 }, () => gate.enter(never)));
    for (const place of early.slice(0, 8)) place.leave("timed-out");
    expect(gate.limit).toBe(8);
    early[8]!.leave("failed");
    const late = early[9]!;
    for (const place of early.slice(10)) place.leave("failed");
    (await gate.enter(never)).leave("timed-out");
    expect(gate.limit).toBe(4);
    late.leave("timed-out");
    expect(gate.limit).toBe(4);
  });
});
