import { spawn } from "node:child_process";

/** Runs a command line to its end and gives what it printed. */
export function run(command: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    // Turborepo reports to its makers unless told not to.
    const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"], env });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}
