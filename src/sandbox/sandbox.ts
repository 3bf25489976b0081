/**
 * Commands in a sandbox of the operating system, by @anthropic-ai/sandbox-runtime: bubblewrap and a seccomp filter on
 * Linux, Seatbelt on macOS. Inside, only the workspace folder and a folder for temporary files can be written, there is no
 * network, and credentials can't be read. Its code is loaded with the first use.
 */
import { accessSync, chmodSync, constants, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import type { Sandbox, Wrapped } from "../tools/types";
import { unprotectable, unreadable, unwritable, withheldIn } from "./boundaries";
import { probe } from "./probe";

export type SandboxOptions = {
  /** Real path of the workspace folder. */
  readonly root: string;
  /** Folders of Dispatch and its editor that no command may read. Where one holds the workspace, that stays readable. */
  readonly secret: readonly string[];
  /** The folder with the helper programs for Linux, by architecture: `x64/apply-seccomp`. */
  readonly helpers: string;
};

export type Box = {
  /** All that can be written, but what `denyWrite` names. */
  readonly allowWrite: readonly string[];
  readonly denyWrite: readonly string[];
  readonly denyRead: readonly string[];
};

/** @returns the sandbox of a workspace, and why there is none here: found out once, by running something in it. */
export function createSandbox(
  options: SandboxOptions,
): Sandbox & { readonly problem: () => Promise<string | undefined> } {
  const helper = path.join(options.helpers, process.arch, "apply-seccomp");
  let temporary: string | undefined;
  let checked: Promise<string | undefined> | undefined;
  const problem = (): Promise<string | undefined> => {
    checked ??= holdsHome(options.root)
      ? Promise.resolve("The workspace holds your home folder, where too much runs by itself.")
      : findProblem(helper).catch((error: unknown) => `It could not be tried: ${String(error)}.`);
    return checked;
  };
  return {
    problem,
    async wrap(argv, withheld) {
      const why = await problem();
      if (why !== undefined) return { error: why };
      try {
        const link = await unprotectable(options.root);
        if (link !== undefined) return { error: linked(link) };
        temporary ??= temporaryFolder();
        const kept = withheld === undefined ? [] : await withheldIn(options.root, withheld);
        if (kept === undefined) return { error: TOO_MUCH };
        const box = {
          allowWrite: [options.root, temporary],
          denyWrite: await unwritable(options.root),
          denyRead: [...(await unreadable(options.secret)), ...kept],
        };
        return { ...(await wrapIn(box, helper, argv)), env: { TMPDIR: temporary } };
      } catch (error) {
        return { error: `The sandbox could not be made: ${error instanceof Error ? error.message : String(error)}` };
      }
    },
  };
}

const TOO_MUCH =
  "Rules withhold files here, and the folder has too many to keep those apart in the sandbox. Run it with outside_sandbox: true; the person is then asked";

const linked = (name: string): string =>
  `There is no sandbox for this folder: ${name} leads to another place in it, which a command could exchange. Run it with outside_sandbox: true; the person is then asked`;

function holdsHome(root: string): boolean {
  const way = path.relative(root, homedir());
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

/** Of this process, for all of its sandboxes: they go with it. */
const temporaryFolders = new Set<string>();

function temporaryFolder(): string {
  const folder = realpathSync.native(mkdtempSync(path.join(tmpdir(), "dispatch-sandbox-")));
  if (temporaryFolders.size === 0) process.once("exit", removeTemporaryFolders);
  temporaryFolders.add(folder);
  return folder;
}

function removeTemporaryFolders(): void {
  for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
}

async function findProblem(helper: string): Promise<string | undefined> {
  if (process.platform !== "linux" && process.platform !== "darwin") {
    return "There is a sandbox on Linux and macOS only.";
  }
  const missing = process.platform === "linux" ? missingOnLinux(helper) : undefined;
  return missing ?? (await probe((box, argv) => wrapIn(box, helper, argv)));
}

function missingOnLinux(helper: string): string | undefined {
  if (findBubblewrap() === undefined) return "bubblewrap (bwrap) is not installed: install the package bubblewrap.";
  if (isExecutable(helper)) return undefined;
  try {
    chmodSync(helper, 0o755); // an unpacked archive may have lost it
    return undefined;
  } catch {
    return `There is no helper program for this machine (${process.arch}).`;
  }
}

/** Only absolute folders: with `.` in PATH a workspace could bring its own. */
function findBubblewrap(): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute);
  return folders.map((folder) => path.join(folder, "bwrap")).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The library looks for more that must not be written in the working directory of this process. That is not the
 * workspace's, which `boundaries.ts` looks through, so it is given a program that finds nothing.
 */
const FINDS_NOTHING = { command: "/bin/true" };

async function wrapIn(box: Box, helper: string, argv: readonly string[]): Promise<Wrapped> {
  const command = `exec ${argv.map(quoted).join(" ")}`;
  const writeConfig = {
    allowOnly: [],
    literalAllowOnly: [...box.allowWrite],
    denyWithinAllow: [],
    literalDenyWithinAllow: [...box.denyWrite],
  };
  const readConfig = {
    denyOnly: [],
    literalDenyOnly: [...box.denyRead],
    allowWithinDeny: [],
    literalAllowWithinDeny: [...box.allowWrite],
  };
  if (process.platform === "darwin") {
    const { wrapCommandWithSandboxMacOS } = await import(
      "@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js"
    );
    const script = wrapCommandWithSandboxMacOS({
      ...{ command, readConfig, writeConfig, needsNetworkRestriction: true, binShell: "/bin/sh" },
    });
    return { script, env: {}, release: () => undefined };
  }
  const { cleanupBwrapMountPoints, wrapCommandWithSandboxLinux } = await import(
    "@anthropic-ai/sandbox-runtime/dist/sandbox/linux-sandbox-utils.js"
  );
  const bwrapPath = findBubblewrap();
  const script = await wrapCommandWithSandboxLinux({
    ...(bwrapPath === undefined ? {} : { bwrapPath }),
    ...{ command, readConfig, writeConfig, needsNetworkRestriction: true, binShell: "/bin/sh" },
    ...{ seccompConfig: { applyPath: helper }, ripgrepConfig: FINDS_NOTHING },
  });
  return { script, env: {}, release: () => cleanupBwrapMountPoints() };
}

/** As one word for a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
