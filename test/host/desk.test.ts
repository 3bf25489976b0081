import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { createSession } from "../../src/agent/session";
import { createDesk, type Desk } from "../../src/host/desk";
import { createDisposableList } from "../../src/host/dispose";
import { createEditor } from "../../src/host/editor";
import { createMovedHistory } from "../../src/host/moved-history";
import { createSurroundings } from "../../src/host/surroundings";
import { createKeyRing } from "../../src/models/key-ring";
import { parseSettings } from "../../src/models/settings";
import { openStore } from "../../src/store/open";
import { activate, noLog } from "./support/chat";

describe("the desk", () => {
  const owned = createDisposableList();
  const dist = path.join(vscode.extensions.getExtension("dispatch.dispatch")?.extensionPath ?? "", "dist");
  let worker = "";
  let folder = "";
  let desk: Desk;
  let states: string[] = [];

  beforeEach(async () => {
    const { secrets } = await activate();
    folder = await mkdtemp(path.join(tmpdir(), "dispatch-desk-"));
    worker = path.join(dist, "store-worker.js");
    const log = noLog;
    const { editor } = owned.push(
      createEditor(() => undefined, log, { bringHistory: async () => undefined, takeOver: async () => undefined }),
    );
    const moved = createMovedHistory({
      storage: path.dirname(folder),
      folder: undefined,
      memory: { get: () => undefined, update: () => undefined },
      changed: () => undefined,
      log: log.write,
    });
    desk = createDesk({
      log: log.write,
      store: () => openStore({ folder, worker }),
      session: (store) =>
        createSession(
          createSurroundings({
            store,
            settings: () => parseSettings({}),
            permissions: () => ({ user: { rules: [] }, workspace: { rules: [] } }),
            secrets,
            keys: createKeyRing({ now: Date.now }),
            workspace: undefined,
            sandbox: undefined,
            editor,
            moved,
            offers: { find: async () => [], take: async () => {} },
            bundles: folder,
            log,
          }),
        ),
    });
    states = [];
    owned.push(desk.onState(({ kind }) => states.push(kind)));
  });
  afterEach(async () => {
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  });
  after(() => owned.dispose());

  it("opens once, whoever asks", async () => {
    desk.open();
    const [first, second] = await Promise.all([desk.session(), desk.session()]);
    assert.ok(first);
    assert.equal(first, second);
    assert.deepEqual(states, ["opening", "open"]);
  });

  it("says in words that it could not open, and opens when it is tried again", async () => {
    worker = path.join(dist, "missing-worker.js");
    assert.equal(await desk.session(), undefined);
    assert.match(
      desk.state.kind === "failed" ? desk.state.message : "",
      /^The chats of this window could not be opened\. /,
    );
    worker = path.join(dist, "store-worker.js");
    await desk.reopen();
    assert.ok(await desk.session());
    assert.deepEqual(states, ["opening", "failed", "opening", "open"]);
  });

  it("makes a new session over the same log, and none once it is closed", async () => {
    const first = await desk.session();
    await desk.reopen();
    const second = await desk.session();
    assert.ok(second);
    assert.notEqual(second, first);
    await desk.close();
    await desk.reopen();
    assert.equal(await desk.session(), undefined);
  });
});
