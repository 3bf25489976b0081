import assert from "node:assert/strict";
import { allTools } from "../../src/tools/index";

describe("the tools as models get them", () => {
  it("come in a fixed order", () => {
    assert.deepEqual(
      allTools.map(({ name, readOnly }) => `${name}${readOnly ? " (reads)" : ""}`),
      [
        "read_file (reads)",
        "list_files (reads)",
        "write_file",
        "edit_file",
        "run_shell",
        "job_output (reads)",
        "job_stop",
        "todo (reads)",
        "ask_user (reads)",
        "search (reads)",
        "find_files (reads)",
        "read_output (reads)",
        "web_fetch (reads)",
        "youtube_transcribe (reads)",
        "web_search (reads)",
        "diagnostics (reads)",
      ],
    );
  });

  it("say nothing that differs between machines or days: they are part of the cached prefix", () => {
    const text = JSON.stringify(allTools.map(({ name, description, schema }) => ({ name, description, schema })));
    const local = [process.cwd(), process.platform, String(new Date().getFullYear()), process.env.HOME ?? "/root"];
    assert.deepEqual(
      local.filter((word) => text.includes(word)),
      [],
    );
  });

  it("describe every argument and take no others", () => {
    const gaps = allTools.flatMap(({ name, schema }) => gapsIn(name, schema));
    assert.deepEqual(gaps, []);
  });

  it("name what a call is about, also while its arguments still stream", () => {
    const about = allTools.map((tool) => [
      tool.name,
      [tool.about({}), tool.about({ path: "a", command: "ls" }), tool.about({ path: 1, command: null })],
    ]);
    assert.deepEqual(
      about.filter(([, words]) => words?.toString() !== ",,"),
      [
        ["read_file", ["", "a", ""]],
        ["list_files", [".", "a", "."]],
        ["write_file", ["", "a", ""]],
        ["edit_file", ["", "a", ""]],
        ["run_shell", ["", "ls", ""]],
        ["diagnostics", ["", "a", ""]],
      ],
    );
  });
});

function gapsIn(where: string, schema: unknown): readonly string[] {
  if (!isObject(schema)) return [];
  const gaps = schema.type === "object" && schema.additionalProperties !== false ? [`${where} takes anything`] : [];
  for (const [name, property] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    const at = `${where}.${name}`;
    if (!isObject(property) || typeof property.description !== "string") gaps.push(`${at} has no description`);
    gaps.push(...gapsIn(at, property));
  }
  return [...gaps, ...gapsIn(`${where}[]`, schema.items)];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
