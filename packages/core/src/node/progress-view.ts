import { styleText } from "node:util";
import { amount, durationText, numberText } from "../in-words.ts";
import type { Progress } from "../plug-points.ts";
import type { StageResult } from "./stages.ts";

/** A stream that {@link ProgressView} writes to, such as `process.stderr`. */
export interface ProgressOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

// No colours where standard error is no terminal, or NO_COLOR is set.
const onTerminal = { stream: process.stderr };
const frameMilliseconds = 80;
const tickMilliseconds = 1_000;
const lineMilliseconds = 10_000;

/**
 * Shows a run on a stream while it goes on. On a terminal a live line a stage, with rate and time left; elsewhere a plain line as a
 * stage ends, and every ten seconds. Both go on while a stage has nothing to tell.
 */
export class ProgressView {
  readonly #output: ProgressOutput;
  readonly #isLive: boolean;
  /** How much the stage had made when its first progress came. */
  #start = { stage: "", made: 0, at: 0 };
  #latest: Progress | undefined;
  #shownAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isHeld = false;

  constructor(output: ProgressOutput) {
    this.#output = output;
    this.#isLive = output.isTTY === true;
  }

  readonly onProgress = (progress: Progress): void => {
    if (this.#isHeld) return;
    this.#latest = progress;
    if (this.#start.stage !== progress.stage) {
      const at = performance.now();
      this.#start = { stage: progress.stage, made: madeIn(progress), at };
      if (!this.#isLive) this.#shownAt = at;
    }
    const pause = this.#isLive ? tickMilliseconds : lineMilliseconds;
    this.#timer ??= setInterval(() => this.#show(pause), tickMilliseconds).unref();
    this.#show(this.#isLive ? frameMilliseconds : lineMilliseconds);
  };

  readonly onStage = ({ name, skipped, counts, note, spent = {}, seconds }: StageResult): void => {
    this.clear();
    const time = styleText("dim", skipped ? "(unchanged)" : `(${seconds.toFixed(1)} s)`, onTerminal);
    const mark = this.#isLive ? `${styleText("green", "✓", onTerminal)} ` : "";
    const what = [countsText({ ...counts, ...spent }), note].filter(Boolean).join(", ");
    this.#output.write(`${mark}${name.padEnd(11)} ${what}  ${time}\n`);
  };

  /** Takes the live line away, before anything else is printed. */
  readonly clear = (): void => {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#latest = undefined;
    if (this.#isLive) this.#output.write("\r\x1b[2K");
  };

  /** Prints whole lines, which stay. */
  readonly say = (lines: readonly string[]): void => {
    this.clear();
    for (const line of lines) this.#output.write(`${line}\n`);
  };

  /** Shows nothing while something else is on the screen, such as a question. */
  readonly holding = async <T>(work: () => Promise<T>): Promise<T> => {
    this.clear();
    this.#isHeld = true;
    try {
      return await work();
    } finally {
      this.#isHeld = false;
    }
  };

  #show(pause: number): void {
    const now = performance.now();
    if (!this.#latest || now - this.#shownAt < pause) return;
    this.#shownAt = now;
    const { made, at } = this.#start;
    const line = describe(this.#latest, { made: madeIn(this.#latest) - made, seconds: (now - at) / 1000 });
    this.#output.write(this.#isLive ? `\r\x1b[2K${line.slice(0, (this.#output.columns || 80) - 1)}` : `${line}\n`);
  }
}

function madeIn({ done, kept = 0 }: Progress): number {
  return done - kept;
}

function describe(
  { stage, done, total, unit, note = "" }: Progress,
  { made, seconds }: { made: number; seconds: number },
): string {
  const rate = seconds > 0.5 && made > 0 ? made / seconds : 0;
  const parts: string[] = [];
  if (done > 0 || total)
    parts.push(`${numberText(done)}${total ? ` of ${numberText(total)}` : ""}${unit ? ` ${unit}` : ""}`);
  // A note may have a rate of its own, which says more.
  if (rate > 0 && !note.includes("/s")) parts.push(`${rate >= 10 ? numberText(Math.round(rate)) : rate.toFixed(1)}/s`);
  if (rate > 0 && total && total > done) parts.push(`${durationText((total - done) / rate)} left`);
  if (rate === 0 && seconds >= 2) parts.push(durationText(seconds));
  if (note) parts.push(note);
  return `  ${stage.padEnd(11)} ${parts.join("  ")}`.trimEnd();
}

const plural = /\b(call|dimension|document|dollar|example|exemplar|file|format|passage|reserve|task)s\b/;

/** What a stage counted, in a line: "1 document, 20 passages". */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([label, value]) => amount(value, label.replace(plural, "$1"), label));
  return parts.join(", ");
}
