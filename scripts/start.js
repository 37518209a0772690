// `npm start`, on any Node from 20 on: installs what it needs and runs the command line by pnpm. pnpm knows where it was started itself and
// not where npm was called, which relative paths are taken from, so that is handed on.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

// The first time nothing else is on the screen for some seconds.
if (!existsSync(new URL("../node_modules", import.meta.url)))
  console.error("Installing what this clone needs, once; then it starts …");
const { INIT_CWD: from = process.cwd(), npm_execpath: npm = "" } = process.env;
const env = { ...process.env, RAG_INSTRUCT_FROM: from };
const pnpm = ["--yes", "--allow-scripts=pnpm", "--package=pnpm@12.21.0", "--", "pnpm", "--silent", "run", "launch"];
const args = [...pnpm, ...process.argv.slice(2)];
// npm's own script where it is known: its name needs a shell on Windows, which reads quotes and spaces of paths in its own way.
const child = npm.endsWith("npm-cli.js")
  ? spawn(process.execPath, [npm, "exec", ...args], { stdio: "inherit", env })
  : spawn("npx", args, { stdio: "inherit", env, shell: process.platform === "win32" });
// A Ctrl-C reaches the command too, which says what is kept and ends; a signal to this process alone is handed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
