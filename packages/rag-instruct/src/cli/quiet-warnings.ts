const ours = /ExperimentalWarning|MODULE_TYPELESS_PACKAGE_JSON/;

/** Keeps what Node says of its own experimental parts, and the AI SDK of models, from standing between our lines. */
export function quietWarnings(): void {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  process.removeAllListeners("warning");
  process.on("warning", (warning: Error & { code?: string }) => {
    if (!ours.test(`${warning.name} ${warning.code}`)) process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}
