import type { Command } from "commander";
import type { CommandDefinition } from "../command.ts";

const shells = { bash, zsh, fish };

type Shell = keyof typeof shells;

/** Prints a script that a shell sources. */
export const completion: CommandDefinition<Shell> = {
  argument: ["<shell>", "which shell", Object.keys(shells)],
  examples: [
    "source <(rag-instruct completion bash)      # in ~/.bashrc",
    "source <(rag-instruct completion zsh)       # in ~/.zshrc, after compinit",
    "rag-instruct completion fish | source       # in ~/.config/fish/config.fish",
  ],
  async run(shell, _, { program }) {
    // Files are completed where no flag is asked for.
    const script = shells[shell](program.commands.map((command) => entryOf(command, program)));
    return { text: script, json: { shell, script } };
  },
};

interface Entry {
  name: string;
  summary: string;
  flags: { name: string; summary: string }[];
}

function entryOf(command: Command, program: Command): Entry {
  const flags = [...command.options, ...program.options.filter(({ long }) => long !== "--version")].map((option) => ({
    name: option.long!,
    summary: option.description,
  }));
  const help = { name: "--help", summary: "this help" };
  return { name: command.name(), summary: command.description().replace(/\.$/, ""), flags: [...flags, help] };
}

const namesOf = (entries: readonly { name: string }[]) => entries.map(({ name }) => name).join(" ");

function bash(entries: readonly Entry[]): string {
  const cases = entries.map(({ name, flags }) => `    ${name}) words="${namesOf(flags)}" ;;`);
  return `# source <(rag-instruct completion bash)
_rag_instruct() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(entries)} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="" ;;
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _rag_instruct rag-instruct
`;
}

function zsh(entries: readonly Entry[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/([:[\]])/g, "\\$1");
  const commands = entries.map(({ name, summary }) => `    '${name}:${quote(summary)}'`);
  const cases = entries.map(
    ({ name, flags }) =>
      `    ${name}) _arguments -S ${flags.map((flag) => `'${flag.name}[${quote(flag.summary)}]'`).join(" ")} '*:file:_files' ;;`,
  );
  return `#compdef rag-instruct
# source <(rag-instruct completion zsh)
_rag_instruct() {
  local -a commands
  commands=(
${commands.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local name="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$name" in
${cases.join("\n")}
  esac
}
compdef _rag_instruct rag-instruct
`;
}

function fish(entries: readonly Entry[]): string {
  const quote = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const commands = entries.map(
    ({ name, summary }) => `complete -c rag-instruct -f -n __fish_use_subcommand -a ${name} -d '${quote(summary)}'`,
  );
  const flags = entries.flatMap(({ name, flags }) =>
    flags.map(
      (flag) =>
        `complete -c rag-instruct -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.slice(2)} -d '${quote(flag.summary)}'`,
    ),
  );
  return `# rag-instruct completion fish | source\n${[...commands, ...flags].join("\n")}\n`;
}
