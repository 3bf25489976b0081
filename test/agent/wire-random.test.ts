/**
 * Conversations of any kind, through every ending, fault, stop and restart: each request is valid, begins with the one
 * before it byte for byte, and reads from the cache all that was written.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ToView } from "../../src/chunks/protocol";
import type { Fault } from "../simulator/faults";
import type { Reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { listOf } from "../simulator/types";
import { type Agent, rowLines, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";

noUnhandledRejections();

const write = call("write_file", { path: "out/x.txt", content: "long text\n".repeat(30) });
const replies: readonly Reply[] = [
  { blocks: [text("All is done.")] },
  { blocks: [{ type: "thinking", thinking: "Hm." }, text("I look."), call("read_file", { path: "README.md" })] },
  { blocks: [call("list_files", {}), call("read_file", { path: "nowhere" }), call("fly", {})] },
  { blocks: [call("run_shell", { command: "echo hi" }), call("run_shell", { command: "false" })] },
  { blocks: [call("run_shell", { command: "echo hi; sleep 0.1; echo ho" })] },
  { blocks: [{ type: "thinking", thinking: "Edit." }, write] },
  { blocks: [text("I write"), write], fault: { kind: "stop", reason: "max_tokens" } },
  { blocks: [write], fault: { kind: "stop", reason: "max_tokens" } },
  { blocks: [text("half an ans")], stopReason: "max_tokens" },
  { blocks: [text("I can't"), write], fault: { kind: "stop", reason: "refusal" } },
  { blocks: [text("wait")], stopReason: "pause_turn" },
  { blocks: [] },
  { blocks: [{ type: "thinking", thinking: "Long. ".repeat(20) }, text("slow words ".repeat(20))], pace: 2 },
];
const faults: readonly (Fault | undefined)[] = [
  undefined,
  undefined,
  undefined,
  { kind: "rate-limit", retryAfter: "ms", seconds: 0.01 },
  { kind: "cut", after: 4 },
  { kind: "error-event", after: 5 },
  { kind: "not-found" },
];

/** When the person, or the end of the process, comes between; each counts from the beginning of its turn. */
const moments: Readonly<Record<string, (message: ToView) => boolean>> = {
  begin: (message) => message.type === "live" && message.event.kind === "begin",
  delta: (message) => message.type === "live" && message.event.kind === "delta",
  tool: (message) => message.type === "live" && message.event.kind === "tool",
  card: (message) => message.type === "approvals" && message.cards.length > 0,
  rows: (message) => message.type === "rows",
  retry: (message) => message.type === "tab" && message.tab.activity.kind === "retrying",
};

type Between = { readonly kind: "stop" | "restart"; readonly at: string; readonly nth: number };
type Plan = {
  readonly steps: readonly { readonly reply: Reply; readonly fault: Fault | undefined }[];
  /** `away`: each command is moved to the background as soon as it runs, and ends whenever it ends. */
  readonly turns: readonly { readonly between: Between | undefined; readonly allow: boolean; readonly away: boolean }[];
};

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(fc.record({ reply: fc.constantFrom(...replies), fault: fc.constantFrom(...faults) }), {
    minLength: 3,
    maxLength: 8,
  }),
  turns: fc.array(
    fc.record({
      allow: fc.boolean(),
      away: fc.boolean(),
      between: fc.option(
        fc.record({
          kind: fc.constantFrom("stop" as const, "restart" as const),
          at: fc.constantFrom(...Object.keys(moments)),
          nth: fc.integer({ min: 1, max: 4 }),
        }),
        { nil: undefined },
      ),
    }),
    { minLength: 2, maxLength: 4 },
  ),
});

const scenarioOf = (plan: Plan): Scenario => {
  const seen = new Set<number>();
  const stepAt = (index: number) =>
    plan.steps[index % plan.steps.length] ?? { reply: { blocks: [] }, fault: undefined };
  return (request) => {
    const { reply, fault } = stepAt(request.steps);
    // A fault of the reply itself comes each time, one of the line once at each point of the conversation.
    const isFirst = !seen.has(request.steps);
    seen.add(request.steps);
    if (fault !== undefined && isFirst && reply.fault === undefined) return { ...reply, fault };
    // The simulator seals thinking to whole messages, so none may begin in the middle of one, behind a pause.
    const afterPause = JSON.stringify(listOf(request.body.messages).at(-1)).includes('"assistant"');
    return afterPause ? { ...reply, blocks: reply.blocks.filter((block) => block.type !== "thinking") } : reply;
  };
};

