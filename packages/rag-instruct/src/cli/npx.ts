/** What stands before a command that is named as the next one: `npx ` for who came by npx. */
export function npx(): string {
  return process.env.npm_command === "exec" ? "npx " : "";
}
