import assert from "node:assert/strict";
import { secretProblem } from "../../src/host/secrets";
import { checkSecret } from "../../src/host/set-key";
import type { KeyConfig } from "../../src/models/types";
import { activate } from "./support/chat";

const key: KeyConfig = { id: "test-key", provider: "anthropic", baseUrl: "https://one.example/v1" };

describe("secrets", () => {
  afterEach(async () => {
    await (await activate()).secrets.remove(key);
    delete process.env.DISPATCH_TEST_KEY;
  });

  it("gives a stored key back to the server that it was entered for, whatever the path", async () => {
    const { secrets } = await activate();
    assert.deepEqual(await secrets.state(key), { kind: "missing" });
    await secrets.put(key, "sk-test-0001");
    const ready = { kind: "ready", secret: "sk-test-0001", from: "storage" };
    assert.deepEqual(await secrets.state(key), ready);
    assert.deepEqual(await secrets.state({ ...key, baseUrl: "https://one.example/other" }), ready);
    await secrets.remove(key);
    assert.deepEqual(await secrets.state(key), { kind: "missing" });
  });

  it("keeps a stored key from any other host, port or scheme, and says why", async () => {
    const { secrets } = await activate();
    await secrets.put(key, "sk-test-0002");
    for (const baseUrl of ["https://two.example/v1", "https://one.example:8443/v1", "http://one.example/v1"]) {
      const moved = { ...key, baseUrl };
      const state = await secrets.state(moved);
      assert.deepEqual(state, { kind: "elsewhere", storedFor: "https://one.example" });
      assert.match(
        secretProblem(moved, state) ?? "",
        /was entered for https:\/\/one\.example, but the settings now name/,
      );
    }
  });

  it("reads the environment only where the settings name the variable and nothing fitting is stored", async () => {
    const { secrets } = await activate();
    process.env.DISPATCH_TEST_KEY = " sk-from-env \n";
    const named = { ...key, env: "DISPATCH_TEST_KEY" };
    assert.deepEqual(await secrets.state(key), { kind: "missing" });
    assert.deepEqual(await secrets.state(named), { kind: "ready", secret: "sk-from-env", from: "environment" });
    await secrets.put(key, "sk-test-0003");
    assert.deepEqual(await secrets.state(named), { kind: "ready", secret: "sk-test-0003", from: "storage" });
  });

  it("accepts what can be a key, and says what is wrong with the rest", () => {
    assert.deepEqual(["sk-ant-1", " sk-ant-1\n", "", "  ", "sk ant", "sk-änt"].map(checkSecret), [
      undefined,
      undefined,
      "Paste the API key.",
      "Paste the API key.",
      "A key has no spaces or line breaks in it.",
      "A key has only plain letters, digits and signs.",
    ]);
  });
});
