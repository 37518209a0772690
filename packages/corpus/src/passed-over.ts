import type { LeftOutReason } from "./left-out.ts";

/** Files that tools write for tools: locks of package managers, minified bundles and their maps. */
const generated =
  /^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|deno\.lock|composer\.lock|gemfile\.lock|cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|pipfile\.lock|go\.sum|flake\.lock)$|\.min\.(js|mjs|css|html?|json)$|\.(js|css)\.map$/i;

/**
 * Why an entry of a folder or an archive is passed over by its name, which is that of no document: hidden ones (`.git`, `.ssh`, and
 * `._` files that macOS writes beside others), `node_modules` and `__MACOSX`, and what tools write for tools. Undefined for any other.
 */
export function whyPassedOver(name: string): LeftOutReason | undefined {
  if (name.startsWith(".") || name === "node_modules" || name === "__MACOSX") return "hidden";
  return generated.test(name) ? "generated" : undefined;
}
