// `npm start`, on any Node from 20 on: installs what it needs and runs the command line by pnpm. pnpm knows where it was started itself and
// not where npm was called, which relative paths are taken from, so that is handed on.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const given = process.argv.slice(2);
const [first = "demo"] = given;
// What pnpm says of an install: with the packages of development, without, or none yet.
const installed = readIfThere(new URL("../node_modules/.modules.yaml", import.meta.url));
const isWhole = /"devDependencies": true/.test(installed);
// The demo needs a fifth of what the readers of documents and the engines weigh. What is there already is never taken away for it.
const isDemo = (first === "demo" || first.startsWith("-")) && !isWhole;
// The first time nothing else is on the screen for some seconds.
if (installed === "") console.error("Installing what this clone needs, once; then it starts …");
else if (!isDemo && !isWhole)
  console.error("Installing what reads and searches your own documents, once; then it starts …");

const { INIT_CWD: from = process.cwd(), npm_execpath: npm = "" } = process.env;
const env = { ...process.env, RAG_INSTRUCT_FROM: from };
const script = isDemo ? "launch:demo" : "launch";
const pnpm = ["--yes", "--allow-scripts=pnpm", "--package=pnpm@12.21.0", "--", "pnpm", "--silent", "run", script];
const args = [...pnpm, ...given];
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

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
