/** Scenes of the task list, the agent's questions and the web. */
import type { ToView } from "../../../src/chunks/protocol";
import * as b from "./build";

const running = { status: "running", activity: { kind: "tools" } } as const;

const taskList = [
  { text: "Measure how long each module takes to load", status: "done" },
  { text: "Find what reads the whole configuration at start-up", status: "done" },
  {
    text: "Load plug-ins on first use instead of all at once, and keep packages/transcontinental-telemetry-aggregation as it is",
    status: "in_progress",
  },
  { text: "Key the cache by content hash", status: "pending" },
  { text: "Run the tests and measure again", status: "pending" },
] as const;

export const talkScenes: Readonly<Record<string, readonly ToView[]>> = {
  todo: [
    b.snapshot({
      tabs: [b.tabState({ ...running, todo: taskList })],
      specs: [
        b.user("Make the engine start faster"),
        b.call("t0", "todo", { items: taskList }),
        b.result("t0", "todo", "The person sees the list.", { summary: "2 of 5 done" }),
        b.said("The loader is next."),
      ],
    }),
  ],
};
