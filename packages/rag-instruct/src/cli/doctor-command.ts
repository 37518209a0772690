import { RagInstructError } from "@rag-instruct/core";
import type { ResolvedConfig } from "../config.ts";
import { type Check, failed, ok, warning } from "../doctor/check.ts";
import { examine } from "../doctor/examine.ts";
import type { Answer, CommandContext } from "./command.ts";
import type { RunFlags } from "./flags.ts";
import { readSettings } from "./settings.ts";

const marks = { ok: "ok  ", warning: "warn", failed: "FAIL" };

/** Checks the machine, the config and the model; the exit code is 1 where a run would stop. */
export async function doctorCommand(
  documents: readonly string[],
  flags: RunFlags,
  { signal }: CommandContext,
): Promise<Answer> {
  const { config, check } = await readConfig(documents, flags);
  const checks = [
    check,
    ...(await examine({ config, to: config?.to ?? flags.to ?? "run", redis: flags.redis }, { signal })),
  ];
  const isSound = checks.every(({ status }) => status !== "failed");
  const lines = checks.map(
    ({ name, status, found, mend }) =>
      `${marks[status]}  ${name.padEnd(18)} ${found}${mend ? `\n${" ".repeat(25)}-> ${mend}` : ""}`,
  );
  return { text: `${lines.join("\n")}\n`, json: { sound: isSound, checks }, exitCode: isSound ? 0 : 1 };
}

async function readConfig(
  documents: readonly string[],
  flags: RunFlags,
): Promise<{ config?: ResolvedConfig; check: Check }> {
  try {
    const config = await readSettings({ flags, documents });
    return { config, check: ok("config", `sound; the run folder is ${config.to}`) };
  } catch (error) {
    if (!RagInstructError.is(error)) throw error;
    const { message } = error;
    if (message.startsWith("there are no documents"))
      return { check: warning("config", "none here", "write one with: rag-instruct init") };
    return { check: failed("config", message, "mend it, or write another with: rag-instruct init --force") };
  }
}
