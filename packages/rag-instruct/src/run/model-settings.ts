import { isSecretHeader, type ModelSettings } from "@rag-instruct/core/calls";
import type { SettingsChoice } from "../config/choices.ts";

/** The settings of a config as calls take them. */
export function callSettings(choice: SettingsChoice | undefined): ModelSettings | undefined {
  if (!choice) return undefined;
  const { stop, ...settings } = choice;
  return stop ? { ...settings, stopSequences: [...stop] } : settings;
}

/** The settings of a config as a file and a stage's key may hold them: without headers that hold a secret. */
export function openSettings(choice: SettingsChoice | undefined): SettingsChoice | undefined {
  if (!choice?.headers) return choice;
  const open = Object.entries(choice.headers).filter(([name]) => !isSecretHeader(name));
  return { ...choice, headers: open.length > 0 ? Object.fromEntries(open) : undefined };
}
