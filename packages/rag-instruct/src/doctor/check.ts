/** What the doctor found of one thing. */
export interface Check {
  name: string;
  /** `warning`: it works, though not as well as it could; `failed`: a run would stop there. */
  status: "ok" | "warning" | "failed";
  found: string;
  /** What to do about it. */
  mend?: string;
}

export function ok(name: string, found: string): Check {
  return { name, status: "ok", found };
}

export function warning(name: string, found: string, mend: string): Check {
  return { name, status: "warning", found, mend };
}

export function failed(name: string, found: string, mend: string): Check {
  return { name, status: "failed", found, mend };
}

/** Whether a host is this machine itself, where nobody listens on the way. */
export function isLoopback(host: string): boolean {
  return host === "" || host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
