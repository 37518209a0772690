/** A command of a command line, as completion speaks of it. */
export interface CompletedCommand {
  name: string;
  summary: string;
  flags: { name: string; summary: string }[];
}

const shells = { bash, zsh, fish };

/** A shell that has completion. */
export type CompletionShell = keyof typeof shells;

/** Names of the shells that have completion. */
export const completionShells = Object.keys(shells) as CompletionShell[];

/** A script that a shell sources to complete the commands and flags of a program; files are completed where no flag is asked for. */
export function completionScript(
  shell: CompletionShell,
  { program, commands }: { program: string; commands: readonly CompletedCommand[] },
): string {
  return shells[shell](program, commands);
}

const namesOf = (entries: readonly { name: string }[]) => entries.map(({ name }) => name).join(" ");

function bash(program: string, entries: readonly CompletedCommand[]): string {
  const cases = entries.map(({ name, flags }) => `    ${name}) words="${namesOf(flags)}" ;;`);
  return `# source <(${program} completion bash)
_${program.replaceAll("-", "_")}() {
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
complete -o filenames -F _${program.replaceAll("-", "_")} ${program}
`;
}

function zsh(program: string, entries: readonly CompletedCommand[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replace(/([:[\]])/g, "\\$1");
  const commands = entries.map(({ name, summary }) => `    '${name}:${quote(summary)}'`);
  const cases = entries.map(
    ({ name, flags }) =>
      `    ${name}) _arguments -S ${flags.map((flag) => `'${flag.name}[${quote(flag.summary)}]'`).join(" ")} '*:file:_files' ;;`,
  );
  return `#compdef ${program}
# source <(${program} completion zsh)
_${program.replaceAll("-", "_")}() {
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
compdef _${program.replaceAll("-", "_")} ${program}
`;
}

function fish(program: string, entries: readonly CompletedCommand[]): string {
  const quote = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const commands = entries.map(
    ({ name, summary }) => `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d '${quote(summary)}'`,
  );
  const flags = entries.flatMap(({ name, flags }) =>
    flags.map(
      (flag) =>
        `complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.slice(2)} -d '${quote(flag.summary)}'`,
    ),
  );
  return `# ${program} completion fish | source\n${[...commands, ...flags].join("\n")}\n`;
}
