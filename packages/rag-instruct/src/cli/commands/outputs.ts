import type { StageResult } from "@rag-instruct/core/node";
import { countsText } from "@rag-instruct/core/node";
import type { Answer, CommandDefinition } from "../command.ts";
import { shownPath } from "../note.ts";

const argument = ["[run...]", "run folder; default that of the config"] as const;

/** Looks at a run as it stands. */
export const report: CommandDefinition<string[]> = {
  argument,
  flags: ["config", "to"],
  note: "It writes report.html and its figures, of a run that is not finished too.\nNo document is read and no model is called.",
  examples: ["rag-instruct report", "rag-instruct report runs/march"],
  async run(named, flags, { view, signal }) {
    const { knownSettings, onlyRun, readRunSettings, reportRun } = await import("../actions.ts");
    const run = await onlyRun("report", named, flags);
    const to = run ?? (await readRunSettings(run, flags)).to;
    const result = await reportRun(to, { config: await knownSettings(to, flags), signal });
    view.onStage(result);
    return answer(result, { to, place: "report.html" });
  },
};

/** Gives a run's training examples out. */
const exported: CommandDefinition<string[]> = {
  argument,
  flags: ["config", "to", "set"],
  more: ["onlyAccepted", "replace"],
  note: "It gives out what the run has made, and never makes or pays for more.",
  examples: [
    "rag-instruct export",
    `rag-instruct export --set 'exports=["messages","parquet"]'`,
    "rag-instruct export runs/march",
  ],
  async run(named, flags, { view, signal }) {
    const { exportRun, onlyRun, readRunSettings, replaceOf } = await import("../actions.ts");
    const config = await readRunSettings(await onlyRun("export", named, flags), flags);
    const { onlyAccepted } = flags;
    const options = { signal, onProgress: view.onProgress, replace: replaceOf(flags), onlyAccepted };
    const result = await exportRun(config, options);
    view.onStage(result);
    return answer(result, { to: config.to, place: "exports/" });
  },
};

function answer(result: StageResult, { to, place }: { to: string; place: string }): Answer {
  const files = [`${shownPath(to)}/${place}`];
  return { text: `${countsText(result.counts)}: ${files.join(", ")}\n`, json: { to, files, stages: [result] } };
}

// An export cannot be named so where it is declared.
export { exported as export };
