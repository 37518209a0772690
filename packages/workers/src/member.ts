import type { Lane } from "./protocol.ts";

/** A worker or coordinator as it announces itself. */
export interface Member {
  role: "worker" | "coordinator";
  id: string;
  version: string;
  host: string;
  pid: number;
  /** What a worker takes. */
  serves?: Lane[];
}
