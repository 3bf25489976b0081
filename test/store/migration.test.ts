/** Logs of older versions are opened with everything in them, and are no longer mistaken for old ones afterwards. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { openDatabase } from "../../src/store/database";
import { nodeFs } from "../../src/store/fs";
import { scanJournal } from "../../src/store/journal";
import { readLog } from "../../src/store/log";
import { findTabs } from "../../src/store/queries";
import { editRows, migrations } from "../../src/store/schema";
import { oldRequest, oldTab, writeOldLog, writeOldRequests } from "./older";
import { openTestStore, sharedEngine, temporaryFolder, textRow } from "./support";

for (const version of [1, 2, 3, 4])
  describe(`a log of version ${version}`, () => {
    let folder: string;
    let remove: () => void;
    beforeEach(() => {
      ({ folder, remove } = temporaryFolder("migration"));
    });
    afterEach(() => remove());

    const closed = {
      ...oldTab,
      closedAt: 9,
      queue: [{ id: "q", text: "and then\n\u0000", createdAt: 5 }],
      unread: true,
      place: { seq: 2, offset: 0 },
      models: [{ key: "k", model: "m", effort: "low" }],
      mode: "plan" as const,
      toldMode: "edits" as const,
    };

    for (const withCheckpoint of [true, false]) {
      it(`opens ${withCheckpoint ? "from its checkpoint and journal" : "from its journal alone"}, and takes what is new`, async () => {
        await writeOldLog(folder, version, withCheckpoint);
        const store = await openTestStore(folder);
        assert.deepEqual(
          { tabs: await store.tabs(), rows: await store.rows("tab-1", 1, 9), recovery: store.recovery },
          { tabs: [oldTab], rows: [textRow(1), textRow(2), textRow(3)], recovery: [] },
        );
        // Older code must not take the journal for one that it can read.
        assert.equal(scanJournal(readFileSync(path.join(folder, "journal"))).header?.schema, migrations.length);
        await store.write([{ op: "tab", tab: closed }]);
        await store.close();
        const again = await openTestStore(folder);
        assert.deepEqual([await again.tabs(), await again.lastSeq("tab-1")], [[closed], 3]);
        await again.write([{ op: "tab", tab: oldTab }]);
        assert.deepEqual(await again.tabs(), [oldTab]);
        await again.close();
      });
    }

    it("is shown by a reader, who changes no file", async () => {
      await writeOldLog(folder, version, true);
      const journal = readFileSync(path.join(folder, "journal"));
      const log = readLog({ fs: nodeFs, engine: await sharedEngine(), folder });
      assert.deepEqual(findTabs(log.database), { records: [oldTab], damaged: [] });
      assert.deepEqual(readFileSync(path.join(folder, "journal")), journal);
      log.close();
    });
  });

for (const version of [2, 3] as const)
  it(`the requests of a log of version ${version} are kept, open and closed, and what is known of new ones is taken`, async () => {
    const { folder, remove } = temporaryFolder("migration-requests");
    await writeOldRequests(folder, version);
    const old = (tabId: string) => {
      const second = oldRequest(tabId, 2);
      return [oldRequest(tabId, 1), version === 2 ? second : { ...second, options: { paused: true } }];
    };
    const newer = {
      ...oldRequest("tab-2", 3),
      provider: "anthropic",
      account: "org_1",
      messageId: "msg_1",
      options: { marks: false },
      cacheMissReason: "tools_changed",
    };
    const store = await openTestStore(folder);
    assert.equal(await store.reopenTab("tab-2"), true);
    await store.write([{ op: "request", request: newer }]);
    await store.closeTab("tab-2", 10);
    await store.close();
    const again = await openTestStore(folder);
    assert.equal(await again.reopenTab("tab-2"), true);
    assert.deepEqual(
      [await again.requests("tab-1"), await again.requests("tab-2"), again.recovery],
      [old("tab-1"), [...old("tab-2"), newer], []],
    );
    await again.close();
    remove();
  });

describe("the rows of edits", () => {
  it("are found by their index, whatever the length of the conversation", async () => {
    const database = openDatabase(await sharedEngine());
    for (const step of migrations) step(database);
    const plan = database.get(
      `EXPLAIN QUERY PLAN SELECT * FROM chunks WHERE tab_id = 't' AND ${editRows} ORDER BY seq`,
    );
    assert.match(String(plan?.at(-1)), /USING INDEX edits_of_tab/);
    database.close();
  });
});
