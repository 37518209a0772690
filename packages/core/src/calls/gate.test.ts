import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { Gate } from "./gate.ts";

const never = new AbortController().signal;

it("slows down again although late refusals of an earlier burst come in after the pause", async () => {
  const gate = new Gate({ max: 8, backOff: 20 });
  const early = await Promise.all(Array.from({ length: 8 }, () => gate.enter(never)));
  early[0]!({ overloaded: undefined });
  expect(gate.limit).toBe(4);
  await sleep(40);
  for (const leave of early.slice(1, 5)) leave({ overloaded: undefined });
  const second = await gate.enter(never);
  // One more of the first burst answers while the second is under way.
  early[5]!({ overloaded: undefined });
  expect(gate.limit).toBe(4);
  second({ overloaded: undefined });
  expect(gate.limit).toBe(1);
});
