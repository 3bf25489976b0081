import assert from "node:assert/strict";
import { headFor } from "../../src/models/profile";
import type { Effort } from "../../src/models/types";
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
