/** The simulator as a process: what `npm run simulator` runs. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventsIn, send } from "./client";

const entry = path.join(__dirname, "cli.entry.js");
const request = {
  model: "claude-sonnet-5-5",
  max_tokens: 100,
  stream: true,
  messages: [{ role: "user", content: "hi" }],
};

describe("simulator: the command", () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "simulator-"));
  });
  afterEach(() => {
    child?.kill("SIGKILL");
    child = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it("says where it listens, plays a script, and ends when asked", async () => {
    const file = path.join(folder, "scenario.json");
    writeFileSync(file, JSON.stringify({ steps: ["from the file"] }));
    child = spawn(process.execPath, [entry, "--scenario", file], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    for await (const chunk of child.stdout ?? []) {
      output += String(chunk);
      if (output.includes("\n")) break;
    }
    const url = /^simulator listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(output)?.[1];
    assert.ok(url !== undefined, output);
    const events = eventsIn((await send(url, request)).body);
    assert.equal(events.at(-1)?.type, "message_stop");
    const ended = new Promise((resolve) => child?.on("exit", resolve));
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
  });

  const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
    [["--scenario", "missing.json"], /^The scenario missing\.json can't be read: /],
    [["--scenario", "broken.json"], /^broken\.json: steps\.0\.blocks: must be a list\n$/],
    [["--skin", "llama"], /^There is no skin "llama"\.\nUsage: /],
    [["--port", "many"], /^--port takes a whole number, not "many"\.\nUsage: /],
    [["--verbose"], /^Unknown option '--verbose'/],
  ];
  for (const [args, message] of mistakes) {
    it(`says what is wrong with ${args.join(" ")}`, () => {
      writeFileSync(path.join(folder, "broken.json"), '{"steps":[{}]}');
      const run = spawnSync(process.execPath, [entry, ...args], { cwd: folder, encoding: "utf8" });
      assert.deepEqual([run.status, run.stdout], [1, ""]);
      assert.match(run.stderr, message);
    });
  }
});
