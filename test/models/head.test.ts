import assert from "node:assert/strict";
import { headFor, type ModelLimits } from "../../src/models/head";
import { type Effort, type ProfileOverrides, providerIds } from "../../src/models/types";
import { findModel, models } from "../simulator/models";

const key = { id: "k", provider: "anthropic", baseUrl: "https://api.anthropic.com" } as const;
const head = (model: string, effort?: Effort) => headFor({ key, model, ...(effort === undefined ? {} : { effort }) });

describe("the head of a request", () => {
  it("is the same text for the same choice, in a fixed order", () => {
    assert.deepEqual(
      [
        head("claude-sonnet-5-5"),
        head("claude-opus-5-5", "low"),
        head("claude-haiku-4-5", "low"),
        head('ven"dor/m', "max"),
      ],
      [
        '"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"}',
        '"model":"claude-opus-5-5","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"},"output_config":{"effort":"low"}',
        '"model":"claude-haiku-4-5","max_tokens":32000,"stream":true',
        '"model":"ven\\"dor/m","max_tokens":32000,"stream":true',
      ],
    );
  });

  it("says to each kind of server only what it knows", () => {
    const baseUrl = "https://llm.example.org";
    const said = providerIds.map((provider) => {
      const model = "anthropic/claude-opus-5.5";
      const text = headFor({ key: { id: "k", provider, baseUrl }, model, effort: "low" });
      return `${provider}: ${Object.keys(JSON.parse(`{${text}}`)).join(" ")}`;
    });
    const least = "model max_tokens stream";
    const withEffort = `${least} output_config`;
    assert.deepEqual(said, [
      `anthropic: ${least} thinking output_config`,
      `ollama: ${least}`,
      `llama.cpp: ${least}`,
      `lm-studio: ${least}`,
      `vllm: ${least}`,
      `litellm: ${least}`,
      `openrouter: ${least}`,
      `vercel: ${least}`,
      `deepseek: ${withEffort}`,
      `moonshot: ${withEffort}`,
      `zai: ${least}`,
      `minimax: ${least}`,
      `custom: ${least}`,
      `vscode: ${least}`,
    ]);
  });

  it("follows what the settings say of a server", () => {
    const at = (profile: ProfileOverrides, effort: Effort) =>
      headFor({ key: { ...key, provider: "custom", profile }, model: "anthropic/claude-opus-5.5", effort });
    const start = '"model":"anthropic/claude-opus-5.5","max_tokens":';
    assert.deepEqual(
      [
        at({ thinking: "claude" }, "low"),
        at({ effort: ["low"] }, "low"),
        at({ effort: ["low"] }, "max"),
        at({ maxTokens: 64_000 }, "low"),
      ],
      [
        `${start}32000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"}`,
        `${start}32000,"stream":true,"output_config":{"effort":"low"}`,
        `${start}32000,"stream":true`,
        `${start}64000,"stream":true`,
      ],
    );
  });

  it("asks for no longer an answer than the model can give", () => {
    const asked = (limits: ModelLimits) => JSON.parse(`{${headFor({ key, model: "m" }, limits)}}`).max_tokens;
    assert.deepEqual(
      [
        {},
        { maxOutputTokens: 128_000 },
        { maxOutputTokens: 8_192 },
        { contextTokens: 32_768 },
        { contextTokens: 1 },
      ].map(asked),
      [32_000, 32_000, 8_192, 8_192, 1],
    );
  });

  it("asks of each model only what it takes", () => {
    const dated = ["claude-haiku-4-5-20251001", "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"];
    const ids = [...models.map((model) => model.id), ...dated];
    const asked = ids.map((id) => {
      const text = head(id, "high");
      return { id, thinking: text.includes('"adaptive"'), effort: text.includes('"effort"') };
    });
    const taken = ids.map((id) => ({
      id,
      thinking: findModel(id)?.thinking.includes("adaptive"),
      effort: findModel(id)?.effort,
    }));
    assert.deepEqual(asked, taken);
  });
});
