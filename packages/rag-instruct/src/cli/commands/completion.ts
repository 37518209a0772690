import { Argument, type Command } from "commander";
import { addExamples, type Start } from "../command.ts";
import { completionScript, type Shell, shells } from "../completion.ts";

/** Prints a script that a shell sources. */
export function define(command: Command, start: Start): void {
  command.addArgument(new Argument("<shell>", "which shell").choices(shells));
  addExamples(
    command,
    "source <(rag-instruct completion bash)      # in ~/.bashrc",
    "source <(rag-instruct completion zsh)       # in ~/.zshrc, after compinit",
    "rag-instruct completion fish | source       # in ~/.config/fish/config.fish",
  );
  command.action((shell: Shell) =>
    start(async () => {
      const text = completionScript(shell, command.parent!);
      return { text, json: { shell, script: text } };
    }),
  );
}
