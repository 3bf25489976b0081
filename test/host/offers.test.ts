import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Offer, ToView } from "../../src/chunks/protocol";
import { activate, configure, eventually } from "./support/chat";

describe("what a first chat offers without a key", () => {
  after(() => configure({ "dispatch.keys": undefined, "dispatch.models": undefined }));

  it("has VS Code's language models, which one click writes to the settings; then nothing is offered any more", async () => {
    const api = await activate();
    await configure({ "dispatch.keys": undefined, "dispatch.models": undefined });
    const heard: ToView[] = [];
    let wake = (): void => undefined;
    const view = await api.attach((message) => {
      heard.push(message);
      wake();
    });
    const next = async <T>(found: (message: ToView) => T | undefined): Promise<T> => {
      for (;;) {
        for (const message of heard.splice(0)) {
          const value = found(message);
          if (value !== undefined) return value;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const offers = (message: ToView): readonly Offer[] | undefined =>
      message.type === "offers" ? message.offers : undefined;

    view.receive({ type: "ready" });
    const key = await next((message) => (message.type === "snapshot" ? message.setup.key : undefined));
    assert.deepEqual(key, { kind: "missing", keyId: "anthropic" });
    view.receive({ type: "offers" });
    assert.deepEqual(
      (await next(offers)).filter(({ id }) => id === "vscode"),
      [{ id: "vscode", label: "VS Code's language models", detail: "Parrot 1" }],
    );
    view.receive({ type: "takeOffer", id: "vscode" });
    await next((message) => (message.type === "setup" && message.setup.key.kind === "ready" ? true : undefined));
    const written = (name: string): unknown => vscode.workspace.getConfiguration().inspect(name)?.globalValue;
    await eventually(() => written("dispatch.models") !== undefined);
    assert.deepEqual(["dispatch.keys", "dispatch.models"].map(written), [
      [
        { id: "vscode", provider: "vscode" },
        { id: "anthropic", provider: "anthropic" },
      ],
      [{ key: "vscode", model: "dispatch-test/parrot-1" }],
    ]);
    view.receive({ type: "offers" });
    assert.deepEqual(await next(offers), []);
    view.dispose();
    await vscode.commands.executeCommand("notifications.clearAll");
  });
});
