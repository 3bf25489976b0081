import assert from "node:assert/strict";
import { type Choices, choicesOf, tabModelOf } from "../../src/agent/choices";
import { parseSettings } from "../../src/models/settings";
import type { TabModel } from "../../src/store/types";

describe("the models that a tab asks", () => {
  const state = parseSettings({
    "dispatch.keys": [
      { id: "mine", provider: "anthropic" },
      { id: "local", provider: "ollama" },
    ],
    "dispatch.models": [
      { key: "mine", model: "claude-opus-5-5", effort: "high" },
      { key: "mine", model: "claude-sonnet-5-5" },
      { key: "local", model: "qwen3-coder" },
      { key: "mine", model: "claude-sonnet-5-5" },
    ],
  });
  assert.ok(state.ok);
  const { settings } = state;

  const lines = (choices: Choices) =>
    choices.map(({ key, model, effort }) => `${key.id} ${model}${effort === undefined ? "" : ` ${effort}`}`);
  const linesFor = (models?: readonly TabModel[]) => lines(choicesOf(settings, models === undefined ? {} : { models }));

  const set = ["mine claude-opus-5-5 high", "mine claude-sonnet-5-5", "local qwen3-coder"];

  it("are those of the settings, each once, where it has no order of its own", () => {
    assert.deepEqual(linesFor(), set);
    assert.deepEqual(linesFor([]), set);
  });

  it("are its own first, then the others of the settings", () => {
    assert.deepEqual(
      linesFor([
        { key: "local", model: "qwen3-coder" },
        { key: "mine", model: "claude-haiku-5-5" },
      ]),
      ["local qwen3-coder", "mine claude-haiku-5-5", "mine claude-opus-5-5 high", "mine claude-sonnet-5-5"],
    );
  });

  it("are told apart by their effort", () => {
    assert.deepEqual(linesFor([{ key: "mine", model: "claude-opus-5-5" }]), ["mine claude-opus-5-5", ...set]);
  });

  it("are without those that the settings know no more", () => {
    assert.deepEqual(
      linesFor([
        { key: "gone", model: "claude-opus-5-5" },
        { key: "mine", model: "claude-opus-5-5", effort: "enormous" },
      ]),
      set,
    );
  });

  it("are kept by their names and found again", () => {
    assert.deepEqual(lines(choicesOf(settings, { models: settings.models.map(tabModelOf) })), set);
  });
});
