/** The short form: one turn and an exit code, for scripts. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { call, text } from "../support/script";
import { assertWhole, freshPlace, runToEnd, SECRET, said, serve, settingsFile, type TestPlace } from "./support";

const write = { blocks: [call("write_file", { path: "made.txt", content: "made\n" })] };
const look = { blocks: [call("run_shell", { command: "cat README.md | head -1" })] };
const choices = [{ label: "Red" }, { label: "Blue" }];
const ask = { blocks: [call("ask_user", { question: "Which colour?", choices })] };
const scenario: Scenario = {
  turns: [
    { match: /^make/m, steps: [write, { blocks: [text("Tried.")] }] },
    { match: /^refuse/m, steps: [{ blocks: [text("I can't")], stopReason: "refusal" }] },
    { match: /^look/m, steps: [look, { blocks: [text("Seen.")] }] },
    { match: /^ask/m, steps: [ask, { blocks: [text("Asked.")] }] },
    { match: /^say/m, steps: [{ blocks: [text("Said.")] }] },
  ],
};

describe("the short form", () => {
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

  const run = (...args: readonly string[]) => runToEnd({ ...place, args });

  it("tells the agent that asks something that nobody is there", async () => {
    const done = await run("--prompt", "ask it", "--approve", "all");
    assert.deepEqual([done.code, done.stderr], [0, ""]);
    const results = done.runner.rows().flatMap((row) => (row.type === "tool_result" ? [row.data.text] : []));
    assert.deepEqual(results, [
      "No person is there to answer. Decide as you think best, go on, and say in the end what you decided.",
    ]);
  });

  it("asks nothing about a command that only reads", async () => {
    const done = await run("--prompt", "look", "--approve", "none");
    assert.deepEqual([done.code, done.stderr], [0, ""]);
    const results = done.runner.rows().flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
    assert.deepEqual(
      results.map(({ text, decision }) => [text, decision]),
      [["# Sample\n[exit code 0]", { by: "rule", rule: "reading-table", effect: "allow", from: "built-in" }]],
    );
  });

  it("runs one turn in a new tab, and denies or allows every question as it was told", async () => {
    const denied = await run("--prompt", "make it");
    assert.deepEqual([denied.code, denied.stderr], [0, ""]);
    assert.equal(existsSync(path.join(place.root, "made.txt")), false);
    assert.equal(denied.runner.rows().find((row) => row.type === "tool_result")?.data.outcome, "denied");

    const allowed = await run("--prompt", "make it", "--approve", "all");
    assert.deepEqual([allowed.code, allowed.stderr], [0, ""]);
    assert.equal(existsSync(path.join(place.root, "made.txt")), true);
    assert.equal(allowed.runner.state().tabs.length, 2);

    // The tab that was in front, then the other one, by its id.
    const last = await run("--prompt", "say it", "--tab", "last");
    assert.deepEqual([last.code, last.stderr, last.runner.state().tabs.length], [0, "", 2]);
    assert.deepEqual(said(last.runner.rows()), ["Tried.", "Said."]);
    const first = last.runner.state().tabs[0]?.id ?? "";
    const byId = await run("--prompt", "say it", "--tab", first);
    assert.deepEqual([byId.code, byId.stderr, byId.runner.tab()], [0, "", first]);
    assert.deepEqual(said(byId.runner.rows()), ["Tried.", "Said."]);
    assertWhole(byId.runner.rows());
  });

  it("needs no key for a server that needs none", async () => {
    const ollama = await startSimulator({ scenario, skin: "ollama" });
    const settings = settingsFile(place, ollama.url, {
      "dispatch.keys": [{ id: "here", provider: "ollama", baseUrl: ollama.url }],
      "dispatch.models": [{ key: "here", model: "qwen3:8b" }],
    });
    const { code, stderr, runner } = await runToEnd({ ...place, settings, args: ["--prompt", "say it"] });
    await ollama.close();
    assert.deepEqual([code, stderr, said(runner.rows())], [0, "", ["Said."]]);
    assert.ok(ollama.requests.every(({ headers }) => headers.authorization === undefined));
  });

  it("exits with 1 and a sentence when the turn ends otherwise, or there is nothing to do", async () => {
    const sentences = async (...args: readonly string[]) => {
      const { code, stderr } = await run(...args);
      assert.equal(code, 1);
      return stderr;
    };
    assert.equal(await sentences("--resume"), "dispatch: The newest tab has no unfinished turn.\n");
    assert.equal(await sentences("--prompt", "say it", "--tab", "none"), "dispatch: There is no tab none.\n");
    assert.equal(
      await sentences("--prompt", "refuse it"),
      "dispatch: The model declined to go on with this request. Rephrase the request and send it again.\n",
    );
    const view = await serve(place);
    assert.deepEqual(
      view.state().tabs.map((tab) => [tab.title, tab.status]),
      [["refuse it", "error"]],
    );
    await view.end();
  });

  it("refuses a wrong command line with a sentence, exit code 2, and no trace on the disk", async () => {
    const storage = path.join(place.storage, "untouched");
    const good = { workspace: place.root, storage, settings: place.settings };
    const lines: string[] = [];
    const wrong = async (own: Partial<typeof good>, ...args: readonly string[]) => {
      const used = { ...good, ...own };
      const { code, stderr, runner } = await runToEnd({ ...used, root: used.workspace, args });
      assert.equal(code, 2);
      assert.deepEqual(runner.messages, []);
      lines.push((stderr.split("\n")[0] ?? "").replaceAll(path.dirname(place.root), "TEMP"));
      assert.match(stderr, /\nusage: node dist\/headless\.js --workspace DIR/);
    };
    await Promise.all([
      wrong({}, "--prompt", "x", "--resume"),
      wrong({}, "--prompt", ""),
      wrong({}, "--approve", "all"),
    ]);
    await Promise.all([
      wrong({}, "--prompt", "x", "--approve", "some"),
      wrong({}, "--tab", "last"),
      wrong({}, "--frobnicate"),
    ]);
    await Promise.all([
      wrong({ workspace: path.join(place.root, "gone") }),
      wrong({ workspace: path.join(place.root, "README.md") }),
      wrong({ settings: path.join(place.root, "gone.json") }),
    ]);
    assert.equal(existsSync(storage), false);
    assert.deepEqual(lines.sort(), [
      "dispatch: --approve goes with --prompt or --resume.",
      "dispatch: --approve takes all or none.",
      "dispatch: --prompt and --resume exclude each other.",
      "dispatch: --prompt needs a text.",
      "dispatch: --tab goes with --prompt.",
      "dispatch: The settings file TEMP/workspace/gone.json can't be read.",
      "dispatch: The workspace TEMP/workspace/README.md is not a folder.",
      "dispatch: The workspace TEMP/workspace/gone is not a folder.",
      "dispatch: Unknown option '--frobnicate'",
    ]);
  });

  it("keeps the secret out of its streams, its storage and the commands that it runs", async () => {
    // In support.ts: the streams of every runner. Here: the disk, a command, and a server that echoes the key.
    const echo = `Your key ${SECRET} is fine.`;
    simulator.use({
      turns: [
        {
          steps: [
            { blocks: [call("run_shell", { command: "env; echo end" })] },
            { blocks: [text("x")], fault: { kind: "error", status: 401, type: "authentication_error", message: echo } },
          ],
        },
      ],
    });
    try {
      const { code, stderr, runner } = await run("--prompt", "show", "--approve", "all");
      assert.equal(code, 1);
      assert.match(stderr, /does not accept the API key "k1"/);
      const rows = runner.rows();
      const result = rows.find((row) => row.type === "tool_result")?.data.text ?? "";
      assert.match(result, /^PATH=/m, "the command saw its environment");
      assert.match(JSON.stringify(rows), /Your key \[secret\] is fine/);
      for (const file of filesUnder(place.storage))
        assert.equal(readFileSync(file).includes(SECRET), false, path.relative(place.storage, file));
      assert.equal(simulator.messages().at(-1)?.headers.authorization, `Bearer ${SECRET}`, "it went where it belongs");
    } finally {
      simulator.use(scenario);
    }
  });
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
