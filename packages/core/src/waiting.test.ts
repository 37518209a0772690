import { describe, expect, it } from "vitest";
import { onAbort, systemClock } from "./waiting.ts";

describe("onAbort", () => {
  it("calls the listener once with the reason, and not at all once it is taken away", () => {
    const controller = new AbortController();
    const heard: unknown[] = [];
    onAbort(controller.signal, (reason) => heard.push(["first", reason]));
    const stopListening = onAbort(controller.signal, (reason) => heard.push(["second", reason]));
    stopListening();
    controller.abort("enough");
    controller.abort("again");
    expect(heard).toEqual([["first", "enough"]]);
  });
  it("calls the listener at once for a signal that has aborted, and never without a signal", () => {
    const heard: unknown[] = [];
    onAbort(AbortSignal.abort("before"), (reason) => heard.push(reason))();
    onAbort(undefined, () => heard.push("never"))();
    expect(heard).toEqual(["before"]);
  });
});

describe("systemClock", () => {
  it("waits as long as it is asked to", async () => {
    const started = systemClock.now();
    await systemClock.sleep(20);
    expect(systemClock.now() - started).toBeGreaterThanOrEqual(19);
  });
  it("stops waiting with the signal's reason", async () => {
    const controller = new AbortController();
    const waiting = systemClock.sleep(60_000, controller.signal);
    controller.abort("enough");
    await expect(waiting).rejects.toBe("enough");
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe("enough");
  });
});
