import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The process that ends the server when this one is gone. */
export interface Guard {
  /** Tells it which process to watch over. */
  watch(pid: number): void;
  /** Tells it that nothing is left to do, and waits for its end. */
  dismiss(): Promise<void>;
}

const isSource = import.meta.url.endsWith(".ts");

/** Starts a guard; it is running when this resolves, before there is a server to guard. */
export async function startGuard({ marker, grace }: { marker: string; grace: number }): Promise<Guard> {
  const script = fileURLToPath(
    isSource ? new URL("./guard.ts", import.meta.url) : new URL("./guard.js", import.meta.url),
  );
  const child = spawn(process.execPath, ["--no-warnings", script, marker, String(grace)], {
    // Its own group and no shared pipes but stdin, so that it outlives whatever ends this process.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  await once(child, "spawn");
  child.unref();
  // A guard that was killed from outside must not take this process with it by a broken pipe.
  child.stdin.on("error", () => {});
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return {
    watch: (pid) => void child.stdin.write(`pid ${pid}\n`),
    async dismiss() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.ref();
      child.stdin.end("done\n");
      await exited;
    },
  };
}
