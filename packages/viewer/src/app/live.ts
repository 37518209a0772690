import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { addSpending, emptySpending, type Spending, spendingOf } from "@rag-instruct/core";
import { isProcessAlive, readJsonFile, type StageRecord } from "@rag-instruct/core/node";
import { GrowingFile } from "./growing-file.ts";

/** How a run stands at this moment. */
export interface LiveState {
  /** Whether a process holds the folder. */
  isAtWork: boolean;
  /** Whether this machine can stop it. */
  canStop: boolean;
  /** Stages that have ended, in the order in which they did. */
  stages: { name: string; seconds: number; counts: Record<string, number> }[];
  /** Replies in the ledger, and what they came to. */
  replies: number;
  spent: Spending;
  /** Replies a second over the last half minute. */
  perSecond: number;
}

interface LockHolder {
  pid: number;
  host: string;
  start?: string;
}

const rateWindow = 30_000;

/** Follows a run's lock, stages and ledger. Nothing is written. */
export class LiveRun {
  readonly #run: string;
  readonly #ledger: GrowingFile;
  #replies = 0;
  #spent = emptySpending();
  #seen: { at: number; replies: number }[] = [];

  constructor(run: string) {
    this.#run = run;
    this.#ledger = new GrowingFile(run, "ledger.jsonl");
  }

  async state(): Promise<LiveState> {
    await this.#ledger.read(
      (line) => this.#book(line),
      () => {
        this.#replies = 0;
        this.#spent = emptySpending();
      },
    );
    const now = performance.now();
    this.#seen = [...this.#seen.filter(({ at }) => at > now - rateWindow), { at: now, replies: this.#replies }];
    const first = this.#seen[0]!;
    const seconds = (now - first.at) / 1000;
    const stages = (await readJsonFile<Record<string, StageRecord>>(join(this.#run, "stages.json"))) ?? {};
    const holder = await this.#holder();
    return {
      isAtWork: holder !== undefined,
      canStop: holder !== undefined && holder.host === hostname() && holder.pid !== process.pid,
      stages: Object.entries(stages)
        .filter(([, { key }]) => key !== "")
        .map(([name, { seconds, counts }]) => ({ name, seconds, counts })),
      replies: this.#replies,
      spent: this.#spent,
      perSecond: seconds > 0 ? (this.#replies - first.replies) / seconds : 0,
    };
  }

  /** Stops the run as Ctrl-C does; false where nobody on this machine is at work there. */
  async stop(): Promise<boolean> {
    const holder = await this.#holder();
    if (!holder || holder.host !== hostname() || holder.pid === process.pid) return false;
    process.kill(holder.pid, "SIGINT");
    return true;
  }

  async #holder(): Promise<LockHolder | undefined> {
    try {
      const holder = JSON.parse(await readFile(join(this.#run, ".lock"), "utf8")) as LockHolder;
      return isProcessAlive(holder) ? holder : undefined;
    } catch {
      return undefined;
    }
  }

  #book(line: string): void {
    // What stands before the reply is all that is needed.
    const end = line.indexOf(',"value":');
    try {
      const { usage, usd, refused } = JSON.parse(end < 0 ? line : `${line.slice(0, end)}}`);
      if (refused) return;
      this.#replies++;
      addSpending(this.#spent, spendingOf({ usage, usd }));
    } catch {
      // The line of another version is not counted.
    }
  }
}
