import { badOption } from "@rag-instruct/core";
import { type CommandDefinition, flag, type RunFlags } from "../command.ts";

/** Says how a run stands, and what the next one would make again. */
export const status: CommandDefinition<string[]> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: ["config", "to", "set"],
  note: "Settings that --set changes are those of the next run; nothing is made.",
  examples: ["rag-instruct status", "rag-instruct status runs/march --json"],
  async run(named, flags, { signal }) {
    const { knownSettings, onlyRun, readRunSettings, runStatus, statusLines } = await import("../actions.ts");
    const to = (await onlyRun("status", named, flags)) ?? (await readRunSettings(undefined, flags)).to;
    const found = await runStatus(to, { config: await knownSettings(to, flags), signal });
    return { text: [...statusLines(found.stages, found), ""].join("\n"), json: found };
  },
};

interface DiffFlags extends RunFlags {
  limit: number;
}

/** Compares two runs. */
export const diff: CommandDefinition<string[], DiffFlags> = {
  argument: ["<run...>", "two run folders"],
  flags: [flag("--limit <number>", "pairs of each side that are listed", { standard: 20 })],
  note: "Settings, counts, reasons, cost, variety, and the accepted pairs of one alone.",
  examples: ["rag-instruct diff runs/march runs/april", "rag-instruct diff runs/march runs/april --json"],
  async run(runs, { limit }, { signal }) {
    const { requireRun } = await import("../actions.ts");
    const { compareRuns, describeDifference } = await import("@rag-instruct/viewer");
    const [first, second, ...others] = runs;
    if (first === undefined || second === undefined || others.length > 0)
      throw badOption(`diff compares two run folders, not ${runs.length}`);
    for (const run of [first, second]) await requireRun(run);
    const difference = await compareRuns(first, second, { limit, signal });
    return { text: describeDifference(difference), json: difference };
  },
};
