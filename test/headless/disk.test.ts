/**
 * A disk that refuses, on a small file system of its own: full in the middle of a turn, and read-only. The sentences are
 * in golden/disk.txt. Mounting takes a Linux and root; without them these tests are skipped.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { golden } from "../support/golden";
import { call, text } from "../support/script";
import { assertWhole, type Place, type Runner, runToEnd, said, serve, settingsFile, stopRunners } from "./support";

const scenario: Scenario = {
  turns: [
    {
      match: /^go/m,
      steps: [
        { blocks: [text("May I?"), call("run_shell", { command: "echo done >> done.txt" })] },
        { blocks: [text("Done.")] },
      ],
    },
    { match: /^say/m, steps: [{ blocks: [text("Said.")] }] },
  ],
};

describe("a disk that refuses", () => {
  let simulator: Simulator;
  let folders: ReturnType<typeof tempFolders>;
  let place: Place & { readonly settings: string };
  const noted: string[] = [];
  const unmount = () => spawnSync("umount", ["-l", folders.storage]);

  before(async function () {
    folders = tempFolders();
    const why = mount(folders.storage, "size=1m");
    unmount();
    folders.remove();
    if (why !== undefined) {
      console.log(`      skipped: no small file system can be mounted here: ${why}`);
      this.skip();
    }
    simulator = await startSimulator({ scenario });
  });
  after(async function () {
    await simulator?.close();
    const isWhole = this.test?.parent?.tests.every((test) => test.isPassed()) ?? false; // not so with --grep
    if (isWhole) golden("headless/disk", `${noted.join("\n")}\n`);
  });
  beforeEach(() => {
    folders = tempFolders({ "README.md": "# Sample\n" });
    place = { root: folders.root, storage: folders.storage, settings: settingsFile(folders, simulator.url) };
    assert.equal(mount(folders.storage, "size=2m"), undefined);
  });
  afterEach(() => {
    stopRunners();
    unmount();
    folders.remove();
  });

  const note = (title: string, ...lines: readonly string[]): void => {
    const clean = (line: string) => line.replaceAll(path.dirname(place.storage), "TEMP").trim();
    noted.push(`## ${title}`, ...lines.map(clean), "");
  };
  const filler = () => path.join(place.storage, "filler");
  /** Small writes still fit into the last page of a file on a full disk; what is typed here does not. */
  const fillUp = async (runner: Runner): Promise<void> => {
    fill(filler());
    runner.say({ type: "draft", tab: runner.tab(), text: "typed ".repeat(2_000) });
    await runner.until((state) => state.setup?.banners.length === 1);
  };
  const rowsOf = async () => {
    const runner = await serve(place);
    const rows = runner.rows();
    assert.equal((await runner.end()).code, 0);
    return rows;
  };

  it("full in the middle of a turn: a banner, nothing runs unrecorded, and the turn goes on when there is room again", async () => {
    const runner = await serve(place);
    const first = runner.tab();
    runner.say({ type: "send", tab: first, text: "go" });
    await runner.until(() => runner.cards().length === 1);
    await fillUp(runner);
    const [card] = runner.cards();
    runner.say({ type: "decide", tab: runner.tab(), id: card?.id ?? "", answer: { kind: "allow_once" } });
    await runner.until((state) => state.tabs[0]?.status !== "needs-approval");
    note("full in the middle of a turn", ...runner.banners());
    assert.equal(runner.state().tabs[0]?.status, "running", "it is not called idle while its rows are not durable");

    runner.say({ type: "newTab" });
    await runner.until((state) => state.tabs.length === 2 && state.views.has(state.active));
    const second = runner.tab();
    runner.say({ type: "send", tab: second, text: "say" });
    await runner.until((state) => state.tabs[1]?.draft === "say");
    note("a new turn meanwhile", runner.banners().at(-1) ?? "");

    assert.equal(existsSync(path.join(place.root, "done.txt")), false, "nothing runs before its approval is durable");
    rmSync(filler());
    await runner.until((state) => state.tabs[0]?.status === "idle" && state.setup?.banners.length === 0);
    assert.equal((await runner.send("say")).endReason, "done");
    runner.say({ type: "selectTab", tab: first });
    await runner.until((state) => state.active === first && said(state.views.get(first)?.rows ?? []).length === 2);
    assert.deepEqual(said(runner.rows()), ["May I?", "Done."]);
    assertWhole(runner.rows());
    const rows = runner.rows();
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });
    assert.deepEqual(await rowsOf(), rows);
    assert.ok(simulator.messages().every((request) => request.error === undefined));
  });

  it("full when Dispatch is closed: it ends all the same, says so, and what was saved can be continued", async () => {
    const runner = await serve(place);
    runner.say({ type: "send", tab: runner.tab(), text: "go" });
    await runner.until(() => runner.cards().length === 1);
    await fillUp(runner);
    const [card] = runner.cards();
    runner.say({ type: "decide", tab: runner.tab(), id: card?.id ?? "", answer: { kind: "allow_once" } });
    await runner.until((state) => state.tabs[0]?.status !== "needs-approval");
    const { code, stderr } = await runner.kill("SIGTERM");
    assert.equal(code, 143);
    const [sentence = ""] = stderr.split("\n").filter((line) => line.includes("could not be written"));
    note("full when Dispatch is closed", sentence);
    rmSync(filler());
    assert.equal(existsSync(path.join(place.root, "done.txt")), false);
    const resumed = await runToEnd({ ...place, args: ["--resume", "--approve", "all"] });
    assert.deepEqual([resumed.code, resumed.stderr], [0, ""]);
    assert.equal(readFileSync(path.join(place.root, "done.txt"), "utf8"), "done\n");
    assert.deepEqual(said(resumed.runner.rows()), ["May I?", "Done."]);
    assertWhole(resumed.runner.rows());
  });

  it("read-only: the history is shown, nothing is sent, and it goes on when the disk can be written", async () => {
    const first = await runToEnd({ ...place, args: ["--prompt", "say"] });
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.equal(mount(place.storage, "remount,ro"), undefined);
    const runner = await serve(place);
    assert.deepEqual(said(runner.rows()), ["Said."]);
    runner.say({ type: "send", tab: runner.tab(), text: "go" });
    await runner.until((state) => state.tabs[0]?.draft === "go" && state.setup?.banners.length === 2);
    note("read-only", ...runner.banners());
    const refused = await runToEnd({ ...place, args: ["--prompt", "say", "--tab", "last"] });
    assert.equal(refused.code, 1);
    note("read-only, the short form", ...refused.stderr.trim().split("\n"));

    assert.equal(mount(place.storage, "remount,rw"), undefined);
    await runner.takenOver();
    assert.deepEqual(runner.banners(), []);
    assert.equal(runner.state().tabs[0]?.draft, "go");
    assert.equal((await runner.send("say")).endReason, "done");
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });
    assert.deepEqual(said(await rowsOf()), ["Said.", "Said."]);
  });
});

/** @returns why it could not. */
function mount(folder: string, options: string): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  const { status, stderr, error } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], {
    encoding: "utf8",
  });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Takes all the room that there is. */
function fill(file: string): void {
  const fd = openSync(file, "w");
  try {
    for (let size = 65_536; size >= 1; ) {
      try {
        if (writeSync(fd, Buffer.alloc(size)) < size) size = Math.floor(size / 2);
      } catch {
        size = Math.floor(size / 2);
      }
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
