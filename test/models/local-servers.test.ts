import assert from "node:assert/strict";
import { addedSettings } from "../../src/host/offer-settings";
import { findLocalServers } from "../../src/models/local-servers";
import { parseSettings } from "../../src/models/settings";
import type { KeyConfig, ProviderId } from "../../src/models/types";
import { startSimulator } from "../simulator/server";
import { http, startRawServer } from "./support/raw-server";

const json = { "content-type": "application/json" };
const at = (provider: ProviderId, port: number, host = "127.0.0.1"): KeyConfig => ({
  id: provider,
  provider,
  baseUrl: `http://${host}:${port}`,
});

describe("model servers on this machine", () => {
  it("are those that answer with a list of models; anything else on such a port is passed over", async () => {
    const ollama = await startSimulator({ scenario: { turns: [] }, skin: "ollama" });
    const answers = {
      many: http(200, json, `{"data":[{"id":"nomic-embed-text"},{"id":"glm-5"},{"id":"bge-m3"},{"id":"qwen3"}]}`),
      none: http(200, json, `{"data":[{"id":"nomic-embed-text"}]}`),
      page: http(200, { "content-type": "text/html" }, "<h1>My site</h1>"),
      other: http(200, json, `{"status":"ok"}`),
      locked: http(401, json, `{"error":"key"}`),
      moved: http(302, { location: "http://127.0.0.1:1/v1/models" }, ""),
    };
    const servers = await Promise.all(
      Object.values(answers).map((answer) => startRawServer((socket) => socket.write(answer))),
    );
    const silent = await startRawServer(() => {});
    const port = Number(new URL(ollama.url).port);
    const places = [
      at("ollama", port),
      ...servers.map((server) => at("llama.cpp", server.port)),
      at("vllm", silent.port),
      at("vllm", 1),
    ];
    try {
      const found = await findLocalServers(places, 300);
      assert.deepEqual(
        found.map(({ key, models }) => [key.provider, ...models.map(({ id }) => id)]),
        [
          ["ollama", "qwen3:8b"],
          ["llama.cpp", "glm-5", "qwen3"],
        ],
      );
      assert.deepEqual(
        servers.map(({ got }) => got.map(({ head }) => head.split("\r\n")[0])),
        servers.map(() => ["GET /v1/models HTTP/1.1"]),
      );
    } finally {
      await Promise.all([ollama, silent, ...servers].map((server) => server.close()));
    }
  });

  it("are looked for on this machine only", async () => {
    assert.deepEqual(await findLocalServers([at("ollama", 80, "192.0.2.1")], 60_000), []);
  });
});

describe("an offer that is taken", () => {
  const ollama = { key: at("ollama", 11434, "localhost"), model: "qwen3" };
  const first = { id: "ollama", provider: "ollama" };
  const anthropic = { id: "anthropic", provider: "anthropic" };

  it("stands first in the settings, with all that was there behind it", () => {
    assert.deepEqual(addedSettings(ollama, undefined, undefined), {
      keys: [first, anthropic],
      models: [{ key: "ollama", model: "qwen3" }],
    });
    const mine = { id: "ollama", provider: "custom", baseUrl: "https://llm.example.org" };
    const glm = { key: "ollama", model: "glm" };
    const added = addedSettings(ollama, [mine], [glm]);
    assert.deepEqual(added, {
      keys: [{ id: "ollama-2", provider: "ollama" }, mine],
      models: [{ key: "ollama-2", model: "qwen3" }, glm],
    });
    assert.equal(parseSettings({ "dispatch.keys": added.keys, "dispatch.models": added.models }).ok, true);
  });

  it("is not written twice", () => {
    const once = addedSettings(ollama, undefined, undefined);
    assert.deepEqual(addedSettings(ollama, once.keys, once.models), once);
    const moved = { ...first, baseUrl: "http://127.0.0.1:9999" };
    assert.deepEqual(addedSettings(ollama, [moved], undefined).keys, [{ ...first, id: "ollama-2" }, moved]);
  });
});
