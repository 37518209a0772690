import type { Progress } from "@rag-instruct/core";
import type { StageResult } from "../stage.ts";
import { paint } from "./paint.ts";

/** Shows a run on a stream while it goes on. */
export interface ProgressView {
  onProgress(progress: Progress): void;
  onStage(result: StageResult): void;
  /** Takes the live line away, before anything else is printed. */
  clear(): void;
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const frameMilliseconds = 80;
const tickMilliseconds = 1_000;
const lineMilliseconds = 10_000;

/**
 * On a terminal a live line a stage, with rate and time left; elsewhere a plain line as a stage ends, and every ten seconds. Both
 * go on while a stage has nothing to tell.
 */
export function createProgressView(output: Output): ProgressView {
  const isLive = output.isTTY === true;
  const start = { stage: "", done: 0, at: 0 };
  let latest: Progress | undefined;
  let shownAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const show = (pause: number) => {
    const now = performance.now();
    if (!latest || now - shownAt < pause) return;
    shownAt = now;
    const line = describe(latest, { done: latest.done - start.done, seconds: (now - start.at) / 1000 });
    output.write(isLive ? `\r\x1b[2K${line.slice(0, (output.columns || 80) - 1)}` : `${line}\n`);
  };
  const clear = () => {
    clearInterval(timer);
    timer = undefined;
    latest = undefined;
    if (isLive) output.write("\r\x1b[2K");
  };
  return {
    clear,
    onProgress(progress) {
      latest = progress;
      if (start.stage !== progress.stage) {
        const now = performance.now();
        Object.assign(start, { stage: progress.stage, done: progress.done, at: now });
        if (!isLive) shownAt = now;
      }
      timer ??= setInterval(show, tickMilliseconds, isLive ? tickMilliseconds : lineMilliseconds).unref();
      show(isLive ? frameMilliseconds : lineMilliseconds);
    },
    onStage({ name, skipped, counts, spent = {}, seconds }) {
      clear();
      const what = Object.entries({ ...counts, ...spent })
        .map(([label, value]) => `${count(value)} ${label}`)
        .join(", ");
      const time = paint("dim", skipped ? "(unchanged)" : `(${seconds.toFixed(1)} s)`);
      output.write(`${isLive ? `${paint("green", "✓")} ` : ""}${name.padEnd(11)} ${what}  ${time}\n`);
    },
  };
}

function describe(
  { stage, done, total, note }: Progress,
  { done: doneHere, seconds }: { done: number; seconds: number },
): string {
  const rate = seconds > 0.5 && doneHere > 0 ? doneHere / seconds : 0;
  const isLong = seconds >= 2;
  const parts = [
    ...(done > 0 || total ? [`${count(done)}${total ? ` of ${count(total)}` : ""}`] : []),
    ...(rate > 0 ? [`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`] : []),
    ...(rate > 0 && total && total > done ? [`${duration((total - done) / rate)} left`] : []),
    ...(rate === 0 && isLong ? [duration(seconds)] : []),
    ...(note ? [note] : []),
  ];
  return `  ${stage.padEnd(11)} ${parts.join("  ")}`.trimEnd();
}

/** Seconds as people say them: 42 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A number as people read it. */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 4 });
}
