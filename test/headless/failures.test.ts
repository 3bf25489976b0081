/** The table of failures, through the headless runner. */
import assert from "node:assert/strict";
import { startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { courseOf, failing, failureTable, tableModels, tableSecrets } from "../support/failure-table";
import { serve, settingsFile, stopRunners } from "./support";

describe("a turn of the headless runner", () => {
  afterEach(stopRunners);

  for (const line of failureTable) {
    it(`after ${line.signal}: ${line.course}`, async () => {
      const folders = tempFolders();
      const simulator = await startSimulator({ scenario: failing(line) });
      const settings = settingsFile(folders, simulator.url, {
        "dispatch.keys": ["k1", "k2"].map((id) => ({
          ...{ id, provider: "anthropic", baseUrl: simulator.url },
          env: `TABLE_${id.toUpperCase()}`,
        })),
        "dispatch.models": tableModels,
      });
      try {
        const env = { TABLE_K1: tableSecrets.k1, TABLE_K2: tableSecrets.k2 };
        const runner = await serve({ ...folders, settings, env });
        const turn = await runner.send("go");
        assert.equal(courseOf(simulator.messages(), turn, runner.rows()), line.course);
        assert.equal((await runner.end()).code, 0);
      } finally {
        await simulator.close();
        folders.remove();
      }
    });
  }
});
