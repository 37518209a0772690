import { relative } from "node:path";
import type { StageName } from "../pipeline.ts";
import { addExamples, type CommandModule } from "./command.ts";
import { addFlags, addMoreFlags, type RunFlags } from "./flags.ts";
import { count } from "./progress.ts";

/** How the command of a stage differs from those of others. */
export interface StageCommand {
  /** What it leaves in the run folder. */
  places: readonly string[];
  flags?: readonly (keyof RunFlags)[];
  more?: readonly (keyof RunFlags)[];
  examples: readonly string[];
}

/** The command of one stage: it runs that stage, and before it whatever it needs that is not there or has changed. */
export function stageCommand(
  until: StageName,
  { places, flags = [], more = [], examples }: StageCommand,
): CommandModule {
  return {
    define(command, start) {
      command.argument("[documents...]", "files, folders or globs, where no config names them");
      addFlags(command, ["config", "to", ...flags, "set"]);
      if (more.length > 0) addMoreFlags(command, more);
      addExamples(command, ...examples);
      command.action((documents: string[], given: RunFlags) =>
        start(async ({ view, signal }) => {
          const [{ readSettings }, { runResolved }] = await Promise.all([
            import("./settings.ts"),
            import("../pipeline.ts"),
          ]);
          const config = await readSettings({ flags: given, documents, prefersFolder: true });
          if (until === "embed") (await import("../embedder.ts")).requireEmbeddings(config);
          const { to, ...summary } = await runResolved(config, {
            ...view,
            signal,
            until,
            redis: given.redis,
          });
          const { counts } = summary.stages.at(-1)!;
          const what = Object.entries(counts).map(([label, value]) => `${count(value)} ${label}`);
          const files = places.map((name) => `${relative(process.cwd(), to) || "."}/${name}`);
          return { text: `${what.join(", ")}: ${files.join(", ")}\n`, json: { to, files, ...summary } };
        }),
      );
    },
  };
}
