// A folder of Markdown pages to training data, with the offline model. Hand in { name: "gpt-4o-mini" } for a real one.
import { mkdir, writeFile } from "node:fs/promises";
import { ragInstruct } from "rag-instruct";

await mkdir("handbook", { recursive: true });
const teams = ["billing", "travel", "security", "hiring", "facilities"];
for (let page = 0; page < 60; page++) {
  const team = teams[page % teams.length];
  const rules = Array.from({ length: 12 }, (_, rule) => {
    const days = 1 + ((page * 7 + rule * 3) % 28);
    return `Requests to the ${team} team under rule ${page}-${rule} are answered within ${days} working days by the person on duty.`;
  });
  await writeFile(`handbook/page-${page}.md`, `# The ${team} team, part ${page}\n\n${rules.join(" ")}\n`);
}

const { stages } = await ragInstruct(
  { to: "run", corpus: { from: "handbook" }, pairs: 4 },
  {
    onStage: ({ name, counts, seconds }) => console.log(name, counts, `${seconds} s`),
  },
);
console.log(`${stages.at(-1)?.counts.files} files in run/; open run/report.html`);
