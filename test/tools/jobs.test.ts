/** The commands of a tab, on real processes: what the tools say of them, and what is bounded. */
import assert from "node:assert/strict";
import { createBoundedText } from "../../src/tools/bounded-text";
import type { TabJobs } from "../../src/tools/jobs";
import { call, plan, runContext, tabJobs, useFolder } from "./folder";

describe("background commands", () => {
  const folder = useFolder();
  let jobs: TabJobs = tabJobs();
  beforeEach(() => {
    jobs = tabJobs();
  });
  afterEach(() => jobs.dispose());

  /** A command in the background, from when it has printed `begun`. */
  const begin = async (command: string): Promise<string> => {
    const planned = await plan(folder().workspace, "run_shell", { command });
    const onOutput = (text: string): void => {
      if (text.includes("begun")) setImmediate(() => jobs.move("call"));
    };
    const { text } = await planned.run(runContext({ jobs, onOutput }));
    return /job (j\d+)/.exec(text)?.[1] ?? "none";
  };
  const ask = async (name: string, args: object) =>
    (await plan(folder().workspace, name, args)).run(runContext({ jobs }));
  const look = async (job: string, more: object = {}) => (await ask("job_output", { job, ...more })).text;
  const letGo = (name = "go") => folder().put(name, "");

  it("are read from where the last look has ended, and again by lines", async () => {
    const job = await begin(
      "echo begun; until [ -e go ]; do sleep 0.02; done; printf '2\\n3\\nhalf'; until [ -e on ]; do sleep 0.02; done; echo; echo 5; exit 3",
    );
    assert.equal(await look(job), "[job j1 is running; nothing new, 1 line in all]");
    letGo();
    assert.equal(
      await look(job, { wait_seconds: 60, wait_for: "half" }),
      "2\n3\nhalf\n[job j1 is running; lines 2-4 of 4]",
    );
    letGo("on");
    assert.equal(await look(job, { wait_seconds: 60 }), "\n5\n[job j1 has ended: exit code 3; lines 4-5 of 5]");
    assert.equal(await look(job), "[job j1 has ended: exit code 3; nothing new, 5 lines in all]");
    assert.equal(
      await look(job, { from_line: 2, to_line: 4 }),
      "2\n3\nhalf\n[job j1 has ended: exit code 3; lines 2-4 of 5]",
    );
    assert.equal(await look(job, { from_line: 5 }), "5\n[job j1 has ended: exit code 3; lines 5-5 of 5]");
    assert.deepEqual(jobs.shown(), []);
  });

  it("have no time limit any more, and no call that a stop of the turn could end", async () => {
    const stop = new AbortController();
    const planned = await plan(folder().workspace, "run_shell", {
      command: "echo begun; until [ -e go ]; do sleep 0.02; done; echo over",
      timeout_seconds: 1,
    });
    const onOutput = () => void setImmediate(() => jobs.move("call"));
    const output = await planned.run(runContext({ jobs, signal: stop.signal, onOutput }));
    assert.equal(output.summary, "in the background");
    stop.abort();
    assert.equal(jobs.move("call"), false);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    letGo();
    assert.match(await look("j1", { wait_seconds: 60 }), /^over\n\[job j1 has ended: exit code 0/);
  });

  it("say what they are when they are asked for by a wrong id, and are ended with what they have started", async () => {
    const job = await begin("sleep 300 & echo begun; sleep 300");
    assert.deepEqual(await ask("job_stop", { job: "j9" }), {
      text: "There is no job j9. Jobs end when Dispatch is closed or restarted, or when their chat is closed, and their output is gone then. The jobs are: j1 (sleep 300 & echo begun; sleep 300: is running).",
      isError: true,
      summary: "no such job",
    });
    assert.equal((await ask("job_stop", { job })).text, "Job j1 has ended: stopped.");
    assert.equal((await ask("job_stop", { job })).text, "Job j1 had ended already: stopped.");
    assert.equal(await look(job), "[job j1 has ended: stopped; nothing new, 1 line in all]");
  });

  it("are ten at most for the agent, and the output of the last twenty that have ended is kept", async () => {
    const background = (command: string) =>
      call(folder().workspace, "run_shell", { command, background: true }, undefined, undefined, jobs);
    const begun = await Promise.all(Array.from({ length: 10 }, () => begin("echo begun; sleep 300")));
    assert.equal((await background("true")).summary, "too many jobs");
    for (const job of begun) await ask("job_stop", { job });
    for (let i = 0; i < 11; i++) await ask("job_stop", { job: await begin("echo begun; sleep 300") });
    assert.equal(jobs.list().length, 20);
    assert.equal((await background("true")).text, "[exit code 0]");
  });

  it("start no more and wait for nothing when their tab is closed", async () => {
    const job = await begin("echo begun; sleep 300");
    const waiting = look(job, { wait_seconds: 120 });
    await jobs.dispose();
    assert.match(await waiting, /^\[job j1 (is running|has ended)/);
    assert.equal(jobs.find(job)?.end()?.result.kind, "cancelled");
  });
});

describe("bounded text", () => {
  it("gives what came since an offset and lines by number, with a note where it has dropped some", () => {
    const text = createBoundedText(8, 8);
    for (let i = 1; i <= 9; i++) text.push(`${i}.${i}\n`);
    const gap = "[... 20 bytes were dropped here to bound memory ...]\n";
    assert.deepEqual(
      [text.since(0), text.since(4), text.since(12), text.since(32), text.lineAt(0), text.lineAt(4), text.lineAt(12)],
      [`1.1\n2.2\n${gap}8.8\n9.9\n`, `2.2\n${gap}8.8\n9.9\n`, `${gap}8.8\n9.9\n`, "9.9\n", 1, 2, 8],
    );
    assert.deepEqual(
      [text.lines(1, 1), text.lines(2, 3), text.lines(4, 5), text.lines(7, 8), text.lines(9, 99), text.lines(20, 30)],
      ["1.1\n", `2.2\n${gap}`, gap, `${gap}8.8\n`, "9.9\n", ""],
    );
    assert.equal(text.length(), 36);
  });
});
