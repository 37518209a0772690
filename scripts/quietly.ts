import { run } from "./run.ts";

// Runs the rest of the command line and prints what it said only when it fails.
const { code, output } = await run(process.argv.slice(2).join(" "));
if (code !== 0) console.error(output);
process.exitCode = code;
