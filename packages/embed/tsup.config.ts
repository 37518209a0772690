import { library } from "../../scripts/library.ts";

export default library("src/session/model-worker.ts");
