/**
 * What a person can get wrong, and what can break around them: each gets a sentence, nothing is lost, and the
 * conversation goes on when the cause is mended. The sentences are in golden/bad-input.txt.
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import path from "node:path";
import { migrations } from "../../src/store/schema";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { openTestStore } from "../store/support";
import { golden } from "../support/golden";
import { call, text } from "../support/script";
import {
  assertWhole,
  freshPlace,
  type Runner,
  runToEnd,
  said,
  serve,
  settingsFile,
  settingsText,
  type TestPlace,
} from "./support";

const scenario: Scenario = {
  turns: [
    {
      match: /^go/m,
      steps: [{ blocks: [text("I look."), call("read_file", { path: "README.md" })] }, { blocks: [text("Gone.")] }],
    },
    { match: /^and/m, steps: [{ blocks: [text("And on.")] }] },
    { match: /^wait/m, steps: [{ blocks: [text("Hm.")], pace: 500 }] },
    {
      match: /^lost/m,
      steps: [
        {
          blocks: [
            call("read_file", { path: "README.md" }),
            call("list_files", {}),
            call("run_shell", { command: "pwd" }),
          ],
        },
        { blocks: [text("The folder is gone.")] },
      ],
    },
  ],
};

const sections: { readonly title: string; readonly lines: readonly string[] }[] = [];

describe("bad input gets a sentence and loses nothing", () => {
  let simulator: Simulator;
  let place: TestPlace;

  before(async () => {
    simulator = await startSimulator({ scenario, badKeys: ["wrong-key"] });
  });
  after(async function () {
    await simulator.close();
    const isWhole = this.test?.parent?.tests.every((test) => test.isPassed()) ?? false; // not so with --grep
    const text = sections.map(({ title, lines }) => `## ${title}\n${lines.join("\n")}\n`).join("\n");
    if (isWhole) golden("headless/bad-input", text);
  });
  beforeEach(() => {
    place = freshPlace(simulator.url);
  });
  afterEach(() => place.remove());

  /** Sentences, without what differs from run to run. */
  const note = (title: string, ...lines: readonly string[]): void => {
    const clean = (line: string) =>
      line
        .replaceAll(path.dirname(place.storage), "TEMP")
        .replaceAll(hostname(), "HOST")
        .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
        .replace(/process \d+/g, "process PID")
        .replace(/\(format \d+, this one knows \d+\)/g, "(format N + 1, this one knows N)")
        .replace(/corrupt-[\dTZ:-]+(?:\.\d+Z?)?/g, "corrupt-TIME")
        .replace(/settings\/\d+/g, "settings/N")
        .replace(/\b\d+ ms\b/g, "N ms")
        .replace(/\breq_\w+/g, "req_ID")
        .trim();
    sections.push({ title, lines: lines.map(clean) });
  };
  const log = (name: string) => path.join(place.storage, "log", name);

  it("in the settings: one conversation through all that can be wrong, to a good end", async () => {
    const page = await startPages();
    const key = { id: "k1", provider: "anthropic", env: "TEST_KEY" };
    const good = {
      "dispatch.keys": [{ ...key, baseUrl: simulator.url }],
      "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
    };
    const at = (baseUrl: string) => JSON.stringify({ ...good, "dispatch.keys": [{ ...key, baseUrl }] });
    const shapes: readonly (readonly [string, string])[] = [
      ["settings that are not JSON", "{ keys: 1 }"],
      ["keys of the wrong shape", JSON.stringify({ ...good, "dispatch.keys": { k1: key } })],
      [
        "a model with a key that is not there",
        JSON.stringify({ ...good, "dispatch.models": [{ key: "k2", model: "m" }] }),
      ],
    ];
    const attempt = async (title: string, settings: string, args: readonly string[], env = {}) => {
      const run = await runToEnd({ ...place, settings: settingsText(place, settings), args, env });
      assert.equal(run.code, 1, title);
      note(title, ...run.stderr.trim().split("\n"));
      return run;
    };
    const asked = ["--prompt", "go on"];
    try {
      for (const [title, settings] of shapes) await attempt(title, settings, asked);
      const { runner } = await attempt("no key in the environment", at(simulator.url), asked, { TEST_KEY: undefined });
      assert.deepEqual(
        runner.state().tabs.map((tab) => tab.draft),
        ["go on"],
        "what was to be sent is kept",
      );
      assert.equal(simulator.messages().length, 0, "nothing was sent");
      await attempt("a wrong key", at(simulator.url), asked, { TEST_KEY: "wrong-key" });
      const unknown = JSON.stringify({ ...good, "dispatch.models": [{ key: "k1", model: "claude-nothing-9" }] });
      await attempt("an unknown model", unknown, ["--resume"]);
      await attempt("a base URL with a path that is not an API", at(`${simulator.url}/docs`), ["--resume"]);
      await attempt("a web page with status 200", at(`${page.url}/page`), ["--resume"]);
      await attempt("JSON of something else", at(`${page.url}/json`), ["--resume"]);
      await attempt("an address that refuses connections", at(`http://127.0.0.1:${page.closedPort}`), ["--resume"]);
      const end = await runToEnd({ ...place, args: ["--resume"] });
      assert.deepEqual([end.code, end.stderr], [0, ""]);
      assert.deepEqual(said(end.runner.rows()), ["I look.", "Gone."]);
      assertWhole(end.runner.rows());
      assert.equal(end.runner.state().tabs.length, 1);
    } finally {
      await page.close();
    }
  });

  it("a web page with status 502, until the server is back", async () => {
    const page = await startPages();
    try {
      const runner = await serve({ ...place, settings: settingsFile(place, `${page.url}/gateway`) });
      const end = runner.send("go on");
      await runner.until((state) => state.tabs[0]?.activity.kind === "retrying");
      const activity = runner.state().tabs[0]?.activity;
      note("a web page with status 502", activity?.kind === "retrying" ? activity.reason : "");
      page.forwardTo(simulator.url);
      assert.equal((await end).endReason, "done");
      assert.deepEqual(said(runner.rows()), ["I look.", "Gone."]);
      assert.equal((await runner.end()).code, 0);
    } finally {
      await page.close();
    }
  });

  it("a file in the place of the storage folder", async () => {
    const storage = path.join(place.storage, "file");
    writeFileSync(storage, "not a folder");
    const runner = await serve({ ...place, storage });
    const refused = await refusedSend(runner, "go on");
    note("a file in the place of the storage folder", ...refused);
    rmSync(storage);
    await runner.takenOver();
    assert.deepEqual(runner.banners(), []);
    assert.equal(runner.state().tabs.find((tab) => tab.id === runner.tab())?.draft, "go on");
    assert.equal((await runner.send("go on")).endReason, "done");
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });
    assert.deepEqual(said(await rowsOf({ ...place, storage })), ["I look.", "Gone."]);
  });

  it("a damaged checkpoint", async () => {
    const before = await talk("go on", "and on");
    const bytes = readFileSync(log("checkpoint.sqlite"));
    bytes.fill(0x5a, 4096, 12_288);
    writeFileSync(log("checkpoint.sqlite"), bytes);
    const runner = await serve(place);
    note("a damaged checkpoint", ...runner.banners());
    assert.deepEqual(runner.rows(), before);
    const kept = readdirSync(path.join(place.storage, "log")).filter((name) => name.includes("corrupt-"));
    assert.equal(kept.length, 1);
    assert.deepEqual(readFileSync(log(kept[0] ?? "")), bytes, "the damaged file is kept as it was");
    assert.equal((await runner.send("and on")).endReason, "done");
    assert.deepEqual(await runner.end(), { code: 0, stderr: "" });
    assert.equal(said(await rowsOf(place)).length, 4);
  });

  it("every file of the log damaged", async () => {
    await talk("go on");
    for (const name of readdirSync(path.join(place.storage, "log"))) writeFileSync(log(name), `garbage ${name}`);
    const runner = await serve(place);
    note("every file of the log damaged", ...runner.banners());
    assert.equal((await runner.send("go on")).endReason, "done");
    assert.equal((await runner.end()).code, 0);
    assert.deepEqual(said(await rowsOf(place)), ["I look.", "Gone."]);
  });

  it("a log of a newer version", async () => {
    const before = await talk("go on");
    const newer = [...migrations, () => undefined];
    await (await openTestStore(path.join(place.storage, "log"), { migrations: newer })).close();
    const bytes = readFileSync(log("checkpoint.sqlite"));
    const runner = await serve(place);
    const refused = await refusedSend(runner, "and on");
    note("a log of a newer version", ...refused);
    assert.deepEqual(runner.rows(), before, "its history is shown");
    assert.equal((await runner.end()).code, 0);
    assert.deepEqual(readFileSync(log("checkpoint.sqlite")), bytes, "and left as it is");
    const updated = await openTestStore(path.join(place.storage, "log"), { migrations: newer });
    assert.equal((await updated.rows(before[0]?.tabId ?? "", 1, 99)).length, before.length);
    await updated.close();
  });

  it("two processes on one storage", async () => {
    const first = await serve(place);
    assert.equal((await first.send("go on")).endReason, "done");
    const second = await serve(place);
    assert.deepEqual(second.rows(), first.rows(), "the second one shows the history");
    note("two processes on one storage", ...(await refusedSend(second, "and on")));
    const resumed = await runToEnd({ ...place, args: ["--resume"] });
    assert.equal(resumed.code, 1);
    note("--resume while another process has the log", ...resumed.stderr.trim().split("\n"));

    first.say({ type: "send", tab: first.tab(), text: "wait for it" });
    await first.until((state) => state.views.get(state.active)?.live !== undefined);
    await first.kill("SIGKILL");
    await second.takenOver();
    assert.deepEqual(second.banners(), []);
    assert.equal(second.state().tabs[0]?.draft, "and on", "what was typed meanwhile is still there");
    assert.equal(second.state().tabs[0]?.resumable, true, "the turn that was cut can be continued");
    note("after the other process was killed", second.state().tabs[0]?.unfinished?.message ?? "");
    assert.equal((await second.send("and on")).endReason, "done");
    assertWhole(second.rows());
    assert.equal(simulator.messages().at(-1)?.error, undefined);
    const rows = second.rows();
    assert.equal((await second.end()).code, 0);
    assert.deepEqual(await rowsOf(place), rows);
  });

  it("a workspace folder that is removed while Dispatch works on it", async () => {
    const runner = await serve({ ...place, answer: () => ({ kind: "allow_once" }) });
    assert.equal((await runner.send("go on")).endReason, "done");
    rmSync(place.root, { recursive: true });
    const seen = runner.rows().length;
    assert.equal((await runner.send("lost?")).endReason, "done");
    const results = runner
      .rows()
      .slice(seen)
      .flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
    note("a workspace folder that was removed", ...results.map(({ name, text }) => `${name}: ${text}`).sort());
    assert.equal(
      results.every((result) => result.isError),
      true,
    );
    mkdirSync(place.root);
    writeFileSync(path.join(place.root, "README.md"), "# Back\n");
    assert.equal((await runner.send("go on")).endReason, "done");
    assert.match(JSON.stringify(runner.rows().slice(-2)), /# Back/);
    assert.equal((await runner.end()).code, 0);
  });

  /** One turn per text, each in a process of its own. @returns the rows at the end. */
  async function talk(...texts: readonly string[]) {
    for (const text of texts) {
      const run = await runToEnd({ ...place, args: ["--prompt", text, "--tab", "last"] });
      assert.deepEqual([run.code, run.stderr], [0, ""]);
    }
    return rowsOf(place);
  }
});

