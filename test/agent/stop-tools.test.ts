/** Stop while a tool waits for something that never comes: the turn ends, and the call has its result. */
import assert from "node:assert/strict";
import type { Surroundings } from "../../src/agent/types";
import { allTools } from "../../src/tools";
import type { Workspace } from "../../src/tools/types";
import { withAgent } from "../support/agent";
import { createGate, type Gate } from "../support/gate";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, steps, text } from "../support/script";

noUnhandledRejections();

type Wait = {
  readonly args: Readonly<Record<string, unknown>>;
  readonly for: "read" | "list" | "ripgrep" | "write" | "run" | "web" | "diagnostics";
};

/** What each tool waits for that reaches outside of the agent. */
const waits: Readonly<Record<string, Wait>> = {
  read_file: { args: { path: "README.md" }, for: "read" },
  list_files: { args: {}, for: "list" },
  find_files: { args: { globs: ["*.md"] }, for: "ripgrep" },
  search: { args: { pattern: "Sample" }, for: "ripgrep" },
  edit_file: { args: { path: "README.md", edits: [{ old_text: "Sample", new_text: "Other" }] }, for: "write" },
  write_file: { args: { path: "new.md", content: "new\n" }, for: "write" },
  run_shell: { args: { command: "env true" }, for: "run" },
  web_fetch: { args: { url: "http://page.example/" }, for: "web" },
  youtube_transcribe: { args: { video: "https://youtu.be/aaaaaaaaaaa" }, for: "web" },
  diagnostics: { args: { path: "README.md" }, for: "diagnostics" },
};
/** These wait for the agent's own parts; how they are stopped stands in the tests of jobs, questions, outputs and searches. */
const others = ["job_output", "job_stop", "todo", "ask_user", "read_output", "web_search"];

/** The workspace, of which one part never answers. `begun` opens when it was asked. */
function without(part: Wait["for"] | "resolve", workspace: Workspace, begun: Gate): Workspace {
  const never = (): Promise<never> => {
    begun.open();
    return new Promise(() => {});
  };
  switch (part) {
    case "web":
      return { ...workspace, web: { ...workspace.web, get: never } };
    case "diagnostics":
      return {
        ...workspace,
        diagnostics: { list: () => [], look: never, watch: () => ({ wait: never, dispose() {} }) },
      };
    case "read":
      // The instructions of the workspace are read before there is a turn to stop.
      return { ...workspace, read: (path) => (path.endsWith("README.md") ? never() : workspace.read(path)) };
    default:
      return { ...workspace, [part]: never };
  }
}

async function stopped(tool: string, args: Wait["args"], part: Wait["for"] | "resolve"): Promise<string> {
  const begun = createGate();
  const surroundings = (own: Surroundings): Surroundings =>
    own.workspace === undefined ? own : { ...own, workspace: without(part, own.workspace, begun) };
  let end = "";
  await withAgent(
    steps({ blocks: [call(tool, args)] }, { blocks: [text("Never.")] }),
    { surroundings, answer: () => ({ kind: "allow_once" }) },
    async (agent, simulator) => {
      const turn = agent.send("go");
      await begun.opened();
      agent.say({ type: "stop", tab: agent.tab() });
      const { endReason } = await turn;
      const outcomes = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data.outcome] : []));
      end = `${tool}: ${endReason}, ${outcomes.join()}, ${simulator.messages().length} request`;
    },
  );
  return end;
}

describe("stop, while what a tool needs never answers,", () => {
  const names = Object.keys(waits);
  const wanted = names.map((name) => `${name}: cancelled, cancelled, 1 request`);

  it("knows all tools", () => {
    assert.deepEqual(allTools.map(({ name }) => name).sort(), [...names, ...others].sort());
  });

  it("ends the turn in which it runs", async () => {
    const ends = await Promise.all(Object.entries(waits).map(([name, wait]) => stopped(name, wait.args, wait.for)));
    assert.deepEqual(ends, wanted);
  }).timeout(60_000);

  it("is not needed where the instructions of the workspace can't be read: the message goes out without them", async () => {
    const surroundings = (own: Surroundings): Surroundings =>
      own.workspace === undefined
        ? own
        : { ...own, workspace: { ...own.workspace, read: () => new Promise(() => {}) } };
    await withAgent(steps({ blocks: [text("Hello.")] }), { surroundings }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const [context] = await agent.rows();
      assert.match(JSON.stringify(context?.data), /AGENTS\.md, if it has any, could not be read in time/);
    });
  }).timeout(30_000);

  it("ends the turn in which it is prepared", async () => {
    const local = Object.entries(waits).filter(([, wait]) => wait.for !== "web");
    const ends = await Promise.all(local.map(([name, { args }]) => stopped(name, args, "resolve")));
    assert.deepEqual(
      ends,
      wanted.filter((line) => local.some(([name]) => line.startsWith(`${name}:`))),
    );
  }).timeout(60_000);
});
