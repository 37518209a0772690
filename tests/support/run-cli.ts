import { main } from "../../packages/rag-instruct/src/cli/main.ts";

process.exitCode = await main(process.argv);
