/** The rules of `dispatch.permissions` in a real session: what they allow, ask and deny, and when a change counts. */
import assert from "node:assert/strict";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import type { PermissionSettings } from "../../src/agent/rules";
import type { ApprovalCard } from "../../src/chunks/protocol";
import { type Permission, parsePermissions } from "../../src/models/settings-permissions";
import { allTools, commandTools } from "../../src/tools";
import type { Diagnostics, Problem } from "../../src/tools/types";
import type { Scenario } from "../simulator/scenario";
import { type Agent, type AgentOptions, withAgent } from "../support/agent";
import { call, text } from "../support/script";

const world = { tools: allTools.map(({ name }) => name), commandTools, home: "/home/ann" };
const none = { rules: [] };

/** Each message is a turn with one call. */
const script = (...calls: readonly ReturnType<typeof call>[]): Scenario => ({
  turns: calls.map((one, at) => ({
    match: new RegExp(`^go ${at}$`, "m"),
    steps: [{ blocks: [one] }, { blocks: [text("Done.")] }],
  })),
});

async function withRules(
  scenario: Scenario,
  use: (
    agent: Agent,
    rules: (change: Partial<PermissionSettings>) => void,
    cards: readonly ApprovalCard[],
  ) => Promise<void>,
): Promise<void> {
  let settings: PermissionSettings = { user: none, workspace: none };
  const cards: ApprovalCard[] = [];
  const options: Partial<AgentOptions> = {
    surroundings: (own) => ({ ...own, permissions: () => settings }),
    answer(card) {
      cards.push(card);
      return { kind: "allow_once" };
    },
  };
  await withAgent(scenario, options, (agent) =>
    use(
      agent,
      (change) => {
        settings = { ...settings, ...change };
        agent.session.refresh();
      },
      cards,
    ),
  );
}

const rules = (...list: readonly Permission[]) => ({ rules: list });

/** A language service that finds fault with a file, and with another one that uses it. */
function judge(root: string): Diagnostics {
  const problem = (shown: string, message: string): Problem => {
    const file = path.join(root, shown);
    return { path: shown, file, real: file, line: 1, column: 1, severity: "error", message };
  };
  const all = () =>
    existsSync(path.join(root, "src/b.js"))
      ? [problem("src/b.js", "bad"), problem("secret/keys.js", "the password is 1234")]
      : [];
  return {
    list: (place) => all().filter(({ file }) => file === place || file.startsWith(`${place}${path.sep}`)),
    look: async () => true,
    watch: () => ({ wait: async () => true, dispose() {} }),
  };
}

async function lastResult(agent: Agent) {
  const row = (await agent.rows()).findLast((one) => one.type === "tool_result");
  assert.ok(row?.type === "tool_result");
  return { text: row.data.text, outcome: row.data.outcome, decision: row.data.decision };
}

