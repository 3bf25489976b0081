/** When a command makes way for the message that is queued behind it: the countdown, and what a person does to it. */
import assert from "node:assert/strict";
import { createMakeWay } from "../../src/agent/make-way";
import { createJobs, MAX_JOBS } from "../../src/tools/jobs";
import type { CommandResult, Outcome } from "../../src/tools/types";
import type { Scenario } from "../simulator/scenario";
import { type Agent, withAgent } from "../support/agent";
import {
  allow,
  assertWire,
  isAlive,
  jobIn,
  jobs,
  letGo,
  lines,
  pidIn,
  runs,
  said,
  shell,
  waiting,
} from "../support/jobs";
import { noUnhandledRejections } from "../support/loose-ends";
import { call } from "../support/script";
import { watch } from "../support/watcher";

noUnhandledRejections();

const GRACE = 10_000;

/** The commands of a tab whose ends and whose time the test decides. */
function stage() {
  const at = {
    now: 1_000,
    message: false,
    question: false,
    grace: GRACE,
    /** What views were told, newest last. */
    told: [] as string[],
    timers: new Set<{ readonly at: number; readonly act: () => void }>(),
  };
  let ids = 0;
  const tell = (): void => {
    const behind = makeWay.shown();
    at.told.push(behind === undefined ? "-" : `${behind.callId} ${behind.movesAt ?? "stays"}`);
  };
  const change = (): void => {
    if (makeWay.look()) tell();
  };
  const jobs = createJobs({
    now: () => at.now,
    newId: () => `j${++ids}`,
    changed: change,
    frontChanged: change,
    isHurried: () => at.message,
  });
  const makeWay = createMakeWay({
    jobs,
    hasMessage: () => at.message,
    hasQuestion: () => at.question,
    graceMs: () => at.grace,
    now: () => at.now,
    after(ms, act) {
      const timer = { at: at.now + ms, act };
      at.timers.add(timer);
      return () => at.timers.delete(timer);
    },
    changed: tell,
  });
  /** Runs until `end` is called, or it is stopped. */
  const start = (callId: string, background = false) => {
    const stop = new AbortController();
    let end = (): void => undefined;
    const run = (_: string, { signal }: { readonly signal: AbortSignal }): Promise<CommandResult> =>
      new Promise((resolve) => {
        end = () => resolve({ kind: "exited", exitCode: 0, output: "", droppedBytes: 0 });
        signal.addEventListener("abort", () => resolve({ kind: "cancelled", output: "", droppedBytes: 0 }));
      });
    const limit = background ? {} : { timeoutMs: 60_000 };
    const outcome = jobs.run(
      { run },
      { command: callId, cwd: "/", ...limit, signal: stop.signal, onOutput() {}, callId, sandboxed: false },
    );
    return { outcome, end: () => end(), stop: () => stop.abort() };
  };
  const set = (changes: Partial<Pick<typeof at, "message" | "question" | "grace">>): void => {
    Object.assign(at, changes);
    change();
  };
  const pass = (ms: number): void => {
    at.now += ms;
    for (const timer of [...at.timers]) if (timer.at <= at.now && at.timers.delete(timer)) timer.act();
  };
  return { at, jobs, makeWay, start, set, pass, told: at.told, timers: at.timers, shown: () => at.told.at(-1) ?? "-" };
}

const words = async (outcome: Promise<Outcome>): Promise<string> => {
  const one = await outcome;
  return one.kind === "background" ? `background by ${one.by}` : one.result.kind;
};

