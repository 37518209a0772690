import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { buildPage } from "./page.ts";

// The last step of `npm start`: a command and what follows it go to the command line as they are; without one it is the demo's. It runs
// from the sources, so that a fresh clone waits for no build but that of the report's script; Node keeps what it compiled of them.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/start"));
const given = process.argv.slice(2);
const [first = "--"] = given;
const isCommand = !first.startsWith("-") || ["-h", "--help", "-v", "-V", "--version"].includes(first);
await buildPage();
// What messages call it where they name a next command.
process.env.RAG_INSTRUCT_PROGRAM = "npm start --";
// Relative paths are those of the folder in which npm was called.
const { RAG_INSTRUCT_FROM: from = "." } = process.env;
process.chdir(from);
const { main } = await import("../packages/rag-instruct/src/cli/main.ts");
process.exitCode = await main([process.execPath, "rag-instruct", ...(isCommand ? given : ["demo", ...given])]);
