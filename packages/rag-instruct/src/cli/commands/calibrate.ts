import { type CommandDefinition, flag } from "../command.ts";

/** Compares the model that judged a run's pairs with the people who reviewed them. */
export const calibrate: CommandDefinition<string[]> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: [
    flag("--margin <decimal>", "how sure the share of good pairs is to be; default 0.05"),
    flag("--next <number>", "name so many pairs to review next, drawn by chance"),
    ...(["config", "to"] as const),
  ],
  note: "Verdicts are those of --verify judge or proof, in the run or in its verified/;\nreviews are made in rag-instruct view, best before the model judges.",
  examples: ["rag-instruct calibrate runs/march", "rag-instruct calibrate --margin 0.1 --next 50"],
  async run(named, { margin, next, ...flags }, { signal }) {
    const { onlyRun, readRunSettings, requireRun } = await import("../actions.ts");
    const { calibrate, calibrationText } = await import("@rag-instruct/simulate");
    const run = (await onlyRun("calibrate", named, flags)) ?? (await readRunSettings(undefined, flags)).to;
    await requireRun(run);
    const found = await calibrate(run, { margin, next, signal });
    return { text: calibrationText(found), json: found };
  },
};
