import type { Progress } from "@rag-instruct/core";
import type { StageResult } from "../stage.ts";

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

/** A live line a stage on a terminal, plain lines elsewhere. */
export function createProgressView(output: Output): ProgressView {
  const isLive = output.isTTY === true;
  let shownAt = 0;
  const clear = () => {
    if (isLive) output.write("\r\x1b[2K");
  };
  return {
    clear,
    onProgress({ stage, done, total, note }) {
      const now = performance.now();
      if (!isLive || now - shownAt < frameMilliseconds) return;
      shownAt = now;
      const line = `  ${stage.padEnd(11)} ${count(done)}${total ? ` of ${count(total)}` : ""}${note ? `  ${note}` : ""}`;
      output.write(`\r\x1b[2K${line.slice(0, (output.columns || 80) - 1)}`);
    },
    onStage({ name, skipped, counts, spent = {}, seconds }) {
      clear();
      const what = Object.entries({ ...counts, ...spent })
        .map(([label, value]) => `${count(value)} ${label}`)
        .join(", ");
      output.write(
        `${isLive ? "✓ " : ""}${name.padEnd(11)} ${what}  (${skipped ? "unchanged" : `${seconds.toFixed(1)} s`})\n`,
      );
    },
  };
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
