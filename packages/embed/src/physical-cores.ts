import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Cores that this process may use. Two threads of one core share its multipliers, so a matrix product gains nothing from the
 * second. Linux alone says which threads share a core; elsewhere each counts.
 */
export function physicalCores(cpuInfo = readCpuInfo()): number {
  const cores = new Set<string>();
  for (const block of cpuInfo.split("\n\n")) {
    const [socket, core] = ["physical id", "core id"].map((name) => block.match(`${name}\\s*:\\s*(\\d+)`)?.[1]);
    if (socket !== undefined && core !== undefined) cores.add(`${socket} ${core}`);
  }
  return Math.min(availableParallelism(), cores.size || Number.POSITIVE_INFINITY);
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
