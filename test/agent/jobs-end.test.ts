/** The end of whoever runs commands: none outlives its host, and one that was being moved never runs again. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { runToEnd, serve, settingsFile, stopRunners } from "../headless/support";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { startAgent, tempFolders } from "../support/agent";
import { allow, isAlive, isGone, lines, pidIn, runs, said, shell, toBackground, waiting } from "../support/jobs";
import { noUnhandledRejections } from "../support/loose-ends";

noUnhandledRejections();

describe("the commands of a host that ends", () => {
  afterEach(stopRunners);

  it("end with it, in front and in the background, also when it is killed without a word", async () => {
    const forever = "trap '' TERM; echo $BASHPID >> pids; while true; do sleep 1; done";
    const scenario: Scenario = {
      steps: [shell(`${forever} & ${forever}`, { background: true }), shell(`${forever} & ${forever}`), said("?")],
    };
    const simulator = await startSimulator({ scenario });
    for (const how of ["kill", "end"] as const) {
      const folders = tempFolders();
      const place = { ...folders, settings: settingsFile(folders, simulator.url) };
      try {
        const runner = await serve({ ...place, ...allow });
        runner.say({ type: "send", tab: runner.tab(), text: "go" });
        const pids = (): readonly number[] => {
          try {
            return readFileSync(path.join(folders.root, "pids"), "utf8").trim().split("\n").map(Number);
          } catch {
            return [];
          }
        };
        await runner.until(() => true);
        while (pids().length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.deepEqual(pids().map(isAlive), [true, true, true, true]);
        await runner.kill(how === "kill" ? "SIGKILL" : "SIGTERM");
        await Promise.all(pids().map(isGone));
      } finally {
        folders.remove();
      }
    }
    await simulator.close();
  });

  it("does not keep the short form from ending", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: { steps: [shell(waiting, { background: true }), said("Started.")] },
    });
    try {
      const place = { ...folders, settings: settingsFile(folders, simulator.url) };
      const { code, stderr } = await runToEnd({ ...place, args: ["--prompt", "go", "--approve", "all"] });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.equal(isAlive(pidIn(folders.root)), false);
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("has an unknown outcome when the process dies before its result is sealed, and never runs again", async () => {
    const folders = tempFolders();
    const copy = tempFolders();
    const simulator = await startSimulator({
      scenario: { steps: [shell(`echo ran >> ran; ${waiting}`), said("Done.")] },
    });
    try {
      const agent = await startAgent({
        simulator,
        ...folders,
        ...allow,
        surroundings: (own) => ({
          ...own,
          store: {
            ...own.store,
            state: own.store.state,
            recovery: own.store.recovery,
            async write(ops) {
              const isResult = ops.some((op) => op.op === "rows" && op.rows.some((row) => row.type === "tool_result"));
              if (isResult) {
                cpSync(folders.storage, copy.storage, { recursive: true });
                rmSync(path.join(copy.storage, "log", "owner.json"));
              }
              await own.store.write(ops);
            },
          },
        }),
      });
      const end = agent.send("go");
      await runs(agent);
      toBackground(agent);
      await end;
      await agent.close();
      const after = await startAgent({ simulator, root: folders.root, storage: copy.storage, ...allow });
      assert.equal((await after.resume()).endReason, "done");
      const result = (await lines(after)).find((line) => line.startsWith("result")) ?? "";
      assert.match(result, /^result unknown: The outcome of this call is unknown/);
      assert.equal(readFileSync(path.join(folders.root, "ran"), "utf8"), "ran\n");
      await after.close();
    } finally {
      await simulator.close();
      folders.remove();
      copy.remove();
    }
  });
});
