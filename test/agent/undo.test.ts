/** Edits that a person undoes and redoes from the log: what becomes of the files, what the log, the views and the model are told. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ChangedFile } from "../../src/chunks/protocol";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";
import { allow, assertWire, lines, said } from "../support/jobs";
import { noUnhandledRejections } from "../support/loose-ends";
import { call } from "../support/script";

noUnhandledRejections();

const edit = (file: string, oldText: string, newText: string) =>
  call("edit_file", { path: file, edits: [{ old_text: oldText, new_text: newText }] });
const blocks = (...all: ReturnType<typeof call>[]) => ({ blocks: all });

/** A turn that edits one file twice, another once, and makes a third. */
const turn = {
  steps: [
    blocks(edit("a.txt", "one", "1"), edit("b.txt", "b", "B")),
    blocks(edit("a.txt", "five", "5"), call("write_file", { path: "new/c.txt", content: "c\n" })),
    said("Done."),
  ],
};
const files = { "a.txt": "one\ntwo\nthree\nfour\nfive\n", "b.txt": "b\n" };
const scenario: Scenario = { turns: [turn, { steps: [said("I see.")] }, { steps: [said("Still.")] }] };

const read = ({ root }: Agent, name: string) =>
  existsSync(path.join(root, name)) ? readFileSync(path.join(root, name), "utf8") : undefined;
const put = ({ root }: Agent, name: string, text: string) => writeFileSync(path.join(root, name), text);

const changed = (agent: Agent): readonly ChangedFile[] => agent.state().views.get(agent.tab())?.turns[0]?.files ?? [];
const callsOf = (agent: Agent, ...names: string[]) =>
  changed(agent).flatMap((file) => (names.length === 0 || names.includes(file.path) ? file.calls : []));
const states = (agent: Agent) =>
  changed(agent).map(({ path: name, created, added, removed, calls, undone }) =>
    [name, created ? "new" : "", `+${added} −${removed}`, `${undone.length} of ${calls.length} undone`].join(" "),
  );
const banner = (agent: Agent) => agent.state().setup?.banners.find(({ id }) => id === "warned")?.message;

/** Resolves when the act has an end: a row of its own, or a sentence. */
async function act(agent: Agent, type: "undoEdits" | "redoEdits", calls: readonly string[]): Promise<void> {
  agent.say({ type, tab: agent.tab(), calls });
  await agent.session.idle();
}

async function withTurn(
  use: (agent: Agent, simulator: Parameters<Parameters<typeof withAgent>[2]>[1]) => Promise<void>,
  options: Parameters<typeof withAgent>[1] = {},
): Promise<void> {
  await withAgent(scenario, { ...allow, ...options }, async (agent, simulator) => {
    for (const [name, text] of Object.entries(files)) put(agent, name, text);
    await agent.send("go");
    await use(agent, simulator);
  });
}

