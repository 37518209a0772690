import { type CommandDefinition, flag, type RunFlags } from "../command.ts";
import { run } from "./run.ts";

interface PreviewFlags extends RunFlags {
  count?: number;
}

/** A few pairs with all that led to them, before a run is paid for. */
export const preview: CommandDefinition<string[], PreviewFlags> = {
  argument: run.argument,
  flags: [
    flag("-n, --count <number>", "pairs; default one of each paradigm"),
    ...(["to", "exemplars", "model", "budget", "yes"] as const),
  ],
  more: [
    ...(["config", "pairs", "verify", "set"] as const),
    ...(["settings", "paradigms", "language", "seed", "concurrency", "embeddings", "import", "retrieval"] as const),
    ...(["corpus", "filter", "sample", "reuse", "benchmarks", "replace"] as const),
  ],
  note: "It shows prompt, documents, reply, checks and cost. A run with the same settings\ntakes the replies from the ledger, and does not pay for them again.",
  examples: ["rag-instruct preview handbook/ --model gpt-4o-mini"],
  async run(documents, flags, { view, signal }) {
    const actions = await import("../actions.ts");
    const config = await actions.readSettings({ flags, documents });
    const { count, yes } = flags;
    const beforeCalls = actions.spendGuard({ ...config, yes }, { view });
    const { previews, cost } = await actions.previewRun(config, {
      ...view,
      signal,
      count,
      replace: actions.replaceOf(flags),
      beforeCalls,
    });
    const accepted = previews.filter(({ outcome }) => outcome.status === "accepted").length;
    const lines = [
      ...previews.map(actions.previewText),
      ...(await actions.exemplarsKept(config.to)),
      `${accepted} of ${previews.length} would be accepted.`,
      actions.costLine(cost),
    ];
    return { text: `${lines.join("\n").trimEnd()}\n`, json: { to: config.to, previews, cost } };
  },
};
