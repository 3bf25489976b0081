import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { environmentFor } from "../../src/tools/node-run";
import { truncateForModel } from "../../src/tools/truncate";
import { call, plan, refused, runContext, useFolder } from "./folder";

describe("run_shell", () => {
  const folder = useFolder({ stripEnv: () => ["MY_MODEL_KEY"] });
  const run = (command: string, more: object = {}, signal?: AbortSignal, onOutput?: (text: string) => void) =>
    call(folder().workspace, "run_shell", { command, ...more }, signal, onOutput);

  it("gives both outputs in order of writing, then the exit code", async () => {
    assert.deepEqual(await run("for i in 1 2 3; do echo out $i; echo err $i >&2; done"), {
      text: "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n[exit code 0]",
      isError: false,
      summary: "exit 0",
    });
    assert.deepEqual(await run("printf 'no line break'; exit 3"), {
      text: "no line break\n[exit code 3]",
      isError: true,
      summary: "exit 3",
    });
    assert.deepEqual(await run("kill -9 $$"), { text: "[ended by SIGKILL]", isError: true, summary: "SIGKILL" });
    assert.equal((await run("-x || echo; echo '--'")).text.split("\n").at(-2), "--");
  });

  it("shows and runs the very same command, in the folder that was shown", async () => {
    const { root, workspace } = folder();
    mkdirSync(path.join(root, "sub"));
    const command = "printf '%s\\n' \"$PWD\" 'a  b' \"$0\" $#";
    const planned = await plan(workspace, "run_shell", { command, cwd: "sub" });
    assert.deepEqual(planned.subject, { kind: "command", command, cwd: path.join(root, "sub") });
    const output = await planned.run(runContext());
    assert.match(output.text, new RegExp(`^${path.join(root, "sub")}\na {2}b\n\\S+\n0\n\\[exit code 0\\]$`));
  });

  it("passes on what is printed as it comes, as plain text, whatever the pieces", async () => {
    const pieces: string[] = [];
    const command =
      "printf '\\033[31mred\\033[0m \\303'; until [ -e go ]; do sleep 0.02; done; printf '\\244\\r\\ndone'";
    const output = await run(command, {}, undefined, (text) => {
      pieces.push(text);
      folder().put("go", "");
    });
    assert.equal(output.text, "red ä\ndone\n[exit code 0]");
    assert.equal(pieces[0], "red ");
    assert.equal(pieces.join(""), "red ä\ndone");
  });

  it("refuses what could show one thing and run another", async () => {
    const { workspace } = folder();
    const errors = [];
    for (const command of ["git log\rid\r", "ls\u001b[2K", "a\0b", "ls \u009b1m", "   ", "\ud800"]) {
      errors.push(await refused(workspace, "run_shell", { command }));
    }
    const rest =
      "Nothing was run. Only tab and line feed may stand in a command; write others as escapes, such as printf '\\r'.";
    assert.deepEqual(errors, [
      `The command contains the control character U+000D. ${rest}`,
      `The command contains the control character U+001B. ${rest}`,
      `The command contains the control character U+0000. ${rest}`,
      `The command contains the control character U+009B. ${rest}`,
      "The command is empty. Nothing was run.",
      "The command contains half of a surrogate pair (a broken \\u escape). Nothing was run.",
    ]);
    assert.equal(
      await refused(workspace, "run_shell", { command: "ls", cwd: "no/such" }),
      "There is no folder no/such to run in. Nothing was run. Leave cwd out to run in the workspace folder.",
    );
  });

  it("asks about a folder outside before it tells whether it is there", async () => {
    const { workspace, outer } = folder();
    const planned = await plan(workspace, "run_shell", { command: "ls", cwd: "../missing" });
    assert.deepEqual(planned.effect, { kind: "run", command: "ls", cwd: path.join(outer, "missing"), inside: false });
    const output = await planned.run(runContext());
    assert.equal(output.summary, "no such folder");
  });

  it("gives commands no secret and no start files, and no program that waits for a person", async () => {
    process.env.MY_MODEL_KEY = "canary-1";
    process.env.ANTHROPIC_API_KEY = "canary-2";
    process.env.DISPATCH_TEST_SECRET = "canary-3";
    process.env.BASH_ENV = path.join(folder().root, "start.sh");
    folder().put("start.sh", "echo canary-4\n");
    try {
      const { text } = await run("env; cat; git --version >/dev/null && git config core.pager || true");
      assert.doesNotMatch(text, /canary|BASH_ENV/);
      assert.match(text, /^TERM=dumb$/m);
      assert.match(text, /^GIT_TERMINAL_PROMPT=0$/m);
      assert.match(text, /^PATH=/m);
    } finally {
      for (const name of ["MY_MODEL_KEY", "ANTHROPIC_API_KEY", "DISPATCH_TEST_SECRET", "BASH_ENV"])
        delete process.env[name];
    }
    const names = Object.keys(
      environmentFor(
        {
          my_model_key: "1",
          VSCODE_IPC_HOOK: "1",
          ELECTRON_RUN_AS_NODE: "1",
          Anthropic_Auth_Token: "1",
          CDPATH: "/",
          PWD: "/",
          BASH_ENV: "x",
          HOME: "/h",
        },
        ["MY_MODEL_KEY"],
      ),
    );
    assert.deepEqual(names, [
      "HOME",
      "GIT_TERMINAL_PROMPT",
      "GIT_OPTIONAL_LOCKS",
      "PAGER",
      "GIT_PAGER",
      "TERM",
      "npm_config_update_notifier",
      "npm_config_logs_max",
    ]);
  });

  it("stops everything on a timeout", async () => {
    const output = await run(`${family()}; sleep 300`, { timeout_seconds: 3 });
    assert.match(output.text, /^started\n\[stopped after 3 seconds, with everything that it had started\./);
    assert.deepEqual([output.isError, output.summary], [true, "timeout 3 s"]);
    assertNoSurvivor();
  });

  it("stops everything when the person stops, also what ignores the first signal", async () => {
    const stop = new AbortController();
    const output = await run(`trap '' TERM; ${family()}; while true; do sleep 1; done`, {}, stop.signal, () =>
      stop.abort(),
    );
    assert.match(output.text, /^started\n\[stopped after \d\.\d seconds, with everything that it had started\]$/);
    assert.equal(output.summary, "stopped");
    assertNoSurvivor();
  });

  it("does not start at all after a stop", async () => {
    const output = await run("touch ran", {}, AbortSignal.abort());
    assert.deepEqual([output.summary, existsSync(path.join(folder().root, "ran"))], ["stopped", false]);
  });

  it("does not wait for a background process that holds the pipe, and ends it", async () => {
    const output = await run(`${family()}; exit 4`);
    assert.equal(
      output.text,
      "started\n[Background processes that the command had left running were ended.]\n[exit code 4]",
    );
    assertNoSurvivor();
  });

  it("waits for the last words of a child that ends by itself", async () => {
    assert.equal((await run("(sleep 0.05; echo late) & echo early")).text, "early\nlate\n[exit code 0]");
  });

  it("bounds 50 MB of output, keeps both ends and counts the rest", async () => {
    let seen = 0;
    const output = await run(
      "echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last",
      {},
      undefined,
      (text) => {
        seen += text.length;
      },
    );
    const dropped = Number(/\[\.\.\. (\d+) bytes were dropped here to bound memory \.\.\.\]/.exec(output.text)?.[1]);
    assert.equal(seen, 50_000_012);
    assert.equal(dropped, 50_000_012 - 1_024 * 1_024);
    assert.ok(output.text.startsWith("first\nxxx") && output.text.endsWith("xxx\nlast\n[exit code 0]"));
    const forModel = truncateForModel(output.text);
    assert.ok(forModel.length <= 10_000 && forModel.endsWith("xxx\nlast\n[exit code 0]"));
  });

  it("says when the shell can't be started", async () => {
    const { workspace, root } = folder();
    mkdirSync(path.join(root, "gone"));
    const planned = await plan(workspace, "run_shell", { command: "true", cwd: "gone" });
    const { rmdirSync } = await import("node:fs");
    rmdirSync(path.join(root, "gone"));
    const output = await planned.run(runContext());
    assert.match(output.text, /^\[the command could not be started: /);
    assert.ok(output.isError);
  });

  /** Children and grandchildren in the same group, one of which ignores SIGTERM; their ids go to a file. */
  function family(): string {
    return "touch pids; (trap '' TERM; echo $BASHPID >> pids; sleep 300 & echo $! >> pids; wait) & sh -c 'echo $$ >> pids; sleep 300' & until [ $(wc -l < pids) -eq 3 ]; do sleep 0.02; done; echo started";
  }

  function assertNoSurvivor(): void {
    const ids = readFileSync(path.join(folder().root, "pids"), "utf8").trim().split("\n").map(Number);
    assert.equal(ids.length, 3);
    assert.deepEqual(ids.filter(isRunning), []);
  }

  function isRunning(id: number): boolean {
    try {
      process.kill(id, 0);
    } catch {
      return false;
    }
    // Ended but not collected by its parent: gone for all that matters.
    return !/\) [ZX] /.test(readFileSync(`/proc/${id}/stat`, "utf8"));
  }
});
