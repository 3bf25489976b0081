/** Several keys in the headless runner: the turn goes on with the next, a restart remembers, and no secret reaches anything. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { call, text } from "../support/script";
import { filesIn } from "../support/storm";
import { type Place, runToEnd, SECRET, settingsFile, stopRunners } from "./support";

const SECOND = "sk-ant-canary-second-77c1";

describe("several keys in the headless runner", () => {
  afterEach(stopRunners);

  it("step in for each other, also after a restart, and are seen by no command, no log and no output", async () => {
    const folders = tempFolders({ "a.txt": "a\n" });
    const limit = { kind: "rate-limit", retryAfter: "seconds", seconds: 3600, times: 99 } as const;
    const simulator = await startSimulator({
      scenario: {
        faults: [{ turn: 0, step: 1, key: SECRET, fault: limit }],
        turns: [
          { match: /^go/m, steps: [{ blocks: [call("run_shell", { command: "env" })] }, { blocks: [text("Done.")] }] },
          { match: /^again/m, steps: [{ blocks: [text("Done again.")] }] },
        ],
      },
    });
    const place: Place = folders;
    const settings = settingsFile(place, simulator.url, {
      "dispatch.keys": [
        { id: "k1", provider: "anthropic", baseUrl: simulator.url, env: "TEST_KEY" },
        { id: "k2", provider: "anthropic", baseUrl: simulator.url, env: "TEST_KEY_2" },
      ],
      "dispatch.models": ["k1", "k2"].map((key) => ({ key, model: "claude-sonnet-5-5" })),
    });
    const run = (...args: readonly string[]) =>
      runToEnd({ ...place, settings, args: [...args, "--approve", "all"], env: { TEST_KEY_2: SECOND } });
    try {
      const first = await run("--prompt", "go");
      assert.equal(first.code, 0, first.stderr);
      const second = await run("--prompt", "again");
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(
        simulator
          .messages()
          .map(({ headers, status }) => `${headers.authorization === `Bearer ${SECRET}` ? "k1" : "k2"} ${status}`),
        ["k1 200", "k1 429", "k2 200", "k2 200"],
      );
      const printed = [first, second].map(({ runner, stderr }) => JSON.stringify(runner.messages) + stderr);
      assert.match(printed[0] ?? "", /PATH=/, "the command has printed its environment");
      const kept = filesIn(folders.storage).map((file) => readFileSync(file, "latin1"));
      const sent = simulator.messages().map((request) => request.body.toString());
      for (const secret of [SECRET, SECOND])
        assert.ok(![...printed, ...kept, ...sent].some((one) => one.includes(secret)));
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});
