/** *Always allow …* in a real session: what it saves, where, what it then allows, and when it ends. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Surroundings } from "../../src/agent/types";
import type { AlwaysChoice, ApprovalAnswer, ApprovalCard } from "../../src/chunks/approval-card";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { call, text } from "../support/script";

type Call = ReturnType<typeof call>;
const run = (command: string, more: Readonly<Record<string, unknown>> = {}): Call =>
  call("run_shell", { command, ...more });
const manifest = (test: string): string => JSON.stringify({ name: "x", scripts: { test, build: "true" } });

/** Answers every question with a choice of *Always allow …*, by its id; once when it is not offered. */
const always =
  (id: string) =>
  (card: ApprovalCard): ApprovalAnswer => {
    const choice = card.always?.find((one) => one.id === id);
    return choice === undefined ? { kind: "allow_once" } : { kind: "allow_always", choice: choice.id };
  };

type Desk = {
  readonly agent: Agent;
  /** One turn with this call. @returns who decided. */
  readonly does: (one: Call) => Promise<unknown>;
  readonly cards: readonly ApprovalCard[];
  readonly root: string;
  /** As an orderly end of VS Code and its next start. */
  readonly restart: () => Promise<void>;
};

async function withDesk(
  answer: (card: ApprovalCard) => ApprovalAnswer,
  use: (desk: Desk) => Promise<void>,
  change: (own: Surroundings) => Surroundings = (own) => own,
): Promise<void> {
  const folders = tempFolders({ "package.json": manifest("true"), "src/a.js": "a\n" });
  let next: Call = run("true");
  const step = {
    get blocks() {
      return [next];
    },
  };
  const turns = [{ match: /^go$/m, steps: [step, { blocks: [text("Done.")] }] }];
  const simulator = await startSimulator({ scenario: { turns } });
  const cards: ApprovalCard[] = [];
  const start = () =>
    startAgent({
      simulator,
      ...folders,
      surroundings: change,
      answer(card) {
        cards.push(card);
        return answer(card);
      },
    });
  let agent = await start();
  try {
    await use({
      get agent() {
        return agent;
      },
      cards,
      root: folders.root,
      async does(one) {
        next = one;
        await agent.send("go");
        const row = (await agent.rows()).findLast(({ type }) => type === "tool_result");
        return row?.type === "tool_result" ? row.data.decision : undefined;
      },
      async restart() {
        await agent.close();
        agent = await start();
      },
    });
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

const byPerson = (rule: string) => ({ by: "person", effect: "allow_always", rule });
const byRule = (rule: string) => ({ by: "rule", rule, effect: "allow", from: "always" });
const once = { by: "person", effect: "allow_once" };

describe("always allow in a session", () => {
  it("is asked once, counts in every chat and after a restart, and for nothing else", async () => {
    await withDesk(always("this-folder"), async ({ agent, does, cards, restart }) => {
      const rule = "allow: exactly printf hi > x in the workspace folder";
      const command = run("printf hi > x");
      assert.deepEqual(await does(command), byPerson(rule));
      assert.deepEqual(await does(command), byRule(rule));
      const first = agent.tab();
      agent.say({ type: "newTab" });
      await agent.until((state) => state.active !== first && state.views.has(state.active));
      assert.deepEqual(await does(command), byRule(rule));
      await restart();
      assert.deepEqual(await does(command), byRule(rule));
      assert.deepEqual(cards.length, 1);
      assert.deepEqual(
        await does(run("printf hi > x", { cwd: "src" })),
        byPerson("allow: exactly printf hi > x in src"),
      );
      assert.deepEqual(
        await does(run("printf hi > y")),
        byPerson("allow: exactly printf hi > y in the workspace folder"),
      );
    });
  });

  it("of a script of package.json ends when the scripts change, and not when something else there does", async () => {
    await withDesk(always("this-folder"), async ({ does, cards, root }) => {
      const rule = "allow: npm test in the workspace folder";
      const [command, file] = [run("npm test"), path.join(root, "package.json")];
      assert.deepEqual(await does(command), byPerson(rule));
      assert.equal(
        cards[0]?.always?.[0]?.words,
        "Exactly this command in the workspace folder. Also in one line with other allowed commands. Asked again when the scripts in package.json have changed.",
      );
      writeFileSync(file, JSON.stringify({ ...JSON.parse(manifest("true")), version: "2.0.0" }));
      assert.deepEqual(await does(command), byRule(rule));
      writeFileSync(file, manifest("printf evil"));
      assert.deepEqual(await does(command), byPerson(rule));
      assert.deepEqual(await does(command), byRule(rule));
      writeFileSync(file, manifest("printf worse"));
      writeFileSync(path.join(root, "src/package.json"), manifest("printf evil"));
      assert.deepEqual(await does(run("npm test", { cwd: "src" })), byPerson("allow: npm test in src"));
      assert.equal(cards.length, 3);
      writeFileSync(file, manifest("printf evil"));
      assert.deepEqual(await does(command), byRule(rule));
      assert.deepEqual(await does(run("cd src && npm test")), once);
    });
  });

  it("in this tab ends with a change of what it runs too, and says so", async () => {
    await withDesk(
      () => ({ kind: "allow_tab" }),
      async ({ does, cards, root }) => {
        const [command, file] = [run("./b.sh"), path.join(root, "b.sh")];
        const byPerson = { by: "person", effect: "allow_tab" };
        const byTab = {
          ...{ by: "rule", effect: "allow", from: "tab" },
          rule: `allowed in this tab: this exact command in ${root}`,
        };
        assert.deepEqual(await does(command), byPerson);
        assert.deepEqual(await does(command), byTab);
        writeFileSync(file, "#!/bin/sh\nprintf one\n", { mode: 0o755 });
        assert.deepEqual(await does(command), byPerson);
        assert.deepEqual(await does(command), byTab);
        writeFileSync(file, "#!/bin/sh\nprintf two\n", { mode: 0o755 });
        assert.deepEqual(await does(command), byPerson);
        writeFileSync(file, "\0\u0001", { mode: 0o755 }); // no text, so a change of it would not be seen
        assert.deepEqual(await does(command), byPerson);
        assert.deepEqual(await does(command), byPerson);
        assert.deepEqual(
          cards.map(({ tabScope }) => tabScope),
          Array(5).fill("Exactly this command, in this folder. Asked again when ./b.sh has changed."),
        );
      },
    );
  });

  it("of a script that is called by its path ends when that changes; without the file it is not offered", async () => {
    await withDesk(always("this-folder"), async ({ does, cards, root }) => {
      const file = path.join(root, "b.sh");
      writeFileSync(file, "true\n");
      const rule = "allow: bash b.sh in the workspace folder";
      assert.deepEqual(await does(run("bash b.sh")), byPerson(rule));
      assert.deepEqual(await does(run("bash b.sh")), byRule(rule));
      writeFileSync(file, "rm -rf x\n");
      assert.deepEqual(await does(run("bash b.sh")), byPerson(rule));
      assert.deepEqual(await does(run("bash c.sh")), once);
      assert.deepEqual(cards.at(-1)?.always, undefined);
    });
  });

  it("of a folder allows files in it, and still asks for what is asked each time", async () => {
    await withDesk(always("all-folder"), async ({ does, cards }) => {
      const write = (name: string) => call("write_file", { path: name, content: `${cards.length}\n` });
      assert.deepEqual(await does(write("src/b.js")), byPerson("allow: src/**"));
      assert.deepEqual(await does(write("src/deep/c.js")), byRule("allow: src/**"));
      assert.deepEqual(await does(write("src/.env")), once);
      assert.deepEqual(await does(write("d.js")), once);
      assert.deepEqual(
        cards.map(({ always: offered }) => offered?.map(({ matches }) => matches)),
        [["src/b.js", "src/**"], undefined, ["d.js"]],
      );
    });
  });

  it("for every folder is written to the person's settings; when that fails, the call is allowed once and the chat says so", async () => {
    const outside = tempFolders({ "o.txt": "o\n" });
    const file = path.join(outside.root, "o.txt");
    const saved: unknown[] = [];
    const savePermission = async (permission: unknown): Promise<void> => {
      if (saved.length > 0) throw new Error("The settings file has unsaved changes.");
      saved.push(permission);
    };
    await withDesk(
      always("this-user"),
      async ({ agent, does }) => {
        const read = call("read_file", { path: file });
        assert.deepEqual(await does(read), byPerson(`allow: read_file ${file}`));
        assert.deepEqual(saved, [{ action: "allow", tool: "read_file", path: file }]);
        assert.deepEqual(await does(read), once); // this desk's settings don't take it in
        const notices = (await agent.rows()).flatMap((row) => (row.type === "system" ? [row.data.text] : []));
        assert.deepEqual(notices, [
          `The rule "allow: read_file ${file}" was not saved in your settings, so this was allowed once: The settings file has unsaved changes.`,
        ]);
      },
      (own) => ({ ...own, savePermission }),
    );
    outside.remove();
  });

  it("is listed with what it has decided, and asked again when it is taken back", async () => {
    await withDesk(always("this-folder"), async ({ agent, does, cards }) => {
      const [command, rule] = [run("touch hi"), "allow: touch hi in the workspace folder"];
      await does(command);
      await does(command);
      const line = (await agent.session.rules()).find(({ group }) => group === "always");
      assert.ok(line);
      assert.deepEqual([line.words, line.note, line.count], [rule, undefined, 2]);
      assert.deepEqual(
        line.last.map(({ tab, title, tool, decision }) => [tab === agent.tab(), title, tool, decision]),
        [
          [true, "go", "run_shell", byRule(rule)],
          [true, "go", "run_shell", byPerson(rule)],
        ],
      );
      await agent.session.removeRule(line);
      assert.deepEqual(
        (await agent.session.rules()).filter(({ group }) => group === "always"),
        [],
      );
      assert.deepEqual(await does(command), byPerson(rule));
      assert.equal(cards.length, 2);
    });
  });

  it("takes an answer that names no choice of the card as once", async () => {
    await withDesk(
      () => ({ kind: "allow_always", choice: "everything" }),
      async ({ agent, does }) => {
        assert.deepEqual(await does(run("touch hi")), once);
        const settings = await agent.store.settings();
        assert.deepEqual(
          Object.keys(settings).filter((key) => key.startsWith("rule:")),
          [],
        );
      },
    );
  });

  it("allows nothing by what stands damaged in the log", async () => {
    const offered: (readonly AlwaysChoice[] | undefined)[] = [];
    await withDesk(
      (card) => {
        offered.push(card.always);
        return { kind: "allow_once" };
      },
      async ({ agent, does }) => {
        const values = [
          "{",
          "7",
          '{"action":"deny","command":"touch hi"}',
          '{"action":"allow","command":7}',
          '{"action":"allow","command":"touch hi","bound":[{}]}',
          '{"action":"allow","command":"touch hi","bound":{}}',
          "",
        ];
        const ops = values.map((value, at) => ({ op: "setting", key: `rule:${at}`, value }) as const);
        await agent.store.write(ops);
        assert.deepEqual(await does(run("touch hi")), once);
        assert.equal(offered.length, 1);
      },
    );
  });
});
