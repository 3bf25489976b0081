/** A real folder that is gone after the test, and tools called on it as the loop does. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkArguments } from "../../src/tools/arguments";
import { allTools } from "../../src/tools/index";
import { createJobs, type TabJobs } from "../../src/tools/jobs";
import { createNodeWorkspace, type NodeWorkspaceOptions } from "../../src/tools/node-workspace";
import type { Prepared, RunContext, ToolOutput, Workspace } from "../../src/tools/types";
import { PAGE_WORKER } from "../support/agent";

export type Folder = {
  /** Holds `workspace` and whatever is to be outside of it. */
  readonly outer: string;
  readonly root: string;
  readonly workspace: Workspace;
  /** Writes a file below the root, with its folders. */
  readonly put: (name: string, content: string | Uint8Array) => string;
};

/** Call within `describe`: makes a fresh folder before each test. */
export function useFolder(options: Partial<NodeWorkspaceOptions> = {}): () => Folder {
  let folder: Folder | undefined;
  beforeEach(() => {
    const outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-tools-")));
    const root = path.join(outer, "workspace");
    mkdirSync(root);
    const put = (name: string, content: string | Uint8Array): string => {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    };
    folder = {
      outer,
      root,
      put,
      workspace: createNodeWorkspace({ stripEnv: () => [], pageWorker: PAGE_WORKER, ...options, root }),
    };
  });
  afterEach(() => {
    if (folder) rmSync(folder.outer, { recursive: true, force: true });
    folder = undefined;
  });
  return () => {
    assert.ok(folder);
    return folder;
  };
}

export async function prepare(workspace: Workspace, name: string, args: unknown): Promise<Prepared> {
  const tool = allTools.find((candidate) => candidate.name === name);
  assert.ok(tool, name);
  const checked = checkArguments(tool.schema, JSON.stringify(args));
  assert.ok(checked.ok, checked.ok ? "" : checked.error);
  return tool.prepare(checked.args, workspace);
}

/** The plan of a call that can be made. */
export async function plan(workspace: Workspace, name: string, args: unknown): Promise<Prepared & { ok: true }> {
  const prepared = await prepare(workspace, name, args);
  assert.ok(prepared.ok, prepared.ok ? "" : prepared.error);
  return prepared;
}

export async function call(
  workspace: Workspace,
  name: string,
  args: unknown,
  signal: AbortSignal = new AbortController().signal,
  onOutput: (text: string) => void = () => undefined,
  jobs: TabJobs = tabJobs(),
): Promise<ToolOutput> {
  return (await plan(workspace, name, args)).run(runContext({ signal, onOutput, jobs }));
}

/** What a call gets when it runs: by itself nothing stops it, and it is the only one of its tab. */
export function runContext(change: Partial<RunContext> = {}): RunContext {
  return {
    signal: new AbortController().signal,
    onOutput: () => undefined,
    callId: "call",
    jobs: tabJobs(),
    sandboxed: false,
    offers: () => true,
    commandSeconds: 120,
    mayRead: () => true,
    noImage: () => "The model of this chat is not given images.",
    wholeOutput: async () => undefined,
    ask: async () => ({ kind: "nobody" }),
    ...change,
  };
}

/** The commands of a tab; the first job is j1. */
export function tabJobs(change: Partial<Parameters<typeof createJobs>[0]> = {}): TabJobs {
  let count = 0;
  return createJobs({
    now: Date.now,
    newId: () => `j${++count}`,
    changed: () => undefined,
    frontChanged: () => undefined,
    isHurried: () => false,
    ...change,
  });
}

/** The error of a call that can't be made. */
export async function refused(workspace: Workspace, name: string, args: unknown): Promise<string> {
  const prepared = await prepare(workspace, name, args);
  assert.ok(!prepared.ok, "was planned");
  return prepared.error;
}
