import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Runs a script in a virtual environment, without any network, and gives what it said. */
export async function python(venv: string, args: string[], cwd: string): Promise<string> {
  const env = { ...process.env, HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false", AXOLOTL_DO_NOT_TRACK: "1" };
  const { stdout, stderr } = await promisify(execFile)(join(venv, "bin/python"), args, {
    cwd,
    env,
    maxBuffer: 1 << 28,
  });
  return `${stdout}\n${stderr}`;
}
