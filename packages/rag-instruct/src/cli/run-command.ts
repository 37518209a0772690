import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEstimate } from "../estimate.ts";
import type { Manifest } from "../stages/write-manifest.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { readSettings, type SettingsSource } from "./settings.ts";
import { describeEstimate, describeRun } from "./summary.ts";

/** What `run` and `demo` work from. */
interface RunSource extends SettingsSource {
  flags: RunFlags & { from?: string; dryRun?: boolean };
  /** The command that the summary says to repeat. */
  again: string;
}

/** The whole flow, or with --dry-run what it would be. */
export async function runCommand(source: RunSource, { view, signal }: CommandContext): Promise<Answer> {
  const { from, dryRun } = source.flags;
  const repeat = from === undefined ? undefined : await (await import("../manifest.ts")).readManifest(from);
  const config = await readSettings({ ...source, between: { ...repeat?.settings, ...source.between } });
  if (dryRun) {
    const { estimateRun } = await import("../estimate.ts");
    const estimate: RunEstimate = await estimateRun(config, { signal });
    return { text: describeEstimate(estimate, config), json: estimate };
  }
  const [{ runResolved }, { checkInputs, differingOutputs }] = await Promise.all([
    import("../pipeline.ts"),
    import("../manifest.ts"),
  ]);
  if (repeat) await checkInputs(repeat.manifest, config);
  const { redis } = source.flags;
  const summary = await runResolved(config, { ...view, signal, redis });
  const text = describeRun(summary, { command: source.again });
  if (!repeat) return { text, json: summary };
  const now: Manifest = JSON.parse(await readFile(join(config.to, "manifest.json"), "utf8"));
  const differing = differingOutputs(repeat.manifest, now);
  const verdict =
    differing.length === 0
      ? "Every file has the bytes that the manifest tells of."
      : `${differing.length} of ${Object.keys(now.outputs).length} files differ from the manifest's: ${differing.join(", ")}.`;
  return { text: `${text}\n${verdict}\n`, json: { ...summary, differing } };
}
