/** Fifty chats in VS Code against servers that limit, break and refuse; the keys in its secret storage. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { workspaceRoot } from "../../src/host/workspace";
import { startSimulator } from "../simulator/server";
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
import { activate, configure, openChat } from "./support/chat";

describe(`a storm over ${COUNT} chats in VS Code`, () => {
  const root = workspaceRoot() ?? "";
  const { extensionPath = "" } = vscode.extensions.getExtension("dispatch.dispatch") ?? {};
  const worker = path.join(extensionPath, "dist", "store-worker.js");
  const clean = (): void => {
    for (const name of ["runs.txt", "environments.txt"]) rmSync(path.join(root, name), { force: true });
  };
  beforeEach(clean);
  afterEach(async () => {
    clean();
    await configure({ "dispatch.keys": undefined, "dispatch.models": undefined });
  });

  for (const storm of seenFromOutside) {
    it(`of ${storm.name}: every turn ends, no command runs twice, no key is asked while it is limited, no secret gets out`, async () => {
      const api = await activate();
      const simulator = await startSimulator({ scenario: answered(storm.fault) });
      const keys = ["k1", "k2"].map((id) => ({ id, provider: "anthropic", baseUrl: simulator.url }) as const);
      for (const key of keys) await api.secrets.put(key, secretOf(key.id));
      await configure({
        "dispatch.keys": keys,
        "dispatch.models": [
          { key: "k1", model: "claude-sonnet-5-5" },
          { key: "k2", model: "claude-opus-5-5" },
        ],
      });
      const chat = await openChat(api);
      try {
        await chat.until(({ setup }) => setup?.key.kind === "ready");
        assertCalm(storm, await driveStorm({ ...chat, say: chat.send }), simulator, root);
        if (storm.limits) await assertNoneTooEarly(api.logFolder, worker);
        const kept = filesIn(api.logFolder).map((file) => readFileSync(file, "latin1"));
        assert.ok(
          kept.length > 0 && ![JSON.stringify([...chat.state().views]), ...kept].some((one) => one.includes(CANARY)),
        );
      } finally {
        for (const { id } of chat.state().tabs) chat.send({ type: "closeTab", tab: id, stop: true });
        await chat.until(({ tabs }) => tabs.length === 1);
        chat.dispose();
        for (const key of keys) await api.secrets.remove(key);
        await simulator.close();
      }
    }).timeout(180_000);
  }
});