describe("the countdown of a command that a queued message waits behind", () => {
  it("begins when a message waits and the command runs, whichever came first, and moves the command at its end", async () => {
    const { start, set, pass, told, timers, jobs } = stage();
    const first = start("a");
    pass(3_000);
    set({ message: true });
    pass(GRACE - 1);
    assert.equal(jobs.list().length, 0);
    pass(1);
    assert.equal(await words(first.outcome), "background by message");
    const second = start("b");
    pass(GRACE);
    assert.equal(await words(second.outcome), "background by message");
    assert.deepEqual(told, ["a 14000", "-", "b 24000", "-"]);
    assert.equal(timers.size, 0);
    await jobs.dispose();
  });

  it("is not begun anew by a second message or a change of the queue, and ends when nothing waits any more", async () => {
    const { start, set, pass, told, timers, jobs } = stage();
    const command = start("a");
    set({ message: true });
    pass(4_000);
    set({ message: true });
    assert.equal([...timers].length, 1);
    set({ message: false });
    assert.equal(timers.size, 0);
    pass(1_000);
    set({ message: true });
    pass(GRACE - 1);
    assert.deepEqual([told, jobs.list()], [["a 11000", "-", "a 16000"], []]);
    command.end();
    assert.equal(await words(command.outcome), "exited");
    assert.deepEqual([timers.size, told.at(-1)], [0, "-"]);
  });

  it("ends with the person's wish to wait, which holds for this command and not for the next", async () => {
    const { start, set, pass, makeWay, jobs, timers, shown } = stage();
    const command = start("a");
    set({ message: true });
    assert.equal(makeWay.waitFor("b"), false);
    assert.equal(makeWay.waitFor("a"), true);
    assert.deepEqual([timers.size, shown()], [0, "a stays"]);
    set({ message: false });
    set({ message: true });
    pass(GRACE * 9);
    assert.deepEqual([timers.size, shown()], [0, "a stays"]);
    assert.equal(jobs.move("a"), true);
    assert.equal(await words(command.outcome), "background by person");
    const next = start("c");
    assert.equal(shown(), `c ${91_000 + GRACE}`);
    next.end();
    assert.equal(await words(next.outcome), "exited");
    await jobs.dispose();
  });

  it("does not run while the step waits for an answer, and begins whole after it", () => {
    const { start, set, pass, shown, jobs } = stage();
    start("a");
    set({ message: true, question: true });
    pass(GRACE * 2);
    assert.equal(shown(), "a stays");
    set({ question: false });
    assert.equal(shown(), `a ${21_000 + GRACE}`);
    return jobs.dispose();
  });

  it("is none where commands are not to move by themselves, or for one that moves anyway", async () => {
    const { start, set, pass, shown, timers, jobs } = stage();
    const command = start("a");
    set({ message: true, grace: 0 });
    assert.deepEqual([timers.size, shown()], [0, "a stays"]);
    command.end();
    await command.outcome;
    set({ grace: GRACE });
    start("b", true);
    assert.deepEqual([timers.size, shown()], [0, "-"]);
    pass(GRACE);
    await jobs.dispose();
  });

  it("moves nothing above the number of commands that may run in the background; the person can", async () => {
    const { start, set, pass, shown, timers, jobs } = stage();
    const many = Array.from({ length: MAX_JOBS }, (_, index) => start(`many${index}`));
    for (const index of many.keys()) jobs.move(`many${index}`);
    const command = start("a");
    set({ message: true });
    pass(GRACE);
    assert.deepEqual([timers.size, shown(), jobs.list().length], [0, "a stays", MAX_JOBS]);
    many[0]?.end();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(shown(), `a ${11_000 + GRACE}`);
    assert.equal(jobs.move("a"), true);
    assert.equal(await words(command.outcome), "background by person");
    await jobs.dispose();
  });

  it("moves nothing when the message is taken back at the last moment, before views know", async () => {
    const { at, start, set, pass, told, jobs } = stage();
    const command = start("a");
    set({ message: true });
    at.message = false;
    pass(GRACE);
    assert.deepEqual([told, jobs.list()], [["a 11000", "-"], []]);
    command.end();
    assert.equal(await words(command.outcome), "exited");
  });

  for (const way of ["Stop", "the end of the tab", "the end of the command"])
    it(`ends with ${way}, and the command has one result`, async () => {
      const { start, set, pass, timers, shown, jobs } = stage();
      const command = start("a");
      set({ message: true });
      if (way === "Stop") command.stop();
      else if (way === "the end of the tab") await jobs.dispose();
      else command.end();
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual([timers.size, shown()], [0, "-"]);
      pass(GRACE * 2);
      assert.equal(jobs.list().length, 0);
      command.stop();
      assert.equal(await words(command.outcome), way === "the end of the command" ? "exited" : "cancelled");
    });
});

const behind = (agent: Agent) => agent.state().tabs[0]?.behind;
/** Sends a message behind the command that runs; resolves when views know that it waits for that. */
async function queue(agent: Agent, message: string): Promise<void> {
  agent.say({ type: "send", tab: agent.tab(), text: message });
  await agent.until((state) => state.tabs[0]?.behind !== undefined);
}
const withGrace = (seconds: number) => ({ ...allow, settings: { "dispatch.backgroundAfterSeconds": seconds } });

