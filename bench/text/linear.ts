// Milliseconds that each function takes for its slowest text of 200,000 characters, as Markdown; the longest first.
//   node --conditions=@rag-instruct/source bench/text/linear.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textFunctions, textOf, units } from "../../tests/support/text-functions.ts";

const folder = await mkdtemp(join(tmpdir(), "linear-"));
const rows: { name: string; slowest: string; milliseconds: number }[] = [];
for (const [name, take] of Object.entries(textFunctions(folder))) {
  const row = { name, slowest: "", milliseconds: 0 };
  for (const unit of units) {
    const text = textOf(unit, 200_000);
    const takes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = process.cpuUsage();
      await take(text);
      const { user, system } = process.cpuUsage(before);
      takes.push((user + system) / 1000);
    }
    const milliseconds = Math.min(...takes);
    if (milliseconds > row.milliseconds) Object.assign(row, { slowest: JSON.stringify(unit), milliseconds });
  }
  rows.push(row);
}
await rm(folder, { recursive: true });
console.log("| function | slowest text, repeated | milliseconds of processor time |");
console.log("|---|---|---|");
for (const { name, slowest, milliseconds } of rows.sort((a, b) => b.milliseconds - a.milliseconds))
  console.log(`| ${name} | ${slowest} | ${milliseconds.toFixed(0)} |`);
