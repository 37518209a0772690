import { amount, badOption, dollarsText, numberText } from "@rag-instruct/core";
import type { StageStatus } from "@rag-instruct/core/node";
import { countsText } from "@rag-instruct/core/node";
import { type CommandDefinition, flag, type RunFlags } from "../command.ts";

/** Says how a run stands, and what the next one would make again. */
export const status: CommandDefinition<string[]> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: ["config", "to", "set"],
  note: "Settings that --set changes are those of the next run; nothing is made.",
  examples: ["rag-instruct status", "rag-instruct status runs/march --json"],
  async run(named, flags, { signal }) {
    const { knownSettings, onlyRun, readRunSettings, runStatus } = await import("../actions.ts");
    const to = (await onlyRun("status", named, flags)) ?? (await readRunSettings(undefined, flags)).to;
    const found = await runStatus(to, { config: await knownSettings(to, flags), signal });
    const spent = Object.entries(found.cost).map(([purpose, { replies, inputTokens, outputTokens, usd }]) => {
      const dollars = usd > 0 ? `, ${dollarsText(usd)}` : "";
      return `  ${purpose.padEnd(11)} ${amount(replies, "reply", "replies")}, ${amount(inputTokens, "token")} in, ${numberText(outputTokens)} out${dollars}`;
    });
    const again = found.stages.filter(({ state }) => state !== "done").map(({ name }) => name);
    const next = again.length === 0 ? "The next run would change nothing." : `The next run makes ${again.join(", ")}.`;
    const unchecked =
      found.unchecked === undefined ? [] : [`Not checked: ${found.unchecked}; what was made of it is taken as it is.`];
    const cost = spent.length > 0 ? ["Cost", ...spent] : ["No reply was paid for."];
    return { text: [...found.stages.map(lineOf), "", ...cost, "", next, ...unchecked, ""].join("\n"), json: found };
  },
};

function lineOf({ name, state, why, counts }: StageStatus): string {
  const facts = [countsText(counts), state === "done" ? "" : `${state}: ${why}`].filter((part) => part !== "");
  return `${state === "done" ? "✓" : "·"} ${name.padEnd(11)} ${facts.join("; ")}`;
}

interface DiffFlags extends RunFlags {
  limit: number;
}

/** Compares two runs. */
export const diff: CommandDefinition<string[], DiffFlags> = {
  argument: ["<run...>", "two run folders"],
  flags: [flag("--limit <number>", "pairs of each side that are listed", { standard: 20 })],
  note: "Settings, counts, reasons, cost, and the accepted pairs that one has alone.",
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
