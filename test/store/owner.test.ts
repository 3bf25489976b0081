/** One writer per log: races, dead owners, pids that were given to others, and handing over. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { nodeFs } from "../../src/store/fs";
import { type Identity, ownIdentity } from "../../src/store/identity";
import { claimLog, ownsLog, releaseLog } from "../../src/store/owner";
import type { Store } from "../../src/store/types";
import { openTestStore, range, temporaryFolder, textRows } from "./support";

const racer = path.join(__dirname, "owner-race.entry.js");

type Racer = { readonly child: ChildProcessWithoutNullStreams; readonly ask: (line: string) => Promise<string> };

function startRacer(): Racer {
  const child = spawn(process.execPath, [racer]);
  const lines = createInterface({ input: child.stdout });
  const ask = (line: string): Promise<string> =>
    new Promise((resolve) => {
      lines.once("line", resolve);
      child.stdin.write(`${line}\n`);
    });
  return { child, ask };
}

async function ended({ child }: Racer): Promise<void> {
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.write("die\n");
  await exit;
}

describe("the owner of the log", () => {
  let folder: string;
  let remove: () => void;
  const stores: Store[] = [];
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("owner"));
    mkdirSync(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    remove();
  });

  const self = () => ownIdentity(`self-${process.pid}`);
  const claimAfter = (change: Partial<Identity>, gone?: string) => {
    writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ ...self(), token: "former-owner", ...change }));
    const claim = claimLog(nodeFs, folder, self(), gone).kind;
    releaseLog(nodeFs, folder, self().token);
    return claim;
  };

  it("is followed only when it is provably gone", () => {
    const { pid: deadPid } = spawnSync(process.execPath, ["-e", ""]);
    const claims = {
      "alive, the same start": claimAfter({}),
      "alive, a pid that was given to another process": claimAfter({ startedAt: "1" }),
      dead: claimAfter({ pid: deadPid }),
      "before a restart of the computer": claimAfter({ bootId: "another" }),
      "dead, when the computer had another name": claimAfter({ host: "another", pid: deadPid }),
      "alive, since the computer had another name": claimAfter({ host: "another" }),
      "on another computer": claimAfter({ host: "another", bootId: "another", pid: deadPid }),
      "on another computer of the same name": claimAfter({ machine: "another", bootId: "another" }),
      "in another container": claimAfter({ pidSpace: "another", pid: deadPid }),
      "alive, its start unknown": claimAfter({ startedAt: "" }),
    };
    assert.deepEqual(claims, {
      "alive, the same start": "taken",
      "alive, a pid that was given to another process": "mine",
      dead: "mine",
      "before a restart of the computer": "mine",
      "dead, when the computer had another name": "mine",
      "alive, since the computer had another name": "taken",
      "on another computer": "taken",
      "on another computer of the same name": "taken",
      "in another container": "taken",
      "alive, its start unknown": "taken",
    });
  });

  it("is followed when a person calls it gone only where nothing here can tell, and only the one that they were shown", () => {
    const another = { host: "another", bootId: "another" };
    const dead = { ...self(), token: "dead-follower", pid: spawnSync(process.execPath, ["-e", ""]).pid };
    const claims = {
      "on another computer": claimAfter(another, "former-owner"),
      "in another container": claimAfter({ pidSpace: "another" }, "former-owner"),
      "alive here": claimAfter({}, "former-owner"),
      "alive here, since the computer had another name": claimAfter({ host: "another" }, "former-owner"),
      "alive here, its start unknown": claimAfter({ startedAt: "" }, "former-owner"),
      "on another computer, but not the one that was shown": claimAfter(another, "another-owner"),
    };
    assert.deepEqual(claims, {
      "on another computer": "mine",
      "in another container": "mine",
      "alive here": "taken",
      "alive here, since the computer had another name": "taken",
      "alive here, its start unknown": "taken",
      "on another computer, but not the one that was shown": "taken",
    });
    // Two windows here are asked the same: one gets it. Of one that died in the middle the other goes on.
    const claim = path.join(folder, "owner.claim-former-owner");
    writeFileSync(claim, JSON.stringify({ ...self(), token: "living-follower" }));
    assert.equal(claimAfter(another, "former-owner"), "taken");
    writeFileSync(claim, JSON.stringify(dead));
    assert.equal(claimAfter(another, "former-owner"), "mine");
  });

  it("that a person calls gone and is alive after all writes nothing more, and what it has acknowledged is there", async () => {
    const file = path.join(folder, "owner.json");
    const first = await openTestStore(folder);
    await first.write([textRows(1, 2)]);
    // For everyone but itself it is on another computer now.
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), host: "far", bootId: "far" }));
    const second = await openTestStore(folder, { timings: { settle: 100 } });
    stores.push(first, second);
    const { state } = second;
    assert.ok(state.kind === "reader" && state.doubtful !== undefined);
    assert.match(state.owner, /on far\) writes; .* if you know that it is gone, take over\.$/);
    await assert.rejects(second.takeOver("another-owner"), /Another window of this folder/);
    await first.write([textRows(3, 3)]);
    const isWriter = new Promise<void>((resolve) => second.onState(({ kind }) => kind === "writer" && resolve()));
    await second.takeOver(state.doubtful);
    assert.equal(second.state.kind, "reader");
    await assert.rejects(first.write([textRows(4, 4)]), /Another window of this folder/);
    assert.equal(first.state.kind, "reader");
    await isWriter;
    await second.write([textRows(4, 5)]);
    assert.deepEqual(
      (await second.rows("tab-1", 1, 9)).map(({ seq }) => seq),
      range(1, 5),
    );
    await assert.rejects(second.takeOver(state.doubtful), /no other window/);
  });

  it("makes no checkpoint in the place of another one's", async () => {
    const store = await openTestStore(folder, { timings: { idle: 10 } });
    stores.push(store);
    await store.write([textRows(1, 1)]);
    const file = path.join(folder, "owner.json");
    writeFileSync(file, JSON.stringify({ ...self(), token: "another-one" }));
    const before = readdirSync(folder);
    await assert.rejects(store.checkpoint(), /Another window of this folder/);
    await store.close();
    assert.deepEqual([readdirSync(folder), before.includes("checkpoint.sqlite")], [before, false]);
  });

  it("is not followed while it is paused", async () => {
    const paused = startRacer();
    try {
      assert.equal(await paused.ask(`claim ${folder} paused-owner 0`), "mine");
      paused.child.kill("SIGSTOP");
      assert.equal(claimLog(nodeFs, folder, self()).kind, "taken");
    } finally {
      paused.child.kill("SIGKILL");
    }
  });

  for (const [name, content] of Object.entries({
    empty: "",
    "cut off": '{"token": "abc',
    "something else": "[1, 2]",
  })) {
    it(`is followed when its file is ${name}: a living owner's file is whole`, () => {
      writeFileSync(path.join(folder, "owner.json"), content);
      assert.equal(claimLog(nodeFs, folder, self()).kind, "mine");
      assert.equal(ownsLog(nodeFs, folder, self().token), true);
    });
  }

  it("is followed when those who wanted to follow it died in the middle", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const dead = (token: string) => JSON.stringify({ ...self(), token, pid });
    writeFileSync(path.join(folder, "owner.json"), dead("dead-one1"));
    writeFileSync(path.join(folder, "owner.claim-dead-one1"), dead("dead-two2"));
    writeFileSync(path.join(folder, "owner.claim-dead-two2"), dead("dead-three"));
    assert.equal(claimLog(nodeFs, folder, self()).kind, "mine");
    assert.deepEqual(readdirSync(folder), ["owner.json"]);
    writeFileSync(path.join(folder, "owner.claim-other"), dead("dead-four"));
    assert.equal(ownsLog(nodeFs, folder, self().token), true);
  });

  it("is a living follower even before its name is in the file", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ ...self(), token: "dead-one1", pid }));
    writeFileSync(path.join(folder, "owner.claim-dead-one1"), JSON.stringify({ ...self(), token: "living-two" }));
    assert.equal(claimLog(nodeFs, folder, self()).kind, "taken");
  });

  it("is exactly one of three processes that race, whether the former one gave up or died", async function () {
    this.timeout(120_000);
    const racers = [startRacer(), startRacer(), startRacer()];
    try {
      for (const round of range(1, 120)) {
        const start = Date.now() + 5;
        const claims = await Promise.all(
          racers.map(({ ask }, index) => ask(`claim ${folder} round-${round}-racer-${index} ${start}`)),
        );
        assert.deepEqual([...claims].sort(), ["mine", "taken", "taken"], `round ${round}`);
        const winner = claims.indexOf("mine");
        const token = `round-${round}-racer-${winner}`;
        assert.equal(JSON.parse(readFileSync(path.join(folder, "owner.json"), "utf8")).token, token);
        const owner = racers[winner];
        assert.ok(owner);
        // Every fourth owner dies with the log in its hands, so that the others race for a dead owner's place.
        if (round % 4 === 0) {
          await ended(owner);
          racers[winner] = startRacer();
        } else if (round % 4 === 2) {
          // A dead owner that was never alive here: all three race for its place.
          const gone = { ...self(), token: `gone-in-${round}`, startedAt: "1" };
          writeFileSync(path.join(folder, "owner.json"), JSON.stringify(gone));
        } else {
          await owner.ask("release");
        }
      }
    } finally {
      for (const { child } of racers) child.kill("SIGKILL");
    }
  });

  it("hands the log over: a reader reads, may not write, and becomes the writer when the owner closes", async () => {
    const first = await openTestStore(folder);
    await first.write([textRows(1, 3)]);
    const second = await openTestStore(folder);
    stores.push(first, second);
    const states: string[] = [second.state.kind];
    const isWriter = new Promise<void>((resolve) => {
      second.onState(({ kind }) => {
        states.push(kind);
        if (kind === "writer") resolve();
      });
    });
    assert.equal((await second.rows("tab-1", 1, 10)).length, 3);
    await assert.rejects(second.write([textRows(4, 4)]), /Another window of this folder/);
    await first.write([textRows(4, 5)]);
    await first.close();
    await isWriter;
    await second.write([textRows(6, 6)]);
    assert.deepEqual(states, ["reader", "writer"]);
    assert.equal(await second.lastSeq("tab-1"), 6);
  });

  it("stops writing when someone put another owner in its place", async () => {
    const store = await openTestStore(folder);
    stores.push(store);
    await store.write([textRows(1, 1)]);
    writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ ...self(), token: "another-one" }));
    await assert.rejects(store.write([textRows(2, 2)]), /Another window/);
    assert.equal(store.state.kind, "reader");
    assert.equal((await store.rows("tab-1", 1, 10)).length, 1);
  });
});
