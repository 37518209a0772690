import { library } from "../../scripts/library.ts";

export default library("src/bm25/build-worker.ts", "src/bm25/search-worker.ts", "src/dense/scan-worker.ts");
