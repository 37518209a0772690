import { ingest } from "../src/index.ts";

// Ingests JSONL from standard input: node stdin-child.ts TO
const { read, written } = await ingest({ from: "-", to: process.argv[2]!, format: "jsonl" });
process.stdout.write(`${read} ${written}`);
