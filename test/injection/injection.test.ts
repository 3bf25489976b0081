/**
 * A repository full of orders and a model that obeys them all, through the headless runner: in every mode the canary stays,
 * and nothing runs that no person allowed, but inside the sandbox.
 */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Mode } from "../../src/chunks/modes";
import type { ApprovalCard } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { serve, settingsFile, stopRunners } from "../headless/support";
import { sandboxProblem } from "../sandbox/support";
import { startSimulator } from "../simulator/server";
import { CANARY, looks, makeRepository, obedient, SECRET_CANARY } from "./repository";

/** An ordinary file; and in the sandbox what it could not copy a secret into. */
const changedIn = {
  ask: [],
  edits: ["workspace/src/b.js"],
  plan: [],
  sandbox: ["workspace/src/b.js", "workspace/stolen.txt"],
} as const;

type Outcome = { readonly id: string; readonly what: string; readonly outcome: string; readonly by: string };

describe("a repository that tells the agent to do harm", function () {
  this.timeout(120_000);
  afterEach(stopRunners);

  for (const mode of ["ask", "edits", "plan", "sandbox"] as const) {
    it(`gets nothing out and nothing run in the mode ${mode}`, async function () {
      const problem = mode === "sandbox" ? await sandboxProblem() : undefined;
      if (problem !== undefined) {
        console.log(`skipped, no sandbox on this machine. ${problem}`);
        return this.skip();
      }
      const seen = await obey(mode);
      assert.deepEqual(seen.collected, seen.hasWeb ? ["/page"] : []);
      assert.equal(seen.witness, "", "no program that could tell anybody was run outside of the sandbox");
      assert.deepEqual(seen.changed, changedIn[mode]);
      assert.deepEqual(seen.withSecret, ["home/.ssh/id_ed25519"]);
      assert.ok(!seen.sent.includes(SECRET_CANARY), "the model was not told of a secret outside the workspace");
      const ran = seen.outcomes.filter(({ outcome }) => outcome !== "denied");
      const unexplained = ran.filter(({ by, what }) => !mayRun(mode, by, what));
      assert.deepEqual(unexplained, []);
      assert.ok(seen.outcomes.length > 14, "the model has obeyed");
      if (mode === "sandbox") {
        const inside = ran.filter(({ what, by }) => /curl|wget|ping|fetch/.test(what) && by === "mode");
        assert.ok(inside.length >= 4, "the orders have run in the sandbox");
      }
    });
  }
});

/** What no person was asked for: calls that fail before, reading inside, and what the mode allows. */
function mayRun(mode: Mode, by: string, what: string): boolean {
  if (by === "nobody" || by === "built-in") return true;
  if (by === "person") return /^(?:git log -1|sh scripts\/report\.sh|http:\/\/127\.0\.0\.1:\d+\/page)$/.test(what);
  return by === "mode" && (mode === "sandbox" || (mode === "edits" && what === "src/b.js"));
}

async function obey(mode: Mode) {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-injection-")));
  const collected: string[] = [];
  const collector = createServer((request, response) => {
    collected.push(request.url ?? "");
    response.setHeader("content-type", "text/plain");
    response.end(request.url === "/page" ? readFileSync(path.join(base, "page.html")) : "");
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as AddressInfo;
  makeRepository(base, port);
  const simulator = await startSimulator({ scenario: obedient(port) });
  const place = { root: path.join(base, "workspace"), storage: path.join(base, "storage") };
  const settings = settingsFile(place, simulator.url);
  const before = snapshot(base);
  const allowed: readonly unknown[] = looks(port).flatMap(({ input }) => [input.command ?? input.url ?? []].flat());
  const runner = await serve({
    ...{ ...place, settings },
    answer: (card) => (allowed.includes(shownOf(card)) ? { kind: "allow_once" } : { kind: "deny" }),
    env: {
      HOME: path.join(base, "home"),
      PATH: `${path.join(base, "shims")}:${process.env.PATH ?? ""}`,
      WITNESS: path.join(base, "witness"),
    },
  });
  try {
    runner.say({ type: "selectMode", tab: runner.tab(), mode });
    await runner.until(({ tabs }) => tabs[0]?.mode === mode);
    await runner.send("Have a look at this repository.");
    const rows = runner.rows();
    const sent = simulator
      .messages()
      .map(({ body }) => body.toString())
      .join("\n");
    assert.ok(sent.includes(CANARY), "the model has read what may be read");
    await runner.end();
    const after = snapshot(base);
    const witness = path.join(base, "witness");
    return {
      collected: collected.sort(),
      hasWeb: /"name":"web_fetch","description"/.test(sent),
      sent,
      witness: existsSync(witness) ? readFileSync(witness, "utf8") : "",
      changed: [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file)),
      withSecret: [...after].flatMap(([file, text]) => (text.includes(SECRET_CANARY) ? [file] : [])),
      outcomes: outcomesOf(rows),
    };
  } finally {
    await runner.kill("SIGKILL");
    await simulator.close();
    collector.close();
    rmSync(base, { recursive: true, force: true });
  }
}

function shownOf({ subject }: ApprovalCard): unknown {
  switch (subject.kind) {
    case "command":
      return subject.command;
    case "net":
      return subject.text;
    default:
      return undefined;
  }
}

/** Every file with its content, but those of Dispatch itself and what git rewrites when it is asked for its state. */
function snapshot(base: string): ReadonlyMap<string, string> {
  const files = readdirSync(base, { recursive: true }).map(String).sort();
  return new Map(
    files
      .filter((file) => !/^(?:storage|settings|witness)(?:\/|$)|^workspace\/\.git\/index$/.test(file))
      .map((file) => {
        const full = path.join(base, file);
        return [file, statSync(full).isDirectory() ? "" : readFileSync(full, "utf8")] as const;
      }),
  );
}

function outcomesOf(rows: readonly Row[]): readonly Outcome[] {
  const calls = new Map(
    rows.flatMap((row) => (row.type === "tool_call" ? [[row.data.callId, row.data.argumentsText] as const] : [])),
  );
  return rows.flatMap((row): readonly Outcome[] => {
    if (row.type !== "tool_result") return [];
    const { callId: id, outcome, decision } = row.data;
    const args: { command?: string; url?: string; path?: string } = JSON.parse(calls.get(id) ?? "{}");
    const what = args.command ?? args.url ?? args.path ?? "";
    const by = decision === undefined ? "nobody" : decision.by === "person" ? "person" : (decision.from ?? "rule");
    return [{ id, what, outcome: outcome ?? "done", by }];
  });
}
