import { ingest } from "../src/index.ts";

// Ingests and prints a dot a report of progress, for a test that kills it: node ingest-child.ts FROM TO
const [from = "", to = ""] = process.argv.slice(2);
process.stdout.write("begun\n");
await ingest({ from, to, onProgress: () => process.stdout.write(".\n") });
