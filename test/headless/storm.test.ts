/** Fifty chats of the headless runner against servers that limit, break and refuse. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startSimulator } from "../simulator/server";
import { STORE_WORKER, tempFolders } from "../support/agent";
import {
  answered,
  assertCalm,
  assertNoneTooEarly,
  CANARY,
  COUNT,
  driveStorm,
  filesIn,
  secretOf,
  seenFromOutside,
} from "../support/storm";
import { serve, settingsFile, stopRunners } from "./support";

describe(`a storm over ${COUNT} chats of the headless runner`, () => {
  afterEach(stopRunners);

  for (const storm of seenFromOutside) {
    it(`of ${storm.name}: every turn ends, no command runs twice, no key is asked while it is limited, no secret gets out`, async () => {
      const folders = tempFolders();
      const simulator = await startSimulator({ scenario: answered(storm.fault) });
      const settings = settingsFile(folders, simulator.url, {
        "dispatch.keys": ["k1", "k2"].map((id) => ({
          ...{ id, provider: "anthropic", baseUrl: simulator.url },
          env: `STORM_${id.toUpperCase()}`,
        })),
        "dispatch.models": [
          { key: "k1", model: "claude-sonnet-5-5" },
          { key: "k2", model: "claude-opus-5-5" },
        ],
      });
      try {
        const runner = await serve({
          ...folders,
          settings,
          env: { STORM_K1: secretOf("k1"), STORM_K2: secretOf("k2") },
        });
        assertCalm(storm, await driveStorm(runner), simulator, folders.root);
        const { code, stderr } = await runner.end();
        assert.equal(code, 0);
        if (storm.limits) await assertNoneTooEarly(`${folders.storage}/log`, STORE_WORKER);
        const kept = filesIn(folders.storage).map((file) => readFileSync(file, "latin1"));
        assert.ok(kept.length > 0);
        assert.ok(![JSON.stringify(runner.messages), stderr, ...kept].some((one) => one.includes(CANARY)));
      } finally {
        await simulator.close();
        folders.remove();
      }
    }).timeout(180_000);
  }
});
