import assert from "node:assert/strict";
import { decide, type Grant, type Verdict } from "../../src/approvals/decide";
import { approvalKey } from "../../src/approvals/key";
import type { Effect } from "../../src/chunks/effect";
import { noRules } from "../support/policy";

const SANDBOX = "Runs on your machine with your rights, outside any sandbox.";
const read = (path: string, inside = true): Effect => ({ kind: "read", path, inside });
const write = (path: string, inside = true, guarded?: string): Effect =>
  guarded === undefined ? { kind: "write", path, inside } : { kind: "write", path, inside, guarded };
const run = (command: string, cwd = "/w", inside = true): Effect => ({ kind: "run", command, cwd, inside });

describe("decide", () => {
  const verdict = (effect: Effect, grants: readonly Grant[] = []): Verdict =>
    decide({ effect, tool: "t", grants, policy: noRules });
  const inWords = (one: Verdict): string =>
    one.kind === "ask" ? `ask: ${one.risk} / ${one.tabScope ?? "-"}` : `${one.kind}: ${one.rule}`;

  it("allows reading inside the workspace and asks everything else", () => {
    const effects = [
      read("/w/a"),
      read("/w"),
      read("/etc/hosts", false),
      write("/w/a"),
      write("/w/.git/config", true, "It belongs to git's own files."),
      write("/x", false),
      write("/x/.bashrc", false, "It runs whenever a shell starts."),
      run("ls"),
      run("ls", "/x", false),
    ];
    assert.deepEqual(
      effects.map((effect) => inWords(verdict(effect))),
      [
        "allow: read-inside-workspace",
        "allow: read-inside-workspace",
        "ask: Reads outside the workspace and sends it to the model. / Reading exactly this path",
        "ask: Changes a file in the workspace. / All further edits to this file",
        "ask: It belongs to git's own files. / -",
        "ask: Writes outside the workspace. / -",
        "ask: Writes outside the workspace. It runs whenever a shell starts. / -",
        `ask: ${SANDBOX} / Exactly this command, in this folder`,
        `ask: Starts outside the workspace. ${SANDBOX} / Exactly this command, in this folder`,
      ],
    );
  });

  it("lets a grant cover exactly what was granted", () => {
    const granted = [run("npm test"), write("/w/a"), read("/etc/hosts", false)];
    const grants = granted.map((effect) => {
      const one = verdict(effect);
      assert.ok(one.kind === "ask" && one.grant);
      return one.grant;
    });
    const effects = [
      ...granted,
      run("npm test "),
      run("npm test", "/w/sub"),
      run("npm  test"),
      write("/w/A"),
      write("/w/a/b"),
      write("/w/a", true, "guarded now"),
      write("/w/a", false),
      read("/etc/hosts2", false),
      read("/etc", false),
      write("/etc/hosts", false),
      run("/w/a"),
    ];
    assert.deepEqual(
      effects.map((effect) => inWords(verdict(effect, grants)).replace(/ask.*/, "ask")),
      [
        "allow: allowed in this tab: this exact command in /w",
        "allow: allowed in this tab: edits to /w/a",
        "allow: allowed in this tab: reading /etc/hosts",
        ...Array.from({ length: 11 }, () => "ask"),
      ],
    );
  });

  it("asks what goes to the network, by host and tool, and always on the own network; what does nothing is allowed", () => {
    const net = (host: string, isPrivate = false): Effect => {
      const url = `https://${host}/x`;
      return { kind: "net", url, host, private: isPrivate, why: "Fetches it." };
    };
    const first = verdict(net("a.example"));
    assert.ok(first.kind === "ask" && first.grant);
    const grants = [first.grant];
    assert.deepEqual(
      [
        inWords(first),
        inWords(verdict(net("10.0.0.1", true))),
        inWords(verdict({ kind: "none" })),
        inWords(verdict(net("a.example"), grants)),
        ...["a.example.evil", "b.a.example", "a.example:8443", "A.example"].map(
          (host) => verdict(net(host), grants).kind,
        ),
        verdict(net("a.example", true), grants).kind,
        decide({ effect: net("a.example"), tool: "other", grants, policy: noRules }).kind,
      ],
      [
        "ask: Fetches it. / All further calls of t to a.example",
        "ask: This address is on your machine or in its own network, where there may be services that trust whoever can reach them. Fetches it. / -",
        "allow: no-effect",
        "allow: allowed in this tab: t at a.example",
        ...Array.from({ length: 6 }, () => "ask"),
      ],
    );
  });

  it("asks when it fails", () => {
    const broken = Object.defineProperty({ ...read("/w/a") }, "kind", { get: () => assert.fail("broken") });
    assert.deepEqual(verdict(broken), { kind: "ask", risk: "Dispatch could not work out what t would do here." });
  });

  it("names what is risky about a command", () => {
    const commands = [
      "ls -la",
      "rm -rf build",
      "git clean -fd",
      "cd x && rm y",
      "echo harm",
      "cat rm.txt",
      "curl https://a.example",
      "npm install left-pad",
      "npm ci",
      "npm run build",
      "git push --force",
      "sudo apt-get install x",
      "pkill node",
      "find . -name x -delete",
      "ssh host 'rm x'",
      "(wget x)",
      "chmod +x a",
    ];
    const hints = commands.map((command) => {
      const one = verdict(run(command));
      return one.kind === "ask" ? `${command}: ${one.risk.replace(SANDBOX, "").trim()}` : "";
    });
    assert.deepEqual(hints, [
      "ls -la: ",
      "rm -rf build: May delete files or discard changes.",
      "git clean -fd: May delete files or discard changes.",
      "cd x && rm y: May delete files or discard changes.",
      "echo harm: ",
      "cat rm.txt: ",
      "curl https://a.example: Reaches the network.",
      "npm install left-pad: Reaches the network.",
      "npm ci: Reaches the network.",
      "npm run build: ",
      "git push --force: Reaches the network, changes the repository.",
      "sudo apt-get install x: Reaches the network, asks for administrator rights.",
      "pkill node: Stops processes.",
      "find . -name x -delete: May delete files or discard changes.",
      "ssh host 'rm x': May delete files or discard changes, reaches the network.",
      "(wget x): Reaches the network.",
      "chmod +x a: Changes permissions.",
    ]);
  });

  it("takes no long time over a long command", () => {
    for (const unit of ["npm ", "git a ", "rm", " -x", "find . "]) {
      assert.equal(verdict(run(unit.repeat(16_000 / unit.length))).kind, "ask");
    }
  });
});

