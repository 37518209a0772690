import { build } from "tsup";
import page from "../packages/viewer/tsup.page.config.ts";

/** Before tests: the report's script, which `pnpm build` makes too. From sources everything else runs as it is. */
export default async function bundlePage(): Promise<void> {
  await build({ ...page, config: false });
}