describe("a message that is queued behind a command", () => {
  it("is read after the grace: the command goes on by itself, and its result says why and how to get on", async () => {
    const scenario: Scenario = (request) =>
      [
        shell(waiting),
        { blocks: [call("job_output", { job: jobIn(request.lastResults), wait_seconds: 60 })] },
        said("It is over."),
      ][request.steps] ?? said("?");
    await withAgent(scenario, withGrace(1), async (agent, simulator) => {
      const end = agent.send("go");
      await runs(agent);
      agent.say({ type: "send", tab: agent.tab(), text: "and this" });
      await agent.until((state) => state.tabs[0]?.behind?.movesAt !== undefined);
      await agent.until((state) => state.tabs[0]?.queue.length === 0);
      assert.equal(behind(agent), undefined);
      letGo(agent);
      assert.equal((await end).endReason, "done");
      assert.deepEqual(await lines(agent), [
        "user: go",
        "result done: begun\n[A message of the person waited behind this command, so it was moved to the background, as job j4: it is running, and above is what it has printed so far. job_output reads what comes next, job_stop ends it.]",
        "user: and this",
        "result done: over\n[job j4 has ended: exit code 0; lines 2-2 of 2]",
        "assistant: It is over.",
      ]);
      assertWire(simulator);
    });
  });

  it("is read when each command of the step has had its time", async () => {
    const endless = (name: string) =>
      call("run_shell", { command: `echo begun; until [ -e ${name} ]; do sleep 0.02; done` });
    const scenario: Scenario = {
      steps: [{ blocks: [endless("one"), endless("two")] }, said("I read it.")],
    };
    await withAgent(scenario, withGrace(1), async (agent, simulator) => {
      const end = agent.send("go");
      await runs(agent);
      agent.say({ type: "send", tab: agent.tab(), text: "and this" });
      assert.equal((await end).endReason, "done");
      assert.deepEqual(
        (await lines(agent)).map((line) => line.replace(/, as job.*/s, "")),
        [
          "user: go",
          "result done: begun\n[A message of the person waited behind this command, so it was moved to the background",
          "result done: begun\n[A message of the person waited behind this command, so it was moved to the background",
          "user: and this",
          "assistant: I read it.",
        ],
      );
      assert.equal(jobs(agent).length, 2);
      assertWire(simulator);
    });
  });

  it("is counted down in every view, one that comes later too, until the person waits for the command", async () => {
    await withAgent({ steps: [shell(waiting), said("Read.")] }, withGrace(600), async (agent) => {
      const end = agent.send("go");
      await runs(agent);
      await queue(agent, "one");
      const first = behind(agent);
      assert.ok(first?.movesAt !== undefined);
      agent.say({ type: "send", tab: agent.tab(), text: "two" });
      await agent.until((state) => state.tabs[0]?.queue.length === 2);
      const late = await watch(agent.session, agent.tab());
      assert.deepEqual([behind(agent), late.state().tabs[0]?.behind], [first, first]);

      late.say({ type: "waitForCommand", tab: agent.tab(), callId: first.callId });
      await agent.until((state) => state.tabs[0]?.behind?.movesAt === undefined);
      assert.deepEqual(behind(agent), { callId: first.callId });
      agent.say({ type: "send", tab: agent.tab(), text: "three" });
      await agent.until((state) => state.tabs[0]?.queue.length === 3);
      assert.deepEqual(behind(agent), { callId: first.callId });
      letGo(agent);
      await end;
      assert.deepEqual(await lines(agent), [
        "user: go",
        "result done: begun\nover\n[exit code 0]",
        ...["user: one", "user: two", "user: three", "assistant: Read."],
      ]);
      late.view.dispose();
    });
  });

  it("is counted down no more once it is taken back; Stop ends the command, and the queue waits", async () => {
    await withAgent({ steps: [shell(waiting), said("Read.")] }, withGrace(600), async (agent) => {
      const end = agent.send("go");
      await runs(agent);
      await queue(agent, "one");
      agent.say({ type: "queueRemove", tab: agent.tab(), id: agent.state().tabs[0]?.queue[0]?.id ?? "" });
      await agent.until((state) => state.tabs[0]?.queue.length === 0);
      assert.equal(behind(agent), undefined);
      await queue(agent, "two");
      agent.say({ type: "stop", tab: agent.tab() });
      assert.equal((await end).endReason, "cancelled");
      const state = agent.state().tabs[0];
      assert.deepEqual([state?.behind, state?.jobs, state?.queue.length], [undefined, undefined, 1]);
      assert.equal(isAlive(pidIn(agent.root)), false);
      assert.equal((await lines(agent)).filter((line) => line.startsWith("result")).length, 1);
    });
  });
});