async function rowsOf(place: TestPlace) {
  const runner = await serve(place);
  const rows = runner.rows();
  await runner.end();
  return rows;
}

/** Tries to send, which must not work now. @returns the banner that stands there and the sentence that answers. */
async function refusedSend(runner: Runner, text: string): Promise<readonly string[]> {
  const standing = runner.banners();
  runner.say({ type: "send", tab: runner.tab(), text });
  await runner.until((state) => state.tabs.find((tab) => tab.id === state.active)?.draft === text);
  await runner.until((state) => state.setup?.banners.some((banner) => banner.id === "refused") ?? false);
  const refusal = runner.banners().find((message) => !standing.includes(message));
  return [...standing, refusal ?? ""];
}

/** A web server that is no Messages API, until it passes requests on to one. */
async function startPages() {
  let target: string | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const html = "<!doctype html><title>Welcome</title><h1>It works!</h1>";
    if (target !== undefined) {
      void forward(target, request, response);
    } else if (path.startsWith("/json")) {
      response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok"}');
    } else {
      const status = path.startsWith("/gateway") ? 502 : 200;
      response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(html);
    }
  });
  const port = await listen(server);
  const unused = createServer();
  const closedPort = await listen(unused);
  await close(unused);
  return {
    url: `http://127.0.0.1:${port}`,
    closedPort,
    forwardTo: (url: string) => {
      target = url;
    },
    close: () => close(server),
  };
}

async function forward(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const names = ["authorization", "anthropic-version", "anthropic-beta", "content-type"];
  const headers = names.flatMap((name): [string, string][] => {
    const value = request.headers[name];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const answer = await fetch(`${target}/v1/messages`, { method: "POST", headers, body: Buffer.concat(chunks) });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
