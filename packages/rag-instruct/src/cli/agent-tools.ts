import { badOption, Kept } from "@rag-instruct/core";
import { memoryLedger, sharedBudget } from "@rag-instruct/core/calls";
import { isRunFolder, ProgressView, readRunFolder } from "@rag-instruct/core/node";
import { refuseCosts } from "@rag-instruct/simulate";
import type { AgentTools, ToolContext } from "@rag-instruct/viewer/mcp";
import { reviewTools } from "../pipeline/view.ts";
import type { Paying } from "../run/models.ts";
import { openPassages } from "../run/retriever.ts";
import type { CommandContext, RunFlags } from "./command.ts";
import { preview } from "./commands/preview.ts";
import { ask, search } from "./commands/search.ts";
import { status } from "./commands/status.ts";
import { readRunSettings } from "./settings.ts";

/**
 * The commands over a run as tools, each with the settings that the run has when it is called. Flags are for searching and asking;
 * pairs are those of the run, by its model.
 * @param allowed.budget US dollars of all that is asked for. @default nothing that costs is done
 */
export function agentTools(
  { to, ...flags }: RunFlags & { to: string },
  { allowMake, budget }: { allowMake: boolean; budget?: number },
  context: CommandContext,
) {
  const kept: Paying["kept"] = new Kept();
  const paying = {
    budget: sharedBudget({ usd: budget ?? 0 }),
    // Whoever only looks leaves nothing in the run.
    ledger: allowMake ? undefined : memoryLedger(),
    kept,
    beforeCalls: budget === undefined ? refuseCosts : undefined,
  };
  const heard = ({ signal, onProgress }: ToolContext) => {
    const view = onProgress ? Object.assign(new ProgressView(process.stderr), { onProgress }) : context.view;
    return { ...context, view, paying, signal };
  };
  return {
    ...reviewTools,
    search: (question, { limit: nDocs, ...call }) => search.run([], { ...flags, to, question, nDocs }, heard(call)),
    ask: (question, call) => ask.run([], { ...flags, to, question }, heard(call)),
    status: (call) => status.run([], { config: flags.config, to }, heard(call)),
    async preview({ count, ...call }) {
      if (!(await isRunFolder(to))) throw badOption(`no stage of ${to} has ended, so there is nothing to preview`);
      return preview.run([to], { config: flags.config, count, open: false }, heard(call));
    },
    async document(id) {
      await using passages = await openPassages(await readRunSettings(to, flags), await readRunFolder(to));
      return (await passages.get([id]))[0]!;
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  } satisfies AgentTools & AsyncDisposable;
}
