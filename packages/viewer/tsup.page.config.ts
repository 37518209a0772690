import { fileURLToPath } from "node:url";
import { defineConfig } from "tsup";

/** The part of the report that runs in the browser: one script that leaves no name behind, written into every report. */
export default defineConfig({
  entry: { page: fileURLToPath(new URL("src/page/app.ts", import.meta.url)) },
  outDir: fileURLToPath(new URL("dist", import.meta.url)),
  outExtension: () => ({ js: ".js" }),
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
  clean: false,
  dts: false,
  silent: true,
});