describe("undoing edits", () => {
  it("undoes and redoes a whole turn: files, new files, the row, the summary, and the model is told once", () =>
    withTurn(async (agent, simulator) => {
      assert.deepEqual(states(agent), [
        "a.txt  +2 −2 0 of 2 undone",
        "b.txt  +1 −1 0 of 1 undone",
        "new/c.txt new +1 −0 0 of 1 undone",
      ]);
      await act(agent, "undoEdits", callsOf(agent));
      assert.deepEqual(
        [read(agent, "a.txt"), read(agent, "b.txt"), read(agent, "new/c.txt")],
        [files["a.txt"], files["b.txt"], undefined],
      );
      assert.deepEqual(
        states(agent).map((line) => line.replace(/.* (\d of)/, "$1")),
        ["2 of 2 undone", "1 of 1 undone", "1 of 1 undone"],
      );
      await act(agent, "redoEdits", callsOf(agent, "a.txt", "new/c.txt"));
      assert.deepEqual(
        [read(agent, "a.txt"), read(agent, "b.txt"), read(agent, "new/c.txt"), banner(agent)],
        ["1\ntwo\nthree\nfour\n5\n", "b\n", "c\n", undefined],
      );
      await agent.send("and now?");
      await agent.send("and then?");
      assert.deepEqual(
        (await lines(agent)).slice(-7),
        [
          "undone: Undone: a.txt, b.txt, new/c.txt (deleted).",
          "redone: Redone: a.txt, new/c.txt (created again).",
          [
            "user: The person has undone edits of yours. Do not make these edits again unless the person asks for them. Read a file again before you change it.",
            "a.txt: 2 edits, which changed the file like this:\n- 1\n+ one\n  two\n… 1 unchanged line\n  four\n- 5\n+ five",
            "b.txt: 1 edit, which changed the file like this:\n- B\n+ b",
            "new/c.txt: 1 edit (deleted), which changed the file like this:\n- c",
            "",
            "The person has redone edits of yours. Read a file again before you change it.",
            "a.txt: 2 edits, which changed the file like this:\n- one\n+ 1\n  two\n… 1 unchanged line\n  four\n- five\n+ 5",
            "new/c.txt: 1 edit (created again), which changed the file like this:\n+ c",
          ].join("\n"),
          "user: and now?",
          "assistant: I see.",
          "user: and then?",
          "assistant: Still.",
        ].slice(-7),
      );
      assertWire(simulator);
    }));

  it("undoes one edit alone, and keeps what was changed since", () =>
    withTurn(async (agent) => {
      put(agent, "a.txt", "1\ntwo\nTHREE by hand\nfour\n5\n");
      const [first = ""] = callsOf(agent, "a.txt");
      await act(agent, "undoEdits", [first]);
      assert.equal(read(agent, "a.txt"), "one\ntwo\nTHREE by hand\nfour\n5\n");
      assert.equal(states(agent)[0], "a.txt  +2 −2 1 of 2 undone");
      await act(agent, "redoEdits", [first]);
      assert.equal(read(agent, "a.txt"), "1\ntwo\nTHREE by hand\nfour\n5\n");
      assert.deepEqual((await lines(agent)).slice(-2), [
        "undone: Undone: a.txt (what was changed since is kept).",
        "redone: Redone: a.txt (what was changed since is kept).",
      ]);
    }));

  it("writes nothing over what was changed at the same lines, says so and shows the diff; the other files are undone", async () => {
    const diffs: unknown[] = [];
    await withTurn(
      async (agent) => {
        put(agent, "a.txt", "by hand\ntwo\nthree\nfour\n5\n");
        put(agent, "new/c.txt", "c\nmore\n");
        await act(agent, "undoEdits", callsOf(agent));
        assert.deepEqual(
          [read(agent, "a.txt"), read(agent, "b.txt"), read(agent, "new/c.txt")],
          ["by hand\ntwo\nthree\nfour\n5\n", "b\n", "c\nmore\n"],
        );
        assert.equal(
          banner(agent),
          "a.txt was changed since at the same lines, so the edit can't be undone alone. Nothing was written; the diff shows both. new/c.txt was created by the edit and has been changed since, so it was not deleted.",
        );
        assert.deepEqual(diffs, [
          {
            title: "a.txt (now, and as it would be without the edit)",
            path: "a.txt",
            before: "by hand\ntwo\nthree\nfour\n5\n",
            after: files["a.txt"],
          },
        ]);
        assert.deepEqual(
          states(agent).map((line) => line.slice(-13)),
          ["0 of 2 undone", "1 of 1 undone", "0 of 1 undone"],
        );
      },
      {
        surroundings: (own) => ({ ...own, editor: { ...own.editor, openDiff: (diff) => void diffs.push(diff) } }),
      },
    );
  });

  it("works days later: after a restart, and when the chat was closed and brought back; the model is still told", async () => {
    const folders = tempFolders(files);
    const simulator = await startSimulator({ scenario });
    const open = () => startAgent({ simulator, ...folders, ...allow });
    try {
      const first = await open();
      await first.send("go");
      await act(first, "undoEdits", callsOf(first, "b.txt"));
      await first.close();

      const second = await open();
      assert.deepEqual([read(second, "b.txt"), states(second)[1]], ["b\n", "b.txt  +1 −1 1 of 1 undone"]);
      const tab = second.tab();
      second.say({ type: "closeTab", tab });
      await second.until((state) => state.active !== tab);
      second.say({ type: "openConversation", id: tab });
      await second.until((state) => state.active === tab && (state.views.get(tab)?.turns.length ?? 0) > 0);
      await act(second, "undoEdits", callsOf(second, "a.txt", "new/c.txt"));
      assert.deepEqual([read(second, "a.txt"), read(second, "new/c.txt")], [files["a.txt"], undefined]);
      await second.close();

      const third = await open();
      await third.send("and now?");
      await third.send("and then?");
      const told = (await third.rows()).flatMap((row) =>
        row.type === "text" && row.role === "user" && row.data.tells !== undefined ? [row.data.text] : [],
      );
      assert.equal(told.length, 1);
      assert.match(told[0] ?? "", /b\.txt: 1 edit,[\s\S]*a\.txt: 2 edits,[\s\S]*new\/c\.txt: 1 edit \(deleted\)/);
      assertWire(simulator);
      await third.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("while the agent works, the model is told at the next step, and what was sent stays as it was", async () => {
    const running: Scenario = {
      turns: [
        {
          steps: [
            blocks(edit("b.txt", "b", "B")),
            blocks(call("run_shell", { command: "until [ -e go ]; do sleep 0.02; done" })),
            said("I see."),
          ],
        },
      ],
    };
    await withAgent(running, allow, async (agent, simulator) => {
      put(agent, "b.txt", "b\n");
      const end = agent.send("go");
      await agent.until((state) => {
        const view = state.views.get(agent.tab());
        const isEdited = view?.rows.some((row) => row.type === "tool_result") === true;
        return isEdited && view?.live?.tools[0]?.state === "running";
      });
      const callId =
        (await agent.rows()).flatMap((row) => (row.type === "tool_call" ? [row.data.callId] : []))[0] ?? "";
      agent.say({ type: "undoEdits", tab: agent.tab(), calls: [callId] });
      await agent.until((state) =>
        (state.views.get(agent.tab())?.rows ?? []).some((row) => row.type === "system" && row.data.kind === "undone"),
      );
      assert.equal(read(agent, "b.txt"), "b\n");
      put(agent, "go", "");
      assert.equal((await end).endReason, "done");
      assert.deepEqual(
        (await lines(agent)).slice(2).map((line) => line.split("\n", 1)[0]?.slice(0, 40)),
        [
          "undone: Undone: b.txt.",
          "result done: [exit code 0]",
          "user: The person has undone edits of you",
          "assistant: I see.",
        ],
      );
      assertWire(simulator);
    });
  });

  it("does nothing where the path leads elsewhere now, in a folder that is not trusted, or for calls that it does not know", async () => {
    let blocked: string | undefined;
    await withTurn(
      async (agent) => {
        mkdirSync(path.join(agent.root, "..", "elsewhere"));
        writeFileSync(path.join(agent.root, "..", "elsewhere", "c.txt"), "c\n");
        renameSync(path.join(agent.root, "new"), path.join(agent.root, "old"));
        symlinkSync(path.join(agent.root, "..", "elsewhere"), path.join(agent.root, "new"));
        await act(agent, "undoEdits", callsOf(agent, "new/c.txt"));
        assert.equal(banner(agent), "new/c.txt was not changed: the path leads somewhere else now.");
        assert.equal(read(agent, "../elsewhere/c.txt"), "c\n");
        blocked = "This folder is not trusted.";
        await act(agent, "undoEdits", callsOf(agent));
        assert.equal(banner(agent), blocked);
        blocked = undefined;
        const before = (await agent.rows()).length;
        await act(agent, "undoEdits", ["nobody"]);
        await act(agent, "redoEdits", callsOf(agent));
        assert.deepEqual([read(agent, "b.txt"), (await agent.rows()).length], ["B\n", before]);
      },
      { surroundings: (own) => ({ ...own, blocked: () => blocked }) },
    );
  });
});
