import { Command, type Option } from "commander";
import { expect, it } from "vitest";
import { type AnyCommand, addDefinition } from "./command.ts";
import { type CommandEntry, commands, headings } from "./commands.ts";

/** A command with what commander makes of its definition. */
interface Documented {
  entry: CommandEntry;
  definition: AnyCommand;
  options: readonly Option[];
  usage: string;
}

const documented: readonly Documented[] = await Promise.all(
  commands.map(async (entry) => {
    const definition = await entry.load();
    const command = new Command(entry.name);
    addDefinition(command, definition, async () => {});
    // Another name of a flag of old has no text.
    const options = command.options.filter(({ description }) => description !== "");
    return { entry, definition, options, usage: `rag-instruct ${command.name()} ${command.usage()}` };
  }),
);

it.each([
  ["commands.md", commandsPage],
  ["flags.md", flagsPage],
])("docs/reference/%s says what the commands are", async (file, page) => {
  const how = `docs/reference/${file} is stale; write it anew: pnpm exec vitest run packages/rag-instruct/src/cli -u`;
  await expect(page(), how).toMatchFileSnapshot(`../../../../docs/reference/${file}`);
});

const origin =
  "<!-- Written by packages/rag-instruct/src/cli/reference.test.ts from the commands and config/schema.ts: change it there. -->";

/** One command after another: what it is for, how it is called, and every flag that it takes. */
function commandsPage(): string {
  const kinds = Object.entries(headings).map(([kind, heading]) => {
    const its = documented.filter(({ entry }) => entry.kind === kind);
    return `## ${heading}\n\n${its.map(section).join("\n\n")}`;
  });
  return `# The command line

\`npx rag-instruct <command>\`, and in a clone \`npm start -- <command>\`. Every command takes \`--help\`, \`--json\` and \`--debug\`. Data goes to standard output and progress to
standard error; exit codes are 0 done, 1 an error, 2 a wrong command line or config, 130 interrupted. A flag means the same in every command: [flags](./flags) has them by name, and
[the config](./config) every option that \`--set\` sets.

${origin}

${kinds.join("\n\n")}
`;
}

function section({ entry, definition, options, usage }: Documented): string {
  const { argument, examples, note } = definition;
  const about = `${entry.summary.slice(0, 1).toUpperCase()}${entry.summary.slice(1)}.`;
  const named =
    argument && `\`${argument[0]}\` is ${prose(argument[1])}${argument[2] ? `: ${argument[2].join(", ")}` : ""}.`;
  const rows = options.map((option) => `| ${code(option.flags)} | ${textOf(option)} |`);
  const table = rows.length > 0 && ["| flag | what it is |", "|---|---|", ...rows].join("\n");
  const parts = [about, block("text", [usage]), named, block("sh", examples), note && prose(note), table];
  return [`### ${entry.name}`, ...parts].filter(Boolean).join("\n\n");
}

function flagsPage(): string {
  const rows = new Map<string, { option: Option; takers: string[] }>();
  for (const { entry, options } of documented)
    for (const option of options) {
      const row = rows.get(option.long!) ?? { option, takers: [] };
      rows.set(option.long!, { ...row, takers: [...row.takers, `[${entry.name}](./commands#${entry.name})`] });
    }
  const lines = [...rows.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { option, takers }]) => `| ${code(option.flags)} | ${textOf(option)} | ${takers.join(", ")} |`);
  return `# Flags of the command line

A flag means the same in every command that takes it ([one after another](./commands)), and every command takes \`--help\`, \`--json\` and \`--debug\`; \`-v\` (or \`-V\`, \`--version\`) prints the version.

- \`<file,...>\` is a list: give the flag more than once, or names with commas, or a glob in quotes (\`--exemplars 'sets/*.jsonl'\`), which is expanded here. A
  folder stands for its files; so does a repository in the cache of Hugging Face, whose files are links. What matches nothing is refused by name.
- \`--documents\` names documents, as what stands after the command does. How many documents an example holds, a question is shown, or a search finds is \`--n-docs\`
  (\`documents\` in [the config](./config)); \`--documents 5\` still is that number, with a note.
- \`--pairs 200 --total\` is 200 pairs in all, \`--pairs 200 --each\` 200 of each paradigm (\`pairs: { total: 200 }\` and \`{ each: 200 }\` in the config). Without either it
  is of each paradigm, with a note.
- \`--to\` (or \`--run\`) is the run folder, \`--output\` where else a command writes. \`--paradigm\` is another name of \`--paradigms\`.

${origin}

| flag | what it is | commands |
|---|---|---|
${lines.join("\n")}
`;
}

function textOf({ description, envVar }: Option): string {
  return `${prose(description)}${envVar ? `; or the variable \`${envVar}\`` : ""}`;
}

function block(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines, "```"].join("\n");
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

/** Text of a cell or a paragraph, which is no markup. */
function prose(text: string): string {
  return text.replaceAll(/[<|]/g, "\\$&");
}
