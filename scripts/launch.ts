import { join } from "node:path";
import { pathToFileURL } from "node:url";

// The last step of `npm start`: a command and what follows it go to the command line as they are; without one it is the demo's.
const given = process.argv.slice(2);
const [first = "--"] = given;
const isCommand = !first.startsWith("-") || ["-h", "--help", "-v", "-V", "--version"].includes(first);
const program = join(import.meta.dirname, "../packages/rag-instruct/bin/rag-instruct.js");
process.argv = [process.execPath, program, ...(isCommand ? given : ["demo", ...given])];
// Relative paths are those of the folder in which npm was called.
const { RAG_INSTRUCT_FROM: from = "." } = process.env;
process.chdir(from);
await import(pathToFileURL(program).href);
