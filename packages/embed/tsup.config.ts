import { library } from "../../scripts/library.ts";

export default library("src/model-worker.ts");