/** Sends or continues, comes between where the plan says so, and resolves when the tab is idle. */
async function turn(
  agent: Agent,
  say: () => void,
  { between, away }: Plan["turns"][number],
): Promise<"idle" | "restart"> {
  const seen = agent.messages.length;
  const moved = new Set<string>();
  const moveAway = (): void => {
    for (const tool of away ? (agent.state().views.get(agent.tab())?.live?.tools ?? []) : []) {
      if (tool.movable !== true || moved.has(tool.callId)) continue;
      moved.add(tool.callId);
      agent.say({ type: "background", tab: agent.tab(), callId: tool.callId });
    }
  };
  const isOver = (): boolean =>
    agent.messages.slice(seen).some((message) => message.type === "turn") &&
    agent.state().tabs[0]?.status !== "running";
  const isThere = (): boolean => {
    const fits = moments[between?.at ?? ""];
    if (fits === undefined || between === undefined) return false;
    return agent.messages.slice(seen).filter(fits).length >= between.nth;
  };
  say();
  await agent.until(() => {
    moveAway();
    return isThere() || isOver();
  });
  if (isOver() || between === undefined) return "idle";
  if (between.kind === "restart") return "restart";
  agent.say({ type: "stop", tab: agent.tab() });
  agent.say({ type: "stop", tab: agent.tab() });
  await agent.until(isOver);
  return "idle";
}

async function talk(plan: Plan, simulator: Simulator, folders: { root: string; storage: string }): Promise<string> {
  let allow = true;
  const open = (): Promise<Agent> =>
    startAgent({
      simulator,
      ...folders,
      settings: { "dispatch.maxSteps": 6 },
      answer: () => (allow ? { kind: "allow_once" } : { kind: "deny", reason: "no" }),
    });
  let agent = await open();
  try {
    for (const [index, one] of plan.turns.entries()) {
      allow = one.allow;
      const isResumable = agent.state().tabs[0]?.resumable === true && index % 2 === 1;
      const message = isResumable
        ? ({ type: "resume", tab: agent.tab() } as const)
        : ({ type: "send", tab: agent.tab(), text: `message ${index}` } as const);
      if ((await turn(agent, () => agent.say(message), one)) === "idle") continue;
      await agent.close();
      agent = await open();
    }
    assert.notEqual(agent.state().tabs[0]?.status, "running");
    return rowLines(await agent.rows());
  } finally {
    await agent.close();
  }
}

describe("any conversation", () => {
  it("is sent as valid requests that begin with each other and read what was written", async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan, async (plan) => {
        const folders = tempFolders({ "README.md": "# Sample\n" });
        const simulator = await startSimulator({ scenario: scenarioOf(plan) });
        try {
          const rows = await talk(plan, simulator, folders);
          const meant = new Set(["rate_limit_error", "not_found_error"]);
          const wrong = simulator.messages().filter((request) => request.error && !meant.has(request.error.type));
          assert.deepEqual(
            wrong.map((request) => request.error),
            [],
            rows,
          );
          const taken = simulator.messages().filter((request) => request.usage !== undefined);
          for (const [index, request] of taken.entries()) {
            const before = taken[index - 1]?.usage;
            if (before === undefined) continue;
            // A message that the next request adds a block to is not closed there: its last two bytes are "]}" here only.
            const { blocksIntact, sharedBytes = 0, previousBytes = 0 } = request.prefix ?? {};
            const isWhole = blocksIntact === true && sharedBytes >= previousBytes - 2;
            assert.ok(isWhole, `request ${index} begins with the one before\n${rows}`);
            assert.equal(
              request.usage?.cache_read_input_tokens,
              before.cache_read_input_tokens + before.cache_creation_input_tokens,
              `request ${index} reads what was written\n${rows}`,
            );
          }
        } finally {
          await simulator.close();
          folders.remove();
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
  }).timeout(180_000);
});
