/** Protocol mode over real pipes: docs/PROTOCOL.md, from the first line to the exit code. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalAnswer } from "../../src/chunks/protocol";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { rowLines } from "../support/agent";
import { call, text } from "../support/script";
import { assertWhole, freshPlace, type Runner, runToEnd, said, serve, type TestPlace } from "./support";

const slow = { blocks: [text("one two three four five six seven eight nine ten ".repeat(8))], pace: 15 };
const listing = Array.from({ length: 16 }, () => call("list_files", {}));
const manySteps = Array.from({ length: 7 }, () => ({ blocks: listing }));
const scenario: Scenario = {
  turns: [
    { match: /^hello/m, steps: [{ blocks: [text("Hello.")] }] },
    {
      match: /^change/m,
      steps: [
        {
          blocks: [
            call("write_file", { path: "new.txt", content: "new\n" }, "toolu_1"),
            call("run_shell", { command: "echo ran > ran.txt" }, "toolu_2"),
          ],
        },
        { blocks: [text("One of two.")] },
      ],
    },
    { match: /^talk/m, steps: [slow] },
    {
      match: /^ask/m,
      steps: [{ blocks: [call("run_shell", { command: "echo asked >> asked.txt" })] }, { blocks: [text("Asked.")] }],
    },
    { match: /^many/m, steps: [...manySteps, { blocks: [text("Many.")] }] },
  ],
};

describe("protocol mode", () => {
  let simulator: Simulator;
  let place: TestPlace;

  before(async () => {
    simulator = await startSimulator({ scenario });
  });
  after(() => simulator.close());
  beforeEach(() => {
    place = freshPlace(simulator.url);
  });
  afterEach(() => place.remove());

  it("answers ready with a snapshot, runs a turn, decides by lines, and tells the model why a call was denied", async () => {
    const runner = await serve(place);
    const [first] = runner.messages;
    assert.ok(first?.type === "snapshot");
    assert.deepEqual(first.setup, {
      ...{ key: { kind: "ready" }, demo: false, folder: "workspace" },
      ...{ banners: [], rowsInView: 400 },
    });
    assert.deepEqual(
      first.tabs.map(({ title, status, draft, modelLabel }) => ({ title, status, draft, modelLabel })),
      [{ title: "New chat", status: "idle", draft: "", modelLabel: "claude-sonnet-5-5" }],
    );
    assert.deepEqual(first.window, {
      ...first.window,
      tab: first.active,
      rev: 0,
      rows: [],
      turns: [],
      hasOlder: false,
    });

    const end = runner.send("change it");
    await runner.until(() => runner.cards().length === 2);
    assert.equal(runner.state().tabs[0]?.status, "needs-approval");
    const [write, run] = runner.cards();
    assert.ok(write !== undefined && run !== undefined);
    const decide = (id: string, answer: ApprovalAnswer) =>
      runner.say({ type: "decide", tab: runner.tab(), id, answer });
    decide(run.id, { kind: "deny", reason: "no commands today" });
    decide(run.id, { kind: "allow_once" }); // too late: the first answer counts
    decide(write.id, { kind: "allow_once" });
    assert.equal((await end).endReason, "done");
    assert.equal(readFileSync(path.join(place.root, "new.txt"), "utf8"), "new\n");
    assert.throws(() => readFileSync(path.join(place.root, "ran.txt")));
    assert.match(simulator.messages().at(-1)?.body.toString() ?? "", /no commands today/);
    const rows = runner.rows();
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });

    const again = await serve(place);
    assert.deepEqual(again.rows(), rows, "the log holds what was shown");
    assert.equal(again.state().tabs[0]?.title, "change it");
    assert.equal((await again.kill("SIGINT")).code, 130);
  });

  it("undoes and redoes an edit on disk, in a later run", async () => {
    const file = path.join(place.root, "new.txt");
    const first = await serve({ ...place, answer: () => ({ kind: "allow_once" }) });
    await first.send("change it");
    await first.end();
    const later = await serve(place);
    const calls =
      later
        .state()
        .views.get(later.tab())
        ?.turns[0]?.files?.flatMap((changed) => changed.calls) ?? [];
    for (const [type, kind, there] of [
      ["undoEdits", "undone", false],
      ["redoEdits", "redone", true],
    ] as const) {
      later.say({ type, tab: later.tab(), calls });
      await later.until(() => later.rows().some((row) => row.type === "system" && row.data.kind === kind));
      assert.equal(existsSync(file), there);
    }
    assert.equal(readFileSync(file, "utf8"), "new\n");
    assert.deepEqual(await later.end(), { code: 0, stderr: "" });
  });

  it("keeps tabs apart, stops a turn, and queues a second message while one is at work", async () => {
    const runner = await serve(place);
    const first = runner.tab();
    runner.say({ type: "send", tab: first, text: "talk" });
    await runner.until((state) => state.views.get(first)?.live?.blocks.length === 1);
    runner.say({ type: "send", tab: first, text: "and more" });
    await runner.until((state) => state.tabs[0]?.queue[0]?.text === "and more");

    runner.say({ type: "newTab" });
    await runner.until((state) => state.tabs.length === 2 && state.active !== first && state.views.has(state.active));
    assert.equal((await finished(runner, "hello")).endReason, "done");
    assert.deepEqual(said(runner.rows()), ["Hello."]);
    assert.equal(runner.state().tabs[0]?.status, "running", "the other tab goes on meanwhile");

    runner.say({ type: "selectTab", tab: first });
    await runner.until((state) => state.active === first);
    runner.say({ type: "stop", tab: first });
    await runner.until((state) => state.tabs[0]?.status === "idle");
    assert.deepEqual(
      runner
        .state()
        .views.get(first)
        ?.turns.map((turn) => turn.endReason),
      ["cancelled"],
    );
    assert.equal(runner.rows().at(-1)?.type, "system");
    assertWhole(runner.rows());
    assert.equal(runner.state().tabs[0]?.queue.length, 1, "it waits after a stop");
    assert.equal((await finished(runner, "hello")).endReason, "done");
    assert.equal(simulator.messages().at(-1)?.error, undefined);
    assert.equal((await runner.end()).code, 0);
  });

  it("pages older rows in until the log is whole", async () => {
    const answer = (): ApprovalAnswer => ({ kind: "allow_once" });
    const runner = await serve({ ...place, answer });
    assert.equal((await runner.send("many")).endReason, "done");
    await runner.end();
    const again = await serve(place);
    const view = () => again.state().views.get(again.tab());
    assert.equal(view()?.hasOlder, true);
    while (view()?.hasOlder === true) {
      const before = again.rows()[0]?.seq ?? 0;
      again.say({ type: "loadOlder", tab: again.tab(), before });
      await again.until(() => (again.rows()[0]?.seq ?? 0) < before);
    }
    assertWhole(again.rows());
    assert.deepEqual(again.rows(), runner.rows());
    assert.equal((await again.end()).code, 0);
  });

  it("drops what it does not understand, with a line on stderr, and changes nothing for it", async () => {
    const runner = await serve(place);
    const tab = runner.tab();
    const end = runner.send("change it");
    await runner.until(() => runner.cards().length === 2);
    const [card] = runner.cards();
    await synced(runner, 0);
    const before = runner.messages.length;
    const garbage = [
      "hello",
      "{",
      "null",
      "[]",
      "42",
      '"ready"',
      "\u0000\u001b[2J",
      JSON.stringify({ type: "send" }),
      JSON.stringify({ type: "send", tab, text: 7 }),
      JSON.stringify({ type: "send", tab, text: " \n\t" }),
      JSON.stringify({ type: "send", tab: "nowhere", text: "hello" }),
      JSON.stringify({ type: "send", tab, text: "x".repeat(1_000_001) }),
      JSON.stringify({ type: "explode", tab }),
      JSON.stringify({ type: "__proto__" }),
      JSON.stringify({ type: "decide", tab, id: card?.id, answer: { kind: "allow_everything" } }),
      JSON.stringify({ type: "decide", tab, id: card?.id }),
      JSON.stringify({ type: "decide", tab: "nowhere", id: card?.id, answer: { kind: "allow_once" } }),
      JSON.stringify({ type: "decide", tab, id: "0".repeat(64), answer: { kind: "allow_once" } }),
      JSON.stringify({ type: "loadOlder", tab, before: -1 }),
      JSON.stringify({ type: "loadOlder", tab, before: 1e99 }),
      JSON.stringify({ type: "selectTab", tab: "nowhere" }),
      JSON.stringify({ type: "stop", tab: "nowhere" }),
      JSON.stringify({ type: "openFile", path: "/etc/passwd" }),
      JSON.stringify({ type: "run", command: "rm" }),
      `[${"[".repeat(50_000)}`,
      "y".repeat(8_000_000),
    ];
    for (const line of garbage) runner.line(line);
    await synced(runner, before);
    assert.deepEqual(
      runner.messages.slice(before).map((message) => message.type),
      ["window"],
    );
    assert.equal(runner.cards().length, 2);

    const allowed = runner.cards().map((one) => one.id);
    for (const id of [...allowed, ...allowed]) runner.say({ type: "decide", tab, id, answer: { kind: "deny" } });
    assert.equal((await end).endReason, "done");
    for (const id of allowed) runner.say({ type: "decide", tab, id, answer: { kind: "allow_once" } });
    assert.equal((await finished(runner, "hello")).endReason, "done");
    assert.throws(() => readFileSync(path.join(place.root, "new.txt")));
    const { code, stderr } = await runner.end();
    assert.equal(code, 0);
    assert.deepEqual(
      [
        ...new Set(
          stderr
            .trim()
            .replace(/open: .*$/gm, "open: …")
            .split("\n"),
        ),
      ],
      [
        "dispatch: a message from a view was dropped: The message has no known type.",
        'dispatch: a message from a view was dropped: The message "send" does not have the fields that it needs.',
        "dispatch: a message came for a tab that is not open: …",
        'dispatch: a message from a view was dropped: The message "decide" does not have the fields that it needs.',
        'dispatch: a message from a view was dropped: The message "loadOlder" does not have the fields that it needs.',
        'dispatch: a message from a view was dropped: The message "run" does not have the fields that it needs.',
      ],
    );
  });

  it("finishes a turn that runs when stdin ends, and leaves one that waits for an answer to be continued", async () => {
    const runner = await serve(place);
    runner.say({ type: "send", tab: runner.tab(), text: "talk" }); // not even begun when stdin ends
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });
    assert.equal(runner.state().views.get(runner.tab())?.turns.at(-1)?.endReason, "done");

    const asking = await serve(place);
    const end = asking.nextTurn();
    asking.say({ type: "send", tab: asking.tab(), text: "ask" });
    await asking.until(() => asking.cards().length === 1);
    const asked = asking.cards()[0]?.id;
    assert.equal((await asking.end()).code, 0);
    await assert.rejects(end, /has ended/);

    const again = await serve(place);
    assert.equal(again.state().tabs[0]?.resumable, true);
    const resumed = again.resume();
    await again.until(() => again.cards().length === 1);
    assert.equal(again.cards()[0]?.id, asked, "the same question is asked anew");
    again.say({ type: "decide", tab: again.tab(), id: asked ?? "", answer: { kind: "allow_once" } });
    assert.equal((await resumed).endReason, "done");
    assert.equal(readFileSync(path.join(place.root, "asked.txt"), "utf8"), "asked\n");
    assertWhole(again.rows());
    assert.equal((await again.end()).code, 0);
  });

  it("ends on SIGTERM in the middle of a stream with all rows durable, and --resume continues the turn", async () => {
    const runner = await serve(place);
    runner.say({ type: "send", tab: runner.tab(), text: "talk" });
    await runner.until((state) => (state.views.get(state.active)?.live?.blocks.length ?? 0) > 0);
    assert.deepEqual(await runner.kill("SIGTERM"), { code: 143, stderr: "" });
    const { code, stderr, runner: resumed } = await runToEnd({ ...place, args: ["--resume"] });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.deepEqual(rowLines(resumed.rows()).split("\n").slice(1), [
      '2 0 user/text "talk"',
      "3 1 system/system interrupted: Dispatch was closed or stopped in the middle of this turn. What was done until then is kept.",
      "4 0 system/system resumed: Continued.",
      `5 1 assistant/text ${JSON.stringify(said(resumed.rows())[0])}`,
    ]);
    const [cut, whole] = simulator.messages().slice(-2);
    assert.deepEqual(cut?.body, whole?.body, "the same bytes are asked for again");
  });

  it("ends when nobody reads its output any more", async () => {
    const runner = await serve(place);
    runner.say({ type: "send", tab: runner.tab(), text: "talk" });
    await runner.until((state) => (state.views.get(state.active)?.live?.blocks.length ?? 0) > 0);
    runner.hangUp();
    assert.equal((await runner.ended).code, 1);
    const again = await serve(place);
    assert.equal(again.state().tabs[0]?.resumable, true);
    assert.equal((await again.end()).code, 0);
  });
});

/** Asks for the window, which is answered in its turn: what was sent before has had its effect. */
async function synced(runner: Runner, since: number): Promise<void> {
  runner.say({ type: "sync", tab: runner.tab() });
  await runner.until(() => runner.messages.slice(since).some((message) => message.type === "window"));
}

/** Sends to the tab in front and waits for the end of that tab's turn, whatever others do. */
async function finished(runner: Runner, text: string) {
  const tab = runner.tab();
  const seen = runner.messages.length;
  const find = () =>
    runner.messages.slice(seen).flatMap((one) => (one.type === "turn" && one.tab === tab ? [one.turn] : []))[0];
  runner.say({ type: "send", tab, text });
  await runner.until((state) => find() !== undefined && state.tabs.find((one) => one.id === tab)?.status === "idle");
  const turn = find();
  if (turn === undefined) throw new Error("There is no end of a turn.");
  return turn;
}