describe("approvalKey", () => {
  it("differs whenever anything differs that the person relied on", () => {
    const keys = [
      approvalKey("run_shell", "c1", '{"command":"ls"}', run("ls")),
      approvalKey("run_shell", "c2", '{"command":"ls"}', run("ls")),
      approvalKey("run_shell", "c1", '{"command": "ls"}', run("ls")),
      approvalKey("run_shell", "c1", '{"command":"ls"}', run("ls", "/w/sub")),
      approvalKey("run_shell", "c1", '{"command":"ls"}', run("ls", "/w", false)),
      approvalKey("run_shell", "c1", '{"command":"ls"}', {
        kind: "run",
        command: "ls",
        cwd: "/w",
        inside: true,
        background: true,
      }),
      ...(["in", "out"] as const).map((sandbox) =>
        approvalKey("run_shell", "c1", '{"command":"ls"}', {
          kind: "run",
          command: "ls",
          cwd: "/w",
          inside: true,
          sandbox,
        }),
      ),
      approvalKey("job_stop", "c1", "{}", { kind: "job", act: "stop", id: "j1" }),
      approvalKey("job_stop", "c1", "{}", { kind: "job", act: "stop", id: "j2" }),
      approvalKey("other", "c1", '{"command":"ls"}', run("ls")),
      approvalKey("write_file", "c1", "{}", write("/w/a")),
      approvalKey("write_file", "c1", "{}", write("/w/a", true, "why")),
      approvalKey("write_file", "c1", "{}", write("/w/b")),
      approvalKey("write_file", "c1", "{}", read("/w/b")),
    ];
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keys[0], '["approval-1","run_shell","c1","{\\"command\\":\\"ls\\"}","run","ls","/w",true,false]');
  });
});
