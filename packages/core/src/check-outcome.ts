/** What a check of a machine, a server or a model found. */
export interface CheckOutcome {
  name: string;
  /** `warning`: it works, though not as well as it could; `failed`: a run would stop there. */
  status: "ok" | "warning" | "failed";
  found: string;
  /** What to do about it. */
  mend?: string;
}

/** Makes a {@link CheckOutcome}. */
export const checkOutcome = {
  ok: (name: string, found: string): CheckOutcome => ({ name, status: "ok", found }),
  warning: (name: string, found: string, mend: string): CheckOutcome => ({ name, status: "warning", found, mend }),
  failed: (name: string, found: string, mend: string): CheckOutcome => ({ name, status: "failed", found, mend }),
};

const marks = { ok: "ok  ", warning: "warn", failed: "FAIL" };

/** What checks found, a line each, and another with what to do where something is wrong. */
export function checkLines(checks: readonly CheckOutcome[]): string[] {
  return checks.flatMap(({ name, status, found, mend }) => [
    `${marks[status]}  ${name.padEnd(18)} ${found}`,
    ...(mend ? [`${" ".repeat(25)}-> ${mend}`] : []),
  ]);
}

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){0,3}|0\.0\.0\.0|\[?::1\]?)(?=[:./]|$)/i;

/** Whether a host, or an address that begins with it, is this machine itself, where nobody listens on the way. */
export function isLoopback(host: string): boolean {
  return loopbackHost.test(host);
}
