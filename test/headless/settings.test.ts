/** The settings file of the headless runner, changed while it runs. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { call, reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { createGate } from "../support/gate";
import { serve, settingsFile, stopRunners } from "./support";

describe("the settings file", () => {
  afterEach(stopRunners);

  it("counts from the next step on when it is changed; a broken one changes nothing and is named", async () => {
    const folders = tempFolders({ "a.txt": "a\n" });
    const gate = createGate();
    const asked = createGate();
    const simulator = await startSimulator({
      scenario: ({ step }) => {
        if (step === 2) return reply("Done.");
        if (step === 0) return reply("I look.", call("list_files", {}));
        asked.open();
        return { ...reply("Once more.", call("list_files", {})), hold: gate.opened };
      },
    });
    try {
      const file = settingsFile(folders, simulator.url);
      const runner = await serve({ ...folders, settings: file });
      const ended = runner.send("go");
      await asked.opened();

      writeFileSync(file, "{ not JSON");
      await runner.until(({ setup }) => setup?.banners.some(({ id }) => id === "settings") === true);
      assert.match(runner.banners().join(), /those from before count: .* is not JSON/);
      const keys = [{ id: "k1", provider: "anthropic", baseUrl: simulator.url, env: "TEST_KEY" }];
      const opus = [{ key: "k1", model: "claude-opus-5-5" }];
      writeFileSync(file, JSON.stringify({ "dispatch.keys": keys, "dispatch.models": opus }));
      await runner.until(({ setup }) => setup?.banners.length === 0);

      gate.open();
      assert.equal((await ended).endReason, "done");
      const models = simulator.messages().map(({ body }) => /"model":"claude-(\w+)/.exec(body.toString())?.[1]);
      assert.deepEqual(models, ["sonnet", "sonnet", "opus"]);
      const notes = runner.rows().flatMap((row) => (row.type === "system" ? [row.data.text] : []));
      assert.match(notes.join("\n"), /The settings have changed: the model is claude-opus-5-5/);
      assert.equal((await runner.end()).code, 0);
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});
