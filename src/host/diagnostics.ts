/** What VS Code's language services say of the files of the workspace. */
import { realpathSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import type { Diagnostics, Problem } from "../tools/types";

/** Of a file that a service is known to look at: how long its first word is waited for, and the rest after it. In ms. */
const FIRST_WORD = 900;
const QUIET = 250;
const LONGEST = 2_000;
/** Where no service has ever spoken of a file of this kind. */
const STRANGER = 250;

/** @param root real path; problems are told by their path below it. */
export function createDiagnostics(root: string): Diagnostics {
  return {
    list: (real) =>
      vscode.languages
        .getDiagnostics()
        .filter(([uri]) => isIn(uri, real))
        .flatMap(([uri, found]) => {
          const place = { path: shownPath(root, uri.fsPath), file: uri.fsPath, real: realOr(uri.fsPath) };
          return found.map((one) => problemOf(place, one));
        }),
    async look(real, signal) {
      const uri = vscode.Uri.file(real);
      if (vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString())) return true;
      const settled = watch(uri);
      try {
        await vscode.workspace.openTextDocument(uri);
        return await settled.wait(signal);
      } catch {
        return true; // what VS Code does not open as text, no service looks at
      } finally {
        settled.dispose();
      }
    },
    watch: (real) => watch(vscode.Uri.file(real)),
  };
}

/** Listens from now on, so that nothing is missed that is said before it is waited for. */
function watch(uri: vscode.Uri): ReturnType<Diagnostics["watch"]> {
  const isStranger = !vscode.languages
    .getDiagnostics()
    .some(([other]) => path.extname(other.path) === path.extname(uri.path));
  let heard = false;
  let lastWord = 0;
  const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (!uris.some((one) => one.toString() === uri.toString())) return;
    heard = true;
    lastWord = Date.now();
  });
  return {
    async wait(signal) {
      const start = Date.now();
      const first = isStranger ? STRANGER : FIRST_WORD;
      const isOver = (): boolean => {
        const now = Date.now();
        if (signal.aborted || now - start >= LONGEST) return true;
        return heard ? now - lastWord >= QUIET : now - start >= first;
      };
      while (!isOver()) await pause(signal);
      return heard;
    },
    dispose: () => listener.dispose(),
  };
}

/** A moment, or less when it is aborted. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, 50);
    signal.addEventListener("abort", done);
  });
}

function isIn(uri: vscode.Uri, real: string): boolean {
  if (uri.scheme !== "file") return false;
  const relative = path.relative(real, uri.fsPath);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}

function shownPath(root: string, file: string): string {
  const relative = path.relative(root, file);
  return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative.replaceAll("\\", "/");
}

/** The path itself where there is no such file any more. */
function realOr(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    return file;
  }
}

function problemOf(
  place: Pick<Problem, "path" | "file" | "real">,
  { range, severity, message, source, code }: vscode.Diagnostic,
): Problem {
  const number = typeof code === "object" ? code.value : code;
  return {
    ...place,
    line: range.start.line + 1,
    column: range.start.character + 1,
    severity: SEVERITIES[severity],
    message,
    ...(source === undefined ? {} : { source }),
    ...(number === undefined || number === "" ? {} : { code: String(number) }),
  };
}

const SEVERITIES = {
  [vscode.DiagnosticSeverity.Error]: "error",
  [vscode.DiagnosticSeverity.Warning]: "warning",
  [vscode.DiagnosticSeverity.Information]: "info",
  [vscode.DiagnosticSeverity.Hint]: "hint",
} as const;
