import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ProgressView } from "./progress-view.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] }));
afterEach(() => vi.useRealTimers());

function view(isTTY: boolean) {
  const written: string[] = [];
  const shown = new ProgressView({ isTTY, columns: 60, write: (text) => written.push(text) });
  return { ...shown, written };
}

const ended = {
  name: "embed",
  skipped: false,
  lineage: "",
  inputs: {},
  key: "",
  outputs: {},
  counts: { passages: 9000 },
  seconds: 61,
};

it("says every ten seconds elsewhere than on a terminal where a stage stands, also when it has nothing new to tell", () => {
  const { onProgress, onStage, written } = view(false);
  onProgress({ stage: "embed", done: 0 });
  vi.advanceTimersByTime(20_000);
  onProgress({ stage: "embed", done: 3000, total: 9000 });
  vi.advanceTimersByTime(10_000);
  onStage(ended);
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual([
    "  embed       10 s\n",
    "  embed       20 s\n",
    "  embed       3,000 of 9,000  100/s  1 min 0 s left\n",
    "embed       9,000 passages  (61.0 s)\n",
  ]);
});

it("tells the time left by what is made now, not by what was there before", () => {
  const { onProgress, written } = view(false);
  onProgress({ stage: "synthesize", done: 0, total: 1000 });
  onProgress({ stage: "synthesize", done: 700, kept: 700, total: 1000 });
  vi.advanceTimersByTime(10_000);
  onProgress({ stage: "synthesize", done: 720, kept: 700, total: 1000 });
  vi.advanceTimersByTime(10_000);
  expect(written).toEqual([
    "  synthesize  700 of 1,000  10 s\n",
    "  synthesize  720 of 1,000  1.0/s  4 min 40 s left\n",
  ]);
});

it("draws one line anew on a terminal, within its width, and takes it away", () => {
  const { onProgress, clear, written } = view(true);
  onProgress({ stage: "synthesize", done: 0, total: 10, note: "n".repeat(100) });
  vi.advanceTimersByTime(3_000);
  expect(written).toHaveLength(3);
  for (const line of written) expect([line.slice(0, 5), line.length]).toEqual(["\r\u001b[2K", 5 + 59]);
  clear();
  vi.advanceTimersByTime(3_000);
  expect(written.slice(3)).toEqual(["\r\u001b[2K"]);
});
