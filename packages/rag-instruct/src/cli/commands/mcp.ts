import { version } from "../../version.ts";
import { type CommandDefinition, flag } from "../command.ts";
import { note } from "../note.ts";

/** Serves a run to agents and editors, until their end of it closes. */
export const mcp: CommandDefinition<string[]> = {
  argument: ["[run...]", "run folder; default that of the config"],
  flags: [
    flag("--allow-make", "let it write pairs and keep decisions in the run"),
    ...(["budget", "config", "to", "model", "set"] as const),
  ],
  more: ["documents", "embeddings", "retrieval", "settings", "import", "postgres"],
  note: "A server of the Model Context Protocol over stdin and stdout. It writes nothing\nwithout --allow-make, and does nothing that costs without --budget.",
  examples: ["rag-instruct mcp runs/march", "rag-instruct mcp runs/march --allow-make --budget 2"],
  async run(named, { allowMake = false, budget, ...flags }, context) {
    const { onlyRun, readRunSettings } = await import("../actions.ts");
    const { agentTools } = await import("../agent-tools.ts");
    const { serveMcp } = await import("@rag-instruct/viewer/mcp");
    const run = (await onlyRun("mcp", named, flags)) ?? (await readRunSettings(undefined, flags)).to;
    if (process.stdin.isTTY)
      context.view.say([`${run} waits for a client, which starts it by itself. Ctrl-C ends it.`]);
    await using tools = agentTools({ ...flags, to: run }, { allowMake, budget }, context);
    await serveMcp({ run, tools, allowMake, version, onNote: note, signal: context.signal });
    return { text: "" };
  },
};
