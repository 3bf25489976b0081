/** The output channel *Dispatch*. Its callers keep secrets out; masking those that are known is only the last net. */
import * as vscode from "vscode";
import type { Disposable } from "./dispose";

export type Level = "info" | "warn" | "error";

export interface Log extends Disposable {
  /** Never throws. */
  write(level: Level, message: string): void;
  /** From now on this text is masked wherever it would appear. */
  mask(secret: string): void;
  show(): void;
}

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel("Dispatch", { log: true });
  const secrets = new Set<string>();
  return {
    write(level, message) {
      try {
        channel[level](redact(message, secrets));
      } catch {
        // The editor closes channels when it ends, before the last turn has: a lost line must not fail what it is about.
      }
    },
    mask(secret) {
      if (secret.length >= minMasked) secrets.add(secret);
    },
    show: () => channel.show(),
    dispose: () => channel.dispose(),
  };
}

/** Replaces every known secret by its first characters; those alone are of no use to anyone. */
export function redact(message: string, secrets: ReadonlySet<string>): string {
  let text = message;
  for (const secret of secrets) text = text.replaceAll(secret, `${secret.slice(0, 4)}…`);
  return text;
}

/** What to say about something that was thrown. The stack goes to the log only. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Shorter texts are words: masking them would eat the log. */
const minMasked = 8;
