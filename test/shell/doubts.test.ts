import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { commandFacts } from "../../src/agent/command-facts";
import { lazyShellParser } from "../../src/agent/shell-parser";
import { shellInfo } from "../../src/tools/node-shell";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { readGrammar } from "../../src/tools/shell-grammar";
import { shellParser, verdictOn } from "../support/shell";

describe("which program a word starts", () => {
  let outer = "";
  let root = "";
  const program = (...parts: readonly string[]) => {
    const file = path.join(outer, ...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, 0o755);
    return file;
  };
  before(() => {
    outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-doubt-")));
    root = path.join(outer, "workspace");
    program("workspace", "bin", "ls");
    program("system", "ls");
    program("system", "git");
    program("home", ".pyenv", "shims", "python3");
    mkdirSync(path.join(outer, "linked"));
    symlinkSync(path.join(root, "bin", "ls"), path.join(outer, "linked", "ls"));
  });
  after(() => rmSync(outer, { recursive: true, force: true }));

  it("is doubted where the folder or the environment can lead it elsewhere", () => {
    const at = (...names: readonly string[]) => names.map((name) => path.join(outer, name)).join(path.delimiter);
    const doubt = (name: string, env: NodeJS.ProcessEnv, isBuiltin = false) =>
      shellInfo(env, root).doubt(name, isBuiltin);
    const PATH = at("system", "workspace/bin");
    const doubts = {
      plain: doubt("ls", { PATH }),
      missing: doubt("rg", { PATH }),
      workspace: doubt("ls", { PATH: at("workspace/bin", "system") }),
      link: doubt("ls", { PATH: at("linked", "system") }),
      relative: doubt("ls", { PATH: `node_modules/.bin:${PATH}` }),
      empty: doubt("ls", { PATH: `:${PATH}` }),
      home: doubt("ls", { PATH: `~/bin:${PATH}`, HOME: path.join(outer, "home") }),
      relativeBehind: doubt("ls", { PATH: `${PATH}:.` }),
      shim: doubt("python3", { PATH: at("home/.pyenv/shims") }),
      function: doubt("ls", { PATH, "BASH_FUNC_ls%%": "() { id; }" }),
      builtinFunction: doubt("echo", { PATH, "BASH_FUNC_echo%%": "() { id; }" }, true),
      builtin: doubt("echo", { PATH: "." }, true),
      gitFolder: doubt("git", { PATH, GIT_DIR: "/x" }),
      git: doubt("git", { PATH, GIT_PAGER: "cat" }),
      rgSettings: doubt("rg", { PATH, RIPGREP_CONFIG_PATH: ".ripgreprc" }),
      rgOwnSettings: doubt("rg", { PATH, RIPGREP_CONFIG_PATH: path.join(outer, "home", ".ripgreprc") }),
    };
    assert.deepEqual(doubts, {
      plain: undefined,
      missing: undefined,
      workspace: "ls would be started from the workspace",
      link: "ls would be started from the workspace",
      relative: "PATH has a folder that is not absolute",
      empty: "PATH has a folder that is not absolute",
      home: undefined,
      relativeBehind: undefined,
      shim: "python3 is chosen by a version manager, which files of the folder can lead elsewhere",
      function: "ls is a function of the environment",
      builtinFunction: "echo is a function of the environment",
      builtin: undefined,
      gitFolder: "the environment sets GIT_DIR",
      git: undefined,
      rgSettings: "the settings of rg are in the workspace",
      rgOwnSettings: undefined,
    });
  });

  it("is unknown without bash, or without the parser, which is said once", async () => {
    const logged: string[] = [];
    const broken = lazyShellParser(readGrammar(path.join(outer, "gone")), (level, message) =>
      logged.push(`${level}: ${message}`),
    );
    const workspace = createNodeWorkspace({ root, stripEnv: () => [] });
    const run = { kind: "run", command: "ls", cwd: root, inside: true } as const;
    const signal = new AbortController().signal;
    const facts = [
      await commandFacts(run, workspace, await broken(), signal),
      await commandFacts(run, workspace, await broken(), signal),
      await commandFacts(
        run,
        { ...workspace, shell: () => ({ language: "sh", doubt: () => undefined }) },
        await shellParser(),
        signal,
      ),
    ];
    assert.deepEqual(
      facts.map((one) => (one.kind === "unknown" ? one.why : one.kind)),
      [
        "Not known to only read: the shell parser could not be loaded.",
        "Not known to only read: the shell parser could not be loaded.",
        "Not known to only read: the shell is not bash but sh.",
      ],
    );
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /^warn: The shell parser could not be loaded; every command is asked: ENOENT/);
  });

  it("may only read and is asked all the same where reading may never end, and the card says so", async () => {
    execFileSync(
      "mkfifo",
      ["pipe", "pi\u{202e}pe"].map((name) => path.join(root, name)),
    );
    const workspace = createNodeWorkspace({ root, stripEnv: () => [] });
    const commands = [
      "cat pipe",
      "cat pi?pe | head",
      "cat pipe pi?pe",
      "cat /dev/zero",
      "grep -R x .",
      "cat bin/ls /dev/null",
    ];
    const verdicts = await Promise.all(commands.map((command) => verdictOn(command, workspace)));
    const always = "Runs on your machine with your rights, outside any sandbox.";
    const what = "where a pipe, a socket or a device is read.";
    assert.deepEqual(
      verdicts.map((verdict) => (verdict.kind === "ask" ? verdict.risk : verdict.kind)),
      [
        `May wait without end at pipe, ${what} ${always}`,
        `May wait without end at ${root}/pi‹U+202E›pe, ${what} ${always}`,
        `May wait without end at pipe and 1 more, ${what} ${always}`,
        `Reads outside the workspace, may wait without end at /dev/zero, ${what} ${always}`,
        `May wait without end at ., ${what} ${always}`,
        "allow",
      ],
    );
  });
});
