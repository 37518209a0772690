import { type CommandDefinition, flag, type RunFlags } from "../command.ts";

interface ViewFlags extends RunFlags {
  port?: number;
  open: boolean;
}

/** Shows runs in the browser until it is stopped. */
export const view: CommandDefinition<string[], ViewFlags> = {
  argument: ["[run...]", "run folders; default that of the config"],
  flags: [
    flag("--port <number>", "where it listens; default one that is free"),
    flag("--no-open", "print the address, and open no browser"),
    ...(["config", "to"] as const),
  ],
  note: "It shows a run while it is made, and keeps what you decide of its pairs in\nreviews.jsonl, which assemble, export, split and recipe obey. Ctrl-C ends it.",
  examples: ["rag-instruct view", "rag-instruct view runs/march runs/april --port 4000 --no-open"],
  async run(named, { port, open, ...flags }, { view, signal }) {
    const { readRunSettings, showViewer, viewRuns } = await import("../actions.ts");
    const runs = named.length > 0 ? named : [(await readRunSettings(undefined, flags)).to];
    await using viewer = await viewRuns(runs, { port, signal });
    await showViewer(viewer, { view, what: runs.join(", "), open });
    return { text: "", json: { runs } };
  },
};

interface ReviewsFlags extends Pick<RunFlags, "config" | "to"> {
  output?: string;
  as?: import("@rag-instruct/viewer").ReviewFormat;
  decisions?: string;
}

/** Says what people decided of a run's pairs, gives their decisions to other tools, and takes them back. */
export const reviews: CommandDefinition<string[], ReviewsFlags> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: [
    flag("--output <path>", "write the decisions to a file"),
    flag("--as <form>", "form; default by its ending").choices(["jsonl", "csv", "argilla", "label-studio"]),
    flag("--decisions <file>", "add the decisions of a file in any of these forms"),
    ...(["config", "to"] as const),
  ],
  note: "For Argilla and Label Studio it writes all pairs, to be decided on there.",
  examples: ["rag-instruct reviews runs/march", "rag-instruct reviews --output reviews.csv"],
  async run(named, { config, to: folder, output: to, as: format, decisions }) {
    const [
      { amount, describeReviews, programName },
      { onlyRun, readRunSettings, requireRun },
      { readReviews },
      viewer,
    ] = await Promise.all([
      import("@rag-instruct/core"),
      import("../actions.ts"),
      import("@rag-instruct/core/node"),
      import("@rag-instruct/viewer"),
    ]);
    const place = { config, to: folder };
    const run = (await onlyRun("reviews", named, place)) ?? (await readRunSettings(undefined, place)).to;
    await requireRun(run);
    const lines: string[] = [];
    const imported = decisions === undefined ? undefined : await viewer.importReviews({ run, from: decisions });
    if (imported) {
      const { added, known, unknown } = imported;
      const others = unknown > 0 ? `, ${unknown} about no pair of this run` : "";
      lines.push(`${amount(added, "decision")} added, ${known} known already${others}`);
    }
    const exported = to === undefined ? undefined : await viewer.exportReviews({ run, to, format });
    if (exported !== undefined) lines.push(`${amount(exported, "record")}: ${to}`);
    const figures = (await readReviews(run)).figures();
    lines.push(describeReviews(figures) ?? `Nobody has decided on a pair yet: ${programName()} view`);
    return { text: `${lines.join("\n")}\n`, json: { run, imported, exported, figures } };
  },
};

/** Compares the model that judged a run's pairs with the people who reviewed them. */
export const calibrate: CommandDefinition<string[]> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: [
    flag("--margin <decimal>", "± wanted on the share of good pairs; default 0.05"),
    flag("--next <number>", "pairs to review next, drawn by chance"),
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
