import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { verdictOn } from "../support/shell";
import { makeRepository, type Repository } from "./repository";

describe("git that only reads", () => {
  let repository: Repository;
  beforeEach(() => {
    repository = makeRepository();
  });
  afterEach(() => repository.remove());

  const verdicts = async (...commands: readonly string[]) => {
    const kinds: string[] = [];
    for (const command of commands) kinds.push((await verdictOn(command, repository.workspace)).kind);
    return kinds;
  };
  const inFolder = (folder: string, ...args: readonly string[]) =>
    void execFileSync(
      "git",
      ["-c", "protocol.file.allow=always", "-c", "user.name=a", "-c", "user.email=a@b", ...args],
      {
        cwd: folder,
        stdio: "ignore",
      },
    );

  it("is asked where a submodule names a program that looking at files would run", async () => {
    const other = path.join(repository.outer, "other");
    mkdirSync(other);
    inFolder(other, "init", "-q");
    inFolder(other, "commit", "-q", "--allow-empty", "-m", "first");
    inFolder(repository.root, "submodule", "add", "../other", "parts/sub");
    assert.deepEqual(await verdicts("git status", "git diff", "git log"), ["allow", "allow", "allow"]);

    inFolder(path.join(repository.root, "parts/sub"), "config", "core.fsmonitor", "touch p");
    assert.deepEqual(await verdicts("git status", "git diff", "git log"), ["ask", "ask", "allow"]);
    assert.deepEqual(await verdicts("cd parts/sub && git log"), ["ask"]);
  });

  it("is asked where the repository has a hook that looking at files can run, in whatever folder", async () => {
    const hooks = path.join(repository.root, "hooks");
    mkdirSync(hooks);
    inFolder(repository.root, "config", "core.hooksPath", "hooks");
    assert.deepEqual(await verdicts("git status"), ["allow"]);
    writeFileSync(path.join(hooks, "pre-commit"), "#!/bin/sh\n");
    assert.deepEqual(await verdicts("git status"), ["allow"]);
    writeFileSync(path.join(hooks, "post-index-change"), "#!/bin/sh\n");
    assert.deepEqual(await verdicts("git status"), ["ask"]);
  });

  it("reads in a second work tree, whose repository is elsewhere", async () => {
    inFolder(repository.root, "worktree", "add", "-q", "../second");
    const second = createNodeWorkspace({ root: path.join(repository.outer, "second"), stripEnv: () => [] });
    assert.equal((await verdictOn("git status", second)).kind, "allow");
    assert.deepEqual(await verdicts("git -C ../second status"), ["ask"]);
    inFolder(repository.root, "config", "core.fsmonitor", "touch p");
    assert.equal((await verdictOn("git status", second)).kind, "ask");
  });

  it("is asked when its settings are more than is known to be harmless, by name", async () => {
    const settings = [
      ["user.email", "a@b"],
      ["branch.main.remote", "origin"],
      ["remote.origin.url", "ext::sh -c id"],
      ["lfs.repositoryformatversion", "0"],
      ["diff.algorithm", "histogram"],
    ];
    for (const [name = "", value = ""] of settings) inFolder(repository.root, "config", name, value);
    assert.deepEqual(await verdicts("git diff"), ["allow"]);
    for (const name of [
      "core.fsmonitor",
      "diff.external",
      "diff.x.command",
      "diff.x.textconv",
      "filter.x.clean",
      "filter.x.process",
      "gpg.program",
      "gpg.ssh.program",
      "remote.origin.promisor",
      "remote.origin.uploadpack",
      "core.gitProxy",
      "uploadpack.packObjectsHook",
      "pager.log",
      "trailer.x.command",
      "submodule.recurse",
      "unheard.of",
    ]) {
      inFolder(repository.root, "config", name, "x");
      assert.deepEqual([name, ...(await verdicts("git diff"))], [name, "ask"]);
      inFolder(repository.root, "config", "--unset", name);
    }
    assert.deepEqual(await verdicts("git diff"), ["allow"]);
  });
});
