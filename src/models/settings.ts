/** The settings under their full names, checked. A wrong shape is a sentence, never an exception. */
import type { KeyConfig, ModelChoice } from "./types";

export type Settings = {
  readonly keys: readonly KeyConfig[];
  /** Ordered: the first is the default. Never empty. */
  readonly models: readonly [ModelChoice, ...ModelChoice[]];
  /** Steps of one turn before the agent asks whether to go on. */
  readonly maxSteps: number;
  readonly commandTimeoutSeconds: number;
};

export type SettingsState =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly message: string };

/**
 * @param raw values by full name (`dispatch.keys`, …); an absent name takes its default.
 * @returns the settings, or one sentence that names the setting, what is wrong and what to write.
 */
export declare function parseSettings(raw: Readonly<Record<string, unknown>>): SettingsState;
