/** The sandbox of the system, really: what a command in it can and can't do, and how it ends. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { withheldFrom } from "../../src/approvals/may-read";
import type { Rule } from "../../src/approvals/policy";
import { createSandbox } from "../../src/sandbox/sandbox";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import type { CommandResult, Workspace } from "../../src/tools/types";
import { describeSandbox, helpers } from "./support";

describeSandbox("the sandbox", () => {
  let base: string;
  let root: string;
  let storage: string;
  let workspace: Workspace;
  beforeEach(() => {
    base = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-box-")));
    root = path.join(base, "work [a]*");
    storage = path.join(base, "storage");
    mkdirSync(path.join(root, "src"), { recursive: true });
    mkdirSync(storage);
    writeFileSync(path.join(storage, "journal"), "what was said\n");
    workspace = createNodeWorkspace({
      ...{ root, stripEnv: () => [] },
      sandbox: createSandbox({ root, secret: [storage], helpers }),
    });
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const run = (command: string, signal = new AbortController().signal, timeoutMs = 20_000): Promise<CommandResult> =>
    workspace.run(command, { cwd: root, timeoutMs, signal, onOutput: () => undefined, sandboxed: true });

  it("runs a command with its output in order and its exit code, writing in the workspace and in $TMPDIR", async () => {
    const command = 'echo one; echo two >&2; echo x > src/new; echo y > "$TMPDIR/y" && cat src/new "$TMPDIR/y"; exit 3';
    const { output, exitCode } = await run(command);
    assert.deepEqual(
      [output, exitCode, readFileSync(path.join(root, "src/new"), "utf8")],
      ["one\ntwo\nx\ny\n", 3, "x\n"],
    );
  });

  it("writes nowhere else, by whatever way", async () => {
    const outside = path.join(base, "outside");
    const home = path.join(homedir(), `.dispatch-sandbox-test-${process.pid}`);
    writeFileSync(path.join(base, "target"), "as it was\n");
    const { output } = await run(
      `echo x > '${outside}'; echo x > '${home}'; ln -s '${base}/target' src/link && echo x > src/link; ` +
        `mv src '${base}/moved'; echo x > /tmp/dispatch-${process.pid}; echo x > ../outside; cp /bin/sh "$HOME/"; exit 0`,
    );
    assert.match(output, /Read-only file system/);
    assert.deepEqual(
      [readdirSync(base).sort(), existsSync(home), existsSync(`/tmp/dispatch-${process.pid}`)],
      [["storage", "target", "work [a]*"], false, false],
    );
    assert.equal(readFileSync(path.join(base, "target"), "utf8"), "as it was\n");
  });

  it("has no network, no name service and no socket of this machine", async () => {
    let reached = 0;
    const tcp = createServer(() => reached++).listen(0, "127.0.0.1");
    const unix = createServer(() => reached++).listen(path.join(root, "socket"));
    try {
      await Promise.all([tcp, unix].map((server) => new Promise((resolve) => server.once("listening", resolve))));
      const address = tcp.address();
      const port = typeof address === "object" ? address?.port : 0;
      const script = [
        `for (const to of [${port}, "socket"]) require("net").connect(to).on("error", (e) => console.log(e.code));`,
        `require("dns").lookup("example.com", (e) => console.log(e.code));`,
        `const udp = require("dgram").createSocket("udp4"); udp.on("error", () => {});`,
        `udp.send("x", 53, "192.0.2.1", (e) => { console.log(e.code); udp.close(); });`,
      ].join("");
      writeFileSync(path.join(root, "out.js"), script);
      const { output } = await run(`'${process.execPath}' out.js; exec 3<>/dev/tcp/127.0.0.1/${port}`);
      const codes = output.split("\n").filter((line) => /^E[A-Z_]+$/.test(line));
      assert.deepEqual(codes.sort(), ["EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EPERM"]);
      assert.equal(reached, 0);
    } finally {
      tcp.close();
      unix.close();
    }
  });

  it("can't read what Dispatch keeps, nor credentials, nor other processes", async () => {
    const { output } = await run(
      `cat '${storage}/journal'; ls '${storage}'; cat /proc/${process.pid}/environ | tr '\\0' '\\n'; exit 0`,
    );
    assert.doesNotMatch(output, /what was said|journal$|PATH=/m);
  });

  it("can't change what makes programs run by themselves, there or not, in repositories below too; git can be read", async () => {
    const git = (...args: readonly string[]): void => void execFileSync("git", args, { cwd: root, stdio: "pipe" });
    git("init", "-q");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "It works");
    git("init", "-q", "lib/inner");
    mkdirSync(path.join(root, "src/.vscode"));
    writeFileSync(path.join(root, "eslint.config.js"), "before\n");
    mkdirSync(path.join(root, "kept"));
    git("init", "-q", "--separate-git-dir", "kept/elsewhere", "apart");
    const others = [".github/workflows/ci.yml", ".gemini/settings.json", "GEMINI.md", ".clangd", "opencode.json"];
    for (const name of others) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), "before\n");
    }
    const { output } = await run(
      [
        "mkdir -p .vscode; echo x > .vscode/settings.json; echo x > src/.vscode/tasks.json; echo x > eslint.config.js",
        "echo x > .git/hooks/pre-commit; echo x > lib/inner/.git/hooks/post-checkout; git config core.fsmonitor x",
        // Another configuration, by the file that names where it is.
        "cp -r .git evil; git config -f evil/config core.fsmonitor x; echo ../evil > .git/commondir",
        "git -C lib/inner config core.pager x; mv .git g; mv src/.vscode v; rm -rf .git/hooks; rm -rf evil",
        "git -C apart config core.fsmonitor x; echo x > kept/elsewhere/config; mv kept/elsewhere e",
        `for name in ${others.join(" ")}; do echo x > $name; done`,
        "git status --short eslint.config.js && git log --format=%s",
      ].join("; "),
    );
    assert.match(output, /\?\? eslint\.config\.js\n[\s\S]*It works\n$/);
    const made = [".vscode", ".git/commondir", ".git/hooks/pre-commit", "lib/inner/.git/hooks/post-checkout"];
    assert.deepEqual(
      [...made, "src/.vscode/tasks.json", "v", "g"].filter((file) => existsSync(path.join(root, file))),
      [],
    );
    assert.equal(readFileSync(path.join(root, "eslint.config.js"), "utf8"), "before\n");
    assert.doesNotMatch(readFileSync(path.join(root, ".git/config"), "utf8"), /fsmonitor/);
    assert.match(readFileSync(path.join(root, "kept/elsewhere/config"), "utf8"), /^\[core\]\n(?![\s\S]*fsmonitor)/);
    assert.deepEqual(
      others.map((name) => readFileSync(path.join(root, name), "utf8")),
      others.map(() => "before\n"),
    );
  });

  it("can't begin a repository where there is none, and leaves no trace of that", async () => {
    const { output } = await run("git init -q; mkdir .git; echo x > .git/config; git status; cd src && git status");
    assert.match(output, /not a git repository/);
    assert.deepEqual(readdirSync(root), ["src"]);
  });

  it("ends with everything that it has started: by a stop, by the time limit, and what it left behind", async () => {
    const alive = (mark: string): string => execFileSync("sh", ["-c", `pgrep -f '[s]leep ${mark}' || true`]).toString();
    const stop = new AbortController();
    const seen = new Promise<void>((resolve) => {
      void workspace
        .run("(setsid sleep 7701 &) ; echo on; sleep 7701", {
          ...{ cwd: root, timeoutMs: 60_000, signal: stop.signal, sandboxed: true },
          onOutput: () => stop.abort(),
        })
        .then(({ kind }) => {
          assert.equal(kind, "cancelled");
          resolve();
        });
    });
    await seen;
    assert.equal((await run("sleep 7702", undefined, 500)).kind, "timeout");
    assert.equal((await run("(setsid sleep 7703 >/dev/null 2>&1 &); echo done")).output, "done\n");
    for (const mark of ["7701", "7702", "7703"]) assert.equal(alive(mark), "");
  });

  it("runs nothing where the editor's or git's own files are behind a link that a command could exchange", async () => {
    const attempt =
      "rm -rf .vscode .git; mkdir .vscode .git; mv conf away; mkdir conf; echo x > conf/tasks.json; echo ran";
    const refusedFor: string[] = [];
    const tryWith = async (link: string, target: string): Promise<void> => {
      mkdirSync(path.join(root, "conf/hooks"), { recursive: true });
      mkdirSync(path.dirname(path.join(root, link)), { recursive: true });
      symlinkSync(target, path.join(root, link));
      const { kind, message = "" } = await run(attempt);
      refusedFor.push(`${kind}: ${/folder: (\S+) leads/.exec(message)?.[1]}`);
      for (const name of [".vscode", ".git", "conf"]) rmSync(path.join(root, name), { recursive: true, force: true });
    };
    await tryWith(".vscode", "conf");
    await tryWith(".git", "conf");
    await tryWith(".vscode/tasks.json", "../conf/tasks.json");
    await tryWith(".git/hooks", "../conf/hooks");
    mkdirSync(path.join(root, "kept"));
    execFileSync("git", ["init", "-q", "--separate-git-dir", path.join(root, "kept/git"), "."], {
      cwd: root,
      stdio: "pipe",
    });
    refusedFor.push((await run(attempt)).kind);
    rmSync(path.join(root, ".git"));
    mkdirSync(path.join(root, ".vscode"));
    writeFileSync(path.join(root, "plain"), "{}");
    linkSync(path.join(root, "plain"), path.join(root, ".vscode/settings.json"));
    refusedFor.push((await run(attempt)).kind);
    rmSync(path.join(root, ".vscode"), { recursive: true });
    await tryWith(".vscode/settings.json", "/etc/hostname"); // can't be written
    assert.deepEqual(refusedFor, [
      ...[".vscode", ".git", ".vscode/tasks.json", ".git/hooks"].map((name) => `failed-to-start: ${name}`),
      ...["failed-to-start", "failed-to-start"],
      "exited: undefined",
    ]);
  });

  it("can't read what rules withhold, in the workspace and outside, by whatever way", async () => {
    const files = {
      ".env": "TOKEN=canary\n",
      "src/.env": "canary\n",
      "secret/deep/key": "canary\n",
      "src/plain": "fine\n",
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    }
    const rules: readonly Rule[] = ["**/.env", "secret/**", `${storage}-not/**`, `${base}/notes/**`].map(
      (glob, at) => ({
        ...{ id: `r${at}`, action: at === 0 ? "ask" : "deny", path: glob, source: "user" },
      }),
    );
    mkdirSync(path.join(base, "notes"));
    writeFileSync(path.join(base, "notes", "a"), "canary\n");
    const withheld = withheldFrom({ rules, mode: "sandbox", root }, "run_shell");
    assert.ok(withheld);
    const { output } = await workspace.run(
      `sh -c 'cat .e''nv src/.e*; cat secret/*/*; grep -rh canary . ../notes; ln -s ../.env src/l; cat src/l; echo x > .env; echo x > secret/new; cat src/plain' 2>/dev/null; true`,
      {
        ...{ cwd: root, timeoutMs: 20_000, signal: new AbortController().signal, onOutput: () => undefined },
        ...{ sandboxed: true, withheld },
      },
    );
    assert.deepEqual(
      [output, readFileSync(path.join(root, ".env"), "utf8"), existsSync(path.join(root, "secret/new"))],
      ["fine\n", "TOKEN=canary\n", false],
    );
  });

  it("runs nothing where there is none", async () => {
    const other = createNodeWorkspace({ root, stripEnv: () => [] });
    const result = await other.run("echo x > src/x", {
      ...{ cwd: root, timeoutMs: 9_000, signal: new AbortController().signal, onOutput: () => undefined },
      sandboxed: true,
    });
    assert.deepEqual([result.kind, existsSync(path.join(root, "src/x"))], ["failed-to-start", false]);
  });
});

describe("a machine without a sandbox", () => {
  it("is also one whose home folder is the workspace: too much runs by itself there", async () => {
    for (const root of [homedir(), path.dirname(homedir())])
      assert.match((await createSandbox({ root, secret: [], helpers }).problem()) ?? "", /home folder/);
  });

  it("says why", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      const problem = await createSandbox({ root: process.cwd(), secret: [], helpers }).problem();
      assert.match(problem ?? "", process.platform === "linux" ? /bubblewrap \(bwrap\) is not installed/ : /./);
    } finally {
      process.env.PATH = path;
    }
  });
});
