import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseSettings } from "../../src/models/settings";
import { providerIds } from "../../src/models/types";

const anthropic = { id: "anthropic", provider: "anthropic", baseUrl: "https://api.anthropic.com" };

describe("settings", () => {
  it("take their defaults when nothing is set", () => {
    assert.deepEqual(parseSettings({}), {
      ok: true,
      settings: {
        keys: [anthropic],
        models: [{ key: anthropic, model: "claude-sonnet-5-5" }],
        maxSteps: 100,
        prices: {},
        commandTimeoutSeconds: 120,
        backgroundAfterSeconds: 10,
        rowsInView: 400,
        whenExhausted: "wait",
        mode: "ask",
        allowUnrestricted: false,
      },
    });
  });

  it("join each model with its key, and write each address in one form", () => {
    const raw = {
      "dispatch.keys": [
        { id: "k1", provider: "anthropic", baseUrl: "HTTP://127.0.0.1:9000/", env: "KEY1" },
        { id: "gate", provider: "anthropic", baseUrl: "https://gateway.example.org/anthropic//" },
        { id: "six", provider: "anthropic", baseUrl: "http://[::1]:8080" },
        { id: "box", provider: "anthropic", baseUrl: "http://box.localhost" },
      ],
      "dispatch.models": [
        { key: "gate", model: "claude-opus-5-5", effort: "max" },
        { key: "k1", model: "vendor/some-model:7b" },
      ],
      "dispatch.maxSteps": 10_000,
      "dispatch.maxCost": 2.5,
      "dispatch.prices": { "glm-5.2": { input: 1, output: 4, cacheRead: 0.2 } },
      "dispatch.commandTimeoutSeconds": 1,
      "dispatch.backgroundAfterSeconds": 0,
      "dispatch.rowsInView": 100,
      "editor.fontSize": "the business of somebody else",
    };
    const k1 = { id: "k1", provider: "anthropic", baseUrl: "http://127.0.0.1:9000", env: "KEY1" };
    const gate = { id: "gate", provider: "anthropic", baseUrl: "https://gateway.example.org/anthropic" };
    assert.deepEqual(parseSettings(raw), {
      ok: true,
      settings: {
        keys: [
          k1,
          gate,
          { id: "six", provider: "anthropic", baseUrl: "http://[::1]:8080" },
          { id: "box", provider: "anthropic", baseUrl: "http://box.localhost" },
        ],
        models: [
          { key: gate, model: "claude-opus-5-5", effort: "max" },
          { key: k1, model: "vendor/some-model:7b" },
        ],
        maxSteps: 10_000,
        maxCost: 2.5,
        prices: { "glm-5.2": { input: 1, output: 4, read: 0.2, write: 1 } },
        commandTimeoutSeconds: 1,
        backgroundAfterSeconds: 0,
        rowsInView: 100,
        whenExhausted: "wait",
        mode: "ask",
        allowUnrestricted: false,
      },
    });
  });

  it("use the default model with the first key when only keys are set", () => {
    const state = parseSettings({ "dispatch.keys": [{ id: "work", provider: "anthropic" }] });
    const work = { ...anthropic, id: "work" };
    assert.deepEqual(state.ok && state.settings.models, [{ key: work, model: "claude-sonnet-5-5" }]);
  });

  it("know where each kind of server usually is, and one of its models", () => {
    const places = providerIds.map((provider) => {
      const baseUrl = provider === "custom" ? { baseUrl: "https://llm.example.org" } : {};
      const state = parseSettings({ "dispatch.keys": [{ id: "k", provider, ...baseUrl }] });
      const first = state.ok ? state.settings.models[0] : undefined;
      return `${provider} ${first?.key.baseUrl} ${first?.model}`;
    });
    assert.deepEqual(places, [
      "anthropic https://api.anthropic.com claude-sonnet-5-5",
      "ollama http://localhost:11434 qwen3-coder",
      "llama.cpp http://localhost:8080 default",
      "lm-studio http://localhost:1234 openai/gpt-oss-20b",
      "vllm http://localhost:8000 Qwen/Qwen3-Coder-30B-A3B-Instruct",
      "litellm http://localhost:4000 claude-sonnet-5-5",
      "openrouter https://openrouter.ai/api anthropic/claude-sonnet-5.5",
      "vercel https://ai-gateway.vercel.sh anthropic/claude-sonnet-5.5",
      "deepseek https://api.deepseek.com/anthropic deepseek-v4-pro",
      "moonshot https://api.moonshot.ai/anthropic kimi-k3",
      "zai https://api.z.ai/api/anthropic glm-5.2",
      "minimax https://api.minimax.io/anthropic MiniMax-M3",
      "custom https://llm.example.org default",
      "vscode vscode://language-models copilot/gpt-5",
    ]);
  });

  it("keep what a server does differently", () => {
    const profile = {
      auth: "x-api-key",
      apiVersion: "none",
      cacheMarks: true,
      thinking: "claude",
      effort: ["low", "max"],
      maxTokens: 8_000,
      diagnostics: true,
      images: true,
    };
    const key = { id: "k", provider: "custom", baseUrl: "https://llm.example.org", profile };
    const state = parseSettings({ "dispatch.keys": [key] });
    assert.deepEqual(state.ok && state.settings.keys, [key]);
  });

  it("are offered in the editor as the code reads them", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
    const { provider, profile } = contributes.configuration.properties["dispatch.keys"].items.properties;
    assert.deepEqual(provider.enum, providerIds);
    assert.equal(provider.enumDescriptions.length, providerIds.length);
    assert.deepEqual(Object.keys(profile.properties), [
      "auth",
      "apiVersion",
      "cacheMarks",
      "thinking",
      "effort",
      "maxTokens",
      "diagnostics",
      "images",
    ]);
  });

  describe("of the wrong shape give one sentence", () => {
    const key = (fields: object) => ({ "dispatch.keys": [{ id: "k1", provider: "anthropic" }, fields] });
    const url = (baseUrl: unknown) => key({ id: "k2", provider: "anthropic", baseUrl });
    const model = (fields: unknown) => ({ "dispatch.models": [fields] });
    const profile = (value: unknown) => key({ id: "k2", provider: "litellm", profile: value });
    const providers = `"anthropic", "ollama", "llama.cpp", "lm-studio", "vllm", "litellm", "openrouter", "vercel", "deepseek", "moonshot", "zai", "minimax", "custom" or "vscode"`;
    const overrides = "auth, apiVersion, cacheMarks, thinking, effort, maxTokens, diagnostics and images";
    const pasted = `sk-ant-api03-${"x".repeat(90)}`;
    const table: readonly (readonly [Record<string, unknown>, string])[] = [
      [
        { "dispatch.maxStep": 5 },
        "dispatch.maxStep is not a setting of Dispatch; the settings are dispatch.keys, dispatch.models, dispatch.maxSteps, dispatch.maxCost, dispatch.prices, dispatch.commandTimeoutSeconds, dispatch.backgroundAfterSeconds, dispatch.rowsInView, dispatch.whenExhausted, dispatch.permissions, dispatch.mode and dispatch.allowUnrestricted.",
      ],
      [
        { "dispatch.keys": "anthropic" },
        `dispatch.keys is "anthropic"; write a list such as [{"id": "anthropic", "provider": "anthropic"}].`,
      ],
      [
        { "dispatch.keys": null },
        `dispatch.keys is null; write a list such as [{"id": "anthropic", "provider": "anthropic"}].`,
      ],
      [
        { "dispatch.keys": [] },
        `dispatch.keys is an empty list; write at least one entry, such as [{"id": "anthropic", "provider": "anthropic"}].`,
      ],
      [
        { "dispatch.keys": ["k1"] },
        `dispatch.keys[0] is "k1"; write an object with id, provider, baseUrl, env and profile.`,
      ],
      [key([]), "dispatch.keys[1] is a list; write an object with id, provider, baseUrl, env and profile."],
      [
        key({ id: "k2", provider: "anthropic", baseURL: "https://x.org" }),
        `dispatch.keys[1] has an unknown property "baseURL"; it may have id, provider, baseUrl, env and profile.`,
      ],
      [
        key({ id: "k2", provider: "anthropic", apiKey: pasted }),
        `dispatch.keys[1] has a property "apiKey"; leave it out: a key is set with Dispatch: Set API Key.`,
      ],
      [
        key({ provider: "anthropic" }),
        `dispatch.keys[1].id is missing; write a name of letters, digits, ".", "-" and "_".`,
      ],
      [
        key({ id: "my key", provider: "anthropic" }),
        `dispatch.keys[1].id is "my key"; write a name of letters, digits, ".", "-" and "_".`,
      ],
      [
        key({ id: pasted, provider: "anthropic" }),
        `dispatch.keys[1].id is "sk-ant-api03…"; write a name of letters, digits, ".", "-" and "_".`,
      ],
      [
        key({ id: "k1", provider: "anthropic" }),
        `dispatch.keys[1].id is "k1", as is dispatch.keys[0].id; give each key an id of its own.`,
      ],
      [key({ id: "k2" }), `dispatch.keys[1].provider is missing; write ${providers}.`],
      [key({ id: "k2", provider: "openai" }), `dispatch.keys[1].provider is "openai"; write ${providers}.`],
      [
        key({ id: "k2", provider: "custom" }),
        `dispatch.keys[1].baseUrl is missing; write an address such as "http://127.0.0.1:8080".`,
      ],
      [
        key({ id: "k2", provider: "ollama", baseUrl: "http://192.168.1.4:11434" }),
        "dispatch.keys[1].baseUrl would send the key to 192.168.1.4:11434 unencrypted; write https://, plain http is for this machine only (http://127.0.0.1 or http://localhost).",
      ],
      [
        key({ id: "k2", provider: "vscode", env: "KEY" }),
        "dispatch.keys[1].env has no meaning for VS Code's language models; leave it out.",
      ],
      [profile("fast"), `dispatch.keys[1].profile is "fast"; write an object with ${overrides}.`],
      [
        profile({ stream: false }),
        `dispatch.keys[1].profile has an unknown property "stream"; it may have ${overrides}.`,
      ],
      [profile({ auth: "basic" }), `dispatch.keys[1].profile.auth is "basic"; write "bearer" or "x-api-key".`],
      [
        profile({ apiVersion: "2027-01-01" }),
        `dispatch.keys[1].profile.apiVersion is "2027-01-01"; write "2026-10-21", "2023-06-01" or "none".`,
      ],
      [profile({ cacheMarks: "yes" }), `dispatch.keys[1].profile.cacheMarks is "yes"; write true or false.`],
      [profile({ thinking: true }), `dispatch.keys[1].profile.thinking is true; write "claude" or "none".`],
      [
        profile({ effort: "low" }),
        `dispatch.keys[1].profile.effort is "low"; write a list of "low", "medium", "high", "xhigh" or "max".`,
      ],
      [
        profile({ effort: ["low", "hard"] }),
        `dispatch.keys[1].profile.effort[1] is "hard"; write "low", "medium", "high", "xhigh" or "max".`,
      ],
      [
        profile({ maxTokens: 0 }),
        "dispatch.keys[1].profile.maxTokens is 0; write a whole number from 1 to 1000000, such as 32000.",
      ],
      [url(8080), `dispatch.keys[1].baseUrl is 8080; write an address such as "https://api.anthropic.com".`],
      [
        url("api.anthropic.com"),
        "dispatch.keys[1].baseUrl is not a web address; write one that starts with https://, such as https://api.anthropic.com.",
      ],
      [
        url("file:///etc/passwd"),
        "dispatch.keys[1].baseUrl is not a web address; write one that starts with https://, such as https://api.anthropic.com.",
      ],
      [
        url("https://me:pw@proxy.example.org"),
        "dispatch.keys[1].baseUrl has a user name or password in it; write it without, and set the key with Dispatch: Set API Key.",
      ],
      [
        url("https://proxy.example.org/?key=1"),
        "dispatch.keys[1].baseUrl has a query or fragment; write only the address up to the path, without ? and #.",
      ],
      [
        url("http://127.0.0.1.example.org"),
        "dispatch.keys[1].baseUrl would send the key to 127.0.0.1.example.org unencrypted; write https://, plain http is for this machine only (http://127.0.0.1 or http://localhost).",
      ],
      [
        url("http://192.168.1.4:1234"),
        "dispatch.keys[1].baseUrl would send the key to 192.168.1.4:1234 unencrypted; write https://, plain http is for this machine only (http://127.0.0.1 or http://localhost).",
      ],
      [
        url("https://api.anthropic.com/v1/"),
        "dispatch.keys[1].baseUrl ends in /v1; write it without, since Dispatch adds /v1/messages itself.",
      ],
      [
        key({ id: "k2", provider: "anthropic", env: pasted }),
        `dispatch.keys[1].env is not the name of an environment variable; write one such as "ANTHROPIC_API_KEY".`,
      ],
      [
        { "dispatch.models": [] },
        `dispatch.models is an empty list; write at least one entry, such as [{"key": "anthropic", "model": "claude-sonnet-5-5"}].`,
      ],
      [model("opus"), `dispatch.models[0] is "opus"; write an object with key, model and effort.`],
      [
        model({ key: "other", model: "m" }),
        `dispatch.models[0].key is "other"; write an id from dispatch.keys: "anthropic".`,
      ],
      [
        model({ key: "anthropic" }),
        `dispatch.models[0].model is missing; write the name of a model, such as "claude-sonnet-5-5".`,
      ],
      [
        model({ key: "anthropic", model: "Claude Sonnet 5.5" }),
        `dispatch.models[0].model is "Claude Sonnet 5.5"; write the name of a model, such as "claude-sonnet-5-5".`,
      ],
      [
        model({ key: "anthropic", model: "m", effort: "hard" }),
        `dispatch.models[0].effort is "hard"; write "low", "medium", "high", "xhigh" or "max", or leave it out.`,
      ],
      [
        model({ key: "anthropic", model: "m", temperature: 1 }),
        `dispatch.models[0] has an unknown property "temperature"; it may have key, model and effort.`,
      ],
      [
        { "dispatch.maxCost": -1 },
        "dispatch.maxCost is -1; write an amount in US dollars, such as 2.5, or 0 for no limit.",
      ],
      [
        { "dispatch.prices": [] },
        `dispatch.prices is a list; write an object such as {"glm-5.2": {"input": 1, "output": 4}}.`,
      ],
      [
        { "dispatch.prices": { m: { input: 1 } } },
        `dispatch.prices["m"].output is missing; write US dollars for a million tokens, such as 3.`,
      ],
      [
        { "dispatch.prices": { m: { input: 1, output: 2, read: 3 } } },
        `dispatch.prices["m"] has an unknown property "read"; it may have input, output, cacheRead and cacheWrite.`,
      ],
      [{ "dispatch.maxSteps": 0 }, "dispatch.maxSteps is 0; write a whole number from 1 to 10000, such as 100."],
      [
        { "dispatch.maxSteps": "100" },
        `dispatch.maxSteps is "100"; write a whole number from 1 to 10000, such as 100.`,
      ],
      [
        { "dispatch.backgroundAfterSeconds": -1 },
        "dispatch.backgroundAfterSeconds is -1; write a whole number from 0 to 3600, such as 10.",
      ],
      [
        { "dispatch.commandTimeoutSeconds": 1.5 },
        "dispatch.commandTimeoutSeconds is 1.5; write a whole number from 1 to 86400, such as 120.",
      ],
      [
        { "dispatch.rowsInView": 99 },
        "dispatch.rowsInView is 99; write a whole number from 100 to 10000, such as 400.",
      ],
      [
        { "dispatch.commandTimeoutSeconds": {} },
        "dispatch.commandTimeoutSeconds is an object; write a whole number from 1 to 86400, such as 120.",
      ],
    ];
    for (const [raw, message] of table) {
      it(message, () => assert.deepEqual(parseSettings(raw), { ok: false, message }));
    }
  });
});
