/** A workspace as engineers have them: a git repository with some files, a link inside and one that leads out. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import type { Workspace } from "../../src/tools/types";

export type Repository = {
  readonly workspace: Workspace;
  readonly root: string;
  /** The folder around the workspace. */
  readonly outer: string;
  readonly git: (...args: readonly string[]) => void;
  readonly remove: () => void;
};

const FILES: Readonly<Record<string, string>> = {
  "package.json": `{"name": "sample", "scripts": {"test": "echo tested"}}\n`,
  "README.md": "# Sample\n",
  "tsconfig.json": "{}\n",
  "src/index.ts": "export const a = 1;\n",
  "src/app/main.ts": "import { a } from '../index';\n",
  "test/a.test.ts": "it('works');\n",
  "docs/guide.md": "guide\n",
  "logs/app.log": "one\ntwo\n",
  ".env": "TOKEN=canary\n",
};

export function makeRepository(): Repository {
  const outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-shell-")));
  const root = path.join(outer, "workspace");
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  writeFileSync(path.join(outer, "secret.txt"), "canary\n");
  mkdirSync(path.join(root, "links"));
  symlinkSync("../src", path.join(root, "links", "within"));
  symlinkSync("../../secret.txt", path.join(root, "links", "out"));
  const who = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@b", GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@b" };
  const git = (...args: readonly string[]) =>
    void execFileSync("git", args, { cwd: root, stdio: "ignore", env: { ...process.env, ...who } });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  return {
    workspace: createNodeWorkspace({ root, stripEnv: () => [] }),
    root,
    outer,
    git,
    remove: () => rmSync(outer, { recursive: true, force: true }),
  };
}
