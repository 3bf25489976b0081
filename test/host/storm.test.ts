/** Fifty chats in VS Code against servers that limit, break and refuse; the keys in its secret storage. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { workspaceRoot } from "../../src/host/workspace";
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
import { serveChat } from "./support/chat";

describe(`a storm over ${COUNT} chats in VS Code`, () => {
  const root = workspaceRoot() ?? "";
  const { extensionPath = "" } = vscode.extensions.getExtension("dispatch.dispatch") ?? {};
  const worker = path.join(extensionPath, "dist", "store-worker.js");
  const clean = (): void => {
    for (const name of ["runs.txt", "environments.txt"]) rmSync(path.join(root, name), { force: true });
  };
  beforeEach(clean);
  afterEach(clean);

  for (const storm of seenFromOutside) {
    it(`of ${storm.name}: every turn ends, no command runs twice, no key is asked while it is limited, no secret gets out`, async () => {
      const models = [
        { key: "k1", model: "claude-sonnet-5-5" },
        { key: "k2", model: "claude-opus-5-5" },
      ];
      const { api, simulator, chat, dispose } = await serveChat(
        answered(storm.fault),
        { k1: secretOf("k1"), k2: secretOf("k2") },
        { "dispatch.models": models },
      );
      try {
        assertCalm(storm, await driveStorm({ ...chat, say: chat.send }), simulator, root);
        if (storm.limits) await assertNoneTooEarly(api.logFolder, worker);
        const kept = filesIn(api.logFolder).map((file) => readFileSync(file, "latin1"));
        assert.ok(
          kept.length > 0 && ![JSON.stringify([...chat.state().views]), ...kept].some((one) => one.includes(CANARY)),
        );
      } finally {
        for (const { id } of chat.state().tabs) chat.send({ type: "closeTab", tab: id, stop: true });
        await chat.until(({ tabs }) => tabs.length === 1);
        await dispose();
      }
    }).timeout(180_000);
  }
});
