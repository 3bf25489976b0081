/** The workspace as a folder on disk, for every host: the editor's one wraps it, the headless runner uses it as it is. */
import { realpathSync } from "node:fs";
import path from "node:path";
import {
  changeTimes,
  listRealFolder,
  lookAtReal,
  readRealBytes,
  readRealFile,
  removeRealFile,
  writeRealFile,
} from "./node-files";
import { type PathWorld, resolvePath } from "./node-paths";
import { runRipgrep } from "./node-ripgrep";
import { environmentFor, runCommand } from "./node-run";
import { shellInfo } from "./node-shell";
import { findRipgrep } from "./ripgrep-place";
import type { Sandbox, Workspace } from "./types";
import { get, internet, type Network } from "./web/get";
import { readInWorker } from "./web/readable";
import type { Web } from "./web/types";

export type NodeWorkspaceOptions = {
  /** An existing folder. */
  readonly root: string;
  /** The host's own files and folders (storage, settings): guarded, wherever they are. */
  readonly guardedPaths?: readonly string[];
  /** Names of environment variables that commands never get; asked at each command. */
  readonly stripEnv: () => readonly string[];
  /** Where commands run that are to be sandboxed. Absent: nowhere. */
  readonly sandbox?: Sandbox;
  /** Where the host may have ripgrep, before all other places. */
  readonly ripgrep?: readonly string[];
  /** The file of the thread that reads HTML. Default: beside the bundle that runs. */
  readonly pageWorker?: string;
  /** How the web is reached. Default: as the machine does. */
  readonly network?: Network;
};

/** @throws when the folder does not exist: a workspace without a folder is a bug of the caller. */
export function createNodeWorkspace(options: NodeWorkspaceOptions): Workspace {
  const given = path.resolve(options.root);
  const root = realpathSync.native(given);
  const world: PathWorld = {
    root,
    given,
    guardedPaths: (options.guardedPaths ?? []).flatMap((own) => [path.resolve(own), realOrSame(own)]),
    windows: process.platform === "win32",
  };
  const environment = () => environmentFor(process.env, options.stripEnv());
  let ripgrep: string | undefined;
  return {
    root,
    resolve: (written) => resolvePath(world, written),
    read: (real) => readRealFile(real),
    readBytes: readRealBytes,
    list: (real) => listRealFolder(real),
    write: writeRealFile,
    remove: removeRealFile,
    look: (real) => lookAtReal(real),
    changedAt: (paths) => changeTimes(paths),
    ripgrep: (args, run) => {
      ripgrep ??= findRipgrep(options.ripgrep ?? [], process.env.PATH);
      return runRipgrep(ripgrep, args, environment(), run);
    },
    run: (command, run) => runCommand(command, environment(), run, options.sandbox),
    web: createWeb(options.pageWorker ?? path.join(__dirname, "page-worker.js"), options.network ?? internet),
    shell: () => shellInfo(environment(), root),
  };
}

const createWeb = (worker: string, network: Network): Web => ({
  get: (request) => get(request, network),
  readable: (html, url, whole, signal) => readInWorker(worker, { html, url, whole }, network.readMs, signal),
});

function realOrSame(own: string): string {
  try {
    return realpathSync.native(own);
  } catch {
    return path.resolve(own);
  }
}
