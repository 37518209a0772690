import { spawn } from "node:child_process";
import { once } from "node:events";

const openers: Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address with whatever opens its kind on this machine. Gives what to do where nothing does, else undefined. */
export async function openPage(address: string): Promise<string | undefined> {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  try {
    await once(child, "spawn");
    child.unref();
    return undefined;
  } catch {
    return `nothing here opens a page (${command} is not there); open ${address} in a browser`;
  }
}
