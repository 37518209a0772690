import {
  type CompletedCommand,
  type CompletionShell,
  completionScript,
  completionShells,
} from "@rag-instruct/core/node";
import type { Command } from "commander";
import type { CommandDefinition } from "../command.ts";

/** Prints a script that a shell sources. */
export const completion: CommandDefinition<CompletionShell> = {
  argument: ["<shell>", "which shell", completionShells],
  examples: [
    "source <(rag-instruct completion bash)      # in ~/.bashrc",
    "source <(rag-instruct completion zsh)       # in ~/.zshrc, after compinit",
    "rag-instruct completion fish | source       # in ~/.config/fish/config.fish",
  ],
  async run(shell, _, { program }) {
    const commands = program.commands.map((command) => entryOf(command, program));
    const script = completionScript(shell, { program: program.name(), commands });
    return { text: script, json: { shell, script } };
  },
};

function entryOf(command: Command, program: Command): CompletedCommand {
  const flags = [...command.options, ...program.options.filter(({ long }) => long !== "--version")].map((option) => ({
    name: option.long!,
    summary: option.description,
  }));
  const help = { name: "--help", summary: "this help" };
  return { name: command.name(), summary: command.description().replace(/\.$/, ""), flags: [...flags, help] };
}