describe("rules in a session", () => {
  it("count from the next call on, and a denial tells the model the rule and why", async () => {
    const touch = call("run_shell", { command: "env printf made" });
    await withRules(script(touch, touch, touch), async (agent, change, cards) => {
      await agent.send("go 0");
      assert.equal(cards.length, 1);
      change({ user: rules({ action: "allow", command: "env printf made" }) });
      await agent.send("go 1");
      assert.deepEqual(await lastResult(agent), {
        text: "made\n[exit code 0]",
        outcome: "done",
        decision: { by: "rule", rule: "allow: env printf made", effect: "allow", from: "user" },
      });
      change({ workspace: rules({ action: "deny", command: "env printf *", reason: "We use echo." }) });
      await agent.send("go 2");
      assert.deepEqual(await lastResult(agent), {
        text: 'Not allowed by the rule "deny: env printf *". The reason: We use echo.\nIt was not run. Do not try to get the same effect another way; go on without it, or say what you need.',
        outcome: "denied",
        decision: { by: "rule", rule: "deny: env printf *", effect: "deny", from: "workspace" },
      });
      assert.equal(cards.length, 1);
      const approvals = await agent.store.approvals(agent.tab());
      assert.deepEqual(
        approvals.map(({ decision, scope }) => [decision, scope]),
        [
          [{ by: "person", effect: "allow_once" }, "once"],
          [{ by: "rule", rule: "allow: env printf made", effect: "allow", from: "user" }, "allow: env printf made"],
          [{ by: "rule", rule: "deny: env printf *", effect: "deny", from: "workspace" }, "deny: env printf *"],
        ],
      );
    });
  });

  it("that deny count for a path with links in it, as its writer sees it", async () => {
    const read = call("read_file", { path: "src/a.js" });
    const shell = call("run_shell", { command: "cat src/a.js" });
    await withRules(script(read, shell, read), async (agent, change) => {
      const alias = `${agent.root}-alias`;
      symlinkSync(agent.root, alias);
      const outcomes: unknown[] = [];
      for (const [at, glob] of [`${alias}/src/**`, `${alias}/src/a.js`, `${alias}/s*`].entries()) {
        change({ user: rules({ action: "deny", path: glob }) });
        await agent.send(`go ${at}`);
        const row = (await agent.rows()).findLast((one) => one.type === "tool_result");
        outcomes.push(row?.type === "tool_result" ? row.data.outcome : undefined);
      }
      rmSync(alias);
      assert.deepEqual(outcomes, ["denied", "denied", "done"]);
    });
  });

  it("that withhold a file withhold what an edit that does not fit would tell of it", async () => {
    const guess = (path: string) =>
      call("edit_file", { path, edits: [{ old_text: "export const a = 2;", new_text: "x" }] });
    const same = call("write_file", { path: "src/a.js", content: "export const a = 1;\n" });
    const script3 = script(guess("src/a.js"), same, guess("src/a.js"), guess("linked.js"));
    await withRules(script3, async (agent, change, cards) => {
      symlinkSync("src/a.js", path.join(agent.root, "linked.js"));
      const results: unknown[] = [];
      const go = async (at: number) => {
        await agent.send(`go ${at}`);
        const result = await lastResult(agent);
        results.push(JSON.stringify(result).includes("a = 1") ? "told" : result);
      };
      const withheld = {
        text: "Nothing was changed: the call does not fit the file as it is. A rule of the person's withholds what is in it, so more is not told. Read it with read_file first, where they allow that.",
        outcome: "error",
        decision: undefined,
      };
      await go(0);
      change({ user: rules({ action: "deny", path: "src/**" }) });
      await go(1);
      change({ user: rules({ action: "ask", tool: "read_file", path: "src/**" }) });
      await go(2);
      change({ workspace: rules({ action: "deny", path: "linked.js" }), user: rules() });
      await go(3);
      assert.deepEqual([results, cards], [["told", withheld, withheld, withheld], []]);
    });
  });

  it("of a folder allow nothing, which a line says; those that ask count", async () => {
    const write = call("write_file", { path: "src/b.js", content: "b\n" });
    const read = call("read_file", { path: "src/a.js" });
    await withRules(script(write, read), async (agent, change, cards) => {
      change({
        workspace: rules(
          { action: "allow", path: "src/**" },
          { action: "ask", path: "src/*.js", reason: "Look at what it reads." },
        ),
      });
      await agent.until(({ setup }) => setup?.banners.length === 1);
      assert.deepEqual(agent.state().setup?.banners, [
        {
          id: "permissions-ignored",
          severity: "warning",
          message:
            "The settings of this folder have a rule that allows something; it is ignored: a folder may only forbid and ask. What you want to allow, write in your own settings.",
          action: { label: "Open settings", command: "open-settings" },
          dismissible: true,
        },
      ]);
      await agent.send("go 0");
      await agent.send("go 1");
      assert.deepEqual(
        cards.map(({ title, risk, tabScope }) => [title, risk, tabScope]),
        [
          [
            "Create this file?",
            'Changes a file in the workspace. Asked because of the rule "ask: src/*.js". Look at what it reads.',
            undefined,
          ],
          [
            "Read this file?",
            'Reads from the workspace and sends it to the model. Asked because of the rule "ask: src/*.js". Look at what it reads.',
            undefined,
          ],
        ],
      );
    });
  });

  it("withhold a file also where another tool would tell of it: the problems that an edit has made there", async () => {
    const secret = { action: "deny", path: "secret/**" } as const;
    const calls = [
      call("write_file", { path: "src/b.js", content: "bad\n" }),
      call("diagnostics", {}),
      call("diagnostics", { path: "secret/keys.js" }),
    ];
    let settings: PermissionSettings = {
      user: rules({ action: "allow", tool: "write_file" }, secret, {
        action: "ask",
        path: "src/b.js",
        tool: "edit_file",
      }),
      workspace: none,
    };
    const surroundings: AgentOptions["surroundings"] = (own) => ({
      ...own,
      permissions: () => settings,
      ...(own.workspace === undefined
        ? {}
        : { workspace: { ...own.workspace, diagnostics: judge(own.workspace.root) } }),
    });
    await withAgent(
      script(...calls, ...calls),
      { surroundings, answer: () => ({ kind: "allow_once" }) },
      async (agent) => {
        const said = [];
        for (const at of calls.keys()) {
          await agent.send(`go ${at}`);
          said.push(await lastResult(agent));
        }
        assert.deepEqual(
          said.map((one) => one.text),
          [
            "Created src/b.js (+1 −0 lines).\nNew since this edit, by VS Code's language services:\nsrc/b.js:1:1 error: bad\n[1 left out: a rule of the person withholds its file]",
            "[the workspace: 1 error]\nsrc/b.js:1:1 error: bad\n[1 left out: a rule of the person withholds its file]",
            'Not allowed by the rule "deny: secret/**".\nIt was not run. Do not try to get the same effect another way; go on without it, or say what you need.',
          ],
        );
        settings = { user: rules({ action: "ask", path: "secret/**" }), workspace: none };
        agent.session.refresh();
        await agent.send("go 4");
        assert.match((await lastResult(agent)).text, /\[1 left out: a rule of the person withholds its file\]$/);
        await agent.send("go 5");
        assert.match(
          (await lastResult(agent)).text,
          /^\[secret\/keys\.js: 1 error\]\nsecret\/keys\.js:1:1 error: the password is 1234$/,
        );
      },
    );
  });

  it("are listed with whose they are and what they have decided; what was allowed in the tab is taken back", async () => {
    const [made, wide] = [call("run_shell", { command: "touch a" }), call("run_shell", { command: "touch b" })];
    const settings = {
      user: rules(
        { action: "deny", command: "touch a", reason: "Not a." },
        { action: "allow", command: "npm test" },
        { action: "allow", command: "make -C lib *", reason: "The library." },
        { action: "deny", command: "make install" },
        { action: "allow", command: "git log *" },
      ),
      workspace: rules({ action: "allow", path: "src/**" }, { action: "ask", tool: "list_files" }),
    };
    const options: Partial<AgentOptions> = {
      surroundings: (own) => ({ ...own, permissions: () => settings }),
      answer: (card) => ({ kind: card.tabScope === undefined ? "allow_once" : "allow_tab" }),
    };
    await withAgent(script(made, wide, wide, call("list_files", {})), options, async (agent) => {
      for (const at of [0, 1, 2, 3]) await agent.send(`go ${at}`);
      const lines = await agent.session.rules();
      assert.deepEqual(
        lines
          .filter(({ group }) => group !== "built-in")
          .map(({ group, words, note, count }) => [group, words.replace(agent.root, "ROOT"), note, count]),
        [
          ["user", "deny: touch a", "Not a.", 1],
          [
            "user",
            "allow: npm test",
            "Counts also after a change of the scripts in package.json; a rule that Always allow … makes ends with such a change.",
            0,
          ],
          [
            "user",
            "allow: make -C lib *",
            "The library. Counts also after a change of what it runs; a rule that Always allow … makes ends with such a change.",
            0,
          ],
          ["user", "deny: make install", undefined, 0],
          ["user", "allow: git log *", undefined, 0],
          ["workspace", "allow: src/**", "Ignored: a folder may only forbid and ask.", 0],
          ["workspace", "ask: list_files", undefined, 1],
          ["tab", "this exact command in ROOT", undefined, 1],
          ["mode", "Ask", lines.find(({ group }) => group === "mode")?.note, 0],
        ],
      );
      assert.deepEqual(
        lines.filter(({ group }) => group === "built-in").map(({ words }) => words),
        ["read-inside-workspace", "reading-table", "own-background-command", "no-effect"],
      );
      const grant = lines.find(({ group }) => group === "tab");
      assert.ok(grant);
      await agent.session.removeRule(grant);
      assert.deepEqual(
        (await agent.session.rules()).filter(({ group }) => group === "tab"),
        [],
      );
    });
  });

  it("that are broken are said, and leave what counted in force", async () => {
    const made = call("run_shell", { command: "env printf made" });
    await withRules(script(made), async (agent, change, cards) => {
      const good = parsePermissions([{ action: "allow", command: "env printf made" }], world);
      const user = parsePermissions([{ action: "allow", command: "ls *" }, { action: "alow" }], world, good);
      change({ user });
      await agent.until(({ setup }) => setup?.banners.length === 1);
      assert.equal(
        agent.state().setup?.banners[0]?.message,
        'Your permissions are not as they should be. What was allowed before still is, nothing new is; what they deny or ask counts. dispatch.permissions[1].action is "alow"; write "allow", "ask" or "deny".',
      );
      await agent.send("go 0");
      assert.equal(cards.length, 0);
    });
  });
});
