import { library } from "../../scripts/library.ts";

export default library("src/serve/guard.ts");
