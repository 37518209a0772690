import type { ResolvedConfig } from "../../config/schema.ts";
import { type Answer, type CommandContext, type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { run } from "./run.ts";

interface PreviewFlags extends RunFlags {
  count?: number;
  brief?: boolean;
  view?: boolean;
  open: boolean;
}

/** A few pairs with all that led to them, before a run is paid for. */
export const preview: CommandDefinition<string[], PreviewFlags> = {
  argument: run.argument,
  flags: [
    flag("-n, --count <number>", "pairs; default one of each paradigm"),
    ...(["to", "exemplars", "model", "budget", "yes"] as const),
  ],
  more: [
    flag("--brief", "the pairs alone, without prompts, replies and checks"),
    flag("--view", "open the browser, to try other instructions"),
    flag("--no-open", "print the address, and open no browser"),
    ...(["config", "pairs", "verify", "set"] as const),
    ...(["settings", "paradigms", "language", "seed", "concurrency", "embeddings", "import", "retrieval"] as const),
    ...(["corpus", "filter", "sample", "reuse", "benchmarks", "replace"] as const),
  ],
  note: "It shows prompt, documents, reply, checks and cost; with --view in the browser,\nto try other instructions. A run does not pay again for what was tried.",
  examples: ["rag-instruct preview handbook/ --model gpt-4o-mini"],
  async run(documents, flags, context) {
    const { view, paying, signal } = context;
    const actions = await import("../actions.ts");
    const config = await actions.readSettings({ flags, documents });
    const { count, brief, yes } = flags;
    if (flags.view) return tryInBrowser(config, { view, signal, open: flags.open });
    const beforeCalls = actions.spendGuard({ ...config, yes }, context);
    const { previews, cost } = await actions.previewRun(config, {
      ...view,
      signal,
      count,
      replace: actions.replaceOf(flags),
      beforeCalls,
      paying,
    });
    const accepted = previews.filter(({ outcome }) => outcome.status === "accepted").length;
    const lines = [
      ...previews.map(brief ? actions.previewBrief : actions.previewText),
      ...(await actions.exemplarLines(config.to)),
      `${accepted} of ${previews.length} would be accepted.`,
      actions.costLine(cost),
    ];
    return { text: `${lines.join("\n").trimEnd()}\n`, json: { to: config.to, previews, cost } };
  },
};

/** Plans the run, and shows it in the browser: a pair of each paradigm is made when its price has been pressed there, and not before. */
async function tryInBrowser(
  config: ResolvedConfig,
  { view, signal, open }: Pick<CommandContext, "view" | "signal"> & { open: boolean },
): Promise<Answer> {
  const { runResolved, showViewer, spendGuard, trialOf, viewRuns } = await import("../actions.ts");
  await runResolved(config, { ...view, signal, until: "plan", beforeCalls: spendGuard(config, { view }) });
  await using viewer = await viewRuns([config.to], { trial: trialOf(config), signal });
  await showViewer(viewer, { view, what: config.to, open });
  return { text: "", json: { to: config.to } };
}
