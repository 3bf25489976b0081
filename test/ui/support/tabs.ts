/** The strip of tabs as a person sees and uses it, and a scenario that keeps many agents at work until a test lets them go. */
import type { Frame, Locator } from "playwright-core";
import { call, reply, text } from "../../simulator/reply";
import type { ScenarioFunction } from "../../simulator/scenario";
import type { Gate } from "../../support/gate";
import { conversation, eventually, send } from "./chat";

export const tab = (frame: Frame, title: string): Locator => frame.getByRole("tab", { name: title, exact: true });

/** Of each tab, in the order of the strip: its title, its status and what a screen reader says of it. */
export async function strip(frame: Frame): Promise<readonly (readonly string[])[]> {
  return await frame
    .getByRole("tab")
    .evaluateAll((all) =>
      all.map((one) => [
        one.getAttribute("aria-label") ?? "",
        one.getAttribute("data-status") ?? "",
        one.getAttribute("aria-description") ?? "",
      ]),
    );
}

export const titles = async (frame: Frame): Promise<readonly string[]> =>
  (await strip(frame)).map(([title = ""]) => title);

/** Resolves when the tab with this title is in front and its conversation is there. */
export async function inFront(frame: Frame, title: string): Promise<void> {
  await frame.locator("[role=tab][aria-selected=true]").and(tab(frame, title)).waitFor();
  await conversation(frame).waitFor();
}

/** Brings a tab to the front by a click, and waits until it is there: what is typed before goes to the other one. */
export async function show(frame: Frame, title: string): Promise<void> {
  await tab(frame, title).click();
  await inFront(frame, title);
}

/** Opens a tab by the act and sends a message in it, whose words become its title. */
export async function startChat(frame: Frame, message: string, open?: () => Promise<void>): Promise<void> {
  await open?.();
  await inFront(frame, "New chat");
  await send(frame, message);
  await tab(frame, message).waitFor();
}

export const plus = (frame: Frame): Promise<void> => frame.getByRole("button", { name: "New tab" }).click();

/** What the agent of a tab says when it is let go. */
export const begun = (title: string): string => `Working on ${title}.`;
export const finished = (title: string): string => `${begun(title)} It is done: ${title}.`;

/**
 * What the first word of a message says is done: *run* streams and stands still until `gate` is open, *ask* wants to run a
 * command, *fail* ends with an error, anything else is answered at once.
 */
export function workload(gate: Gate): ScenarioFunction {
  return ({ userText, step }) => {
    switch (userText.split(" ")[0]) {
      case "run": {
        const still = begun(userText).length;
        return {
          blocks: [text(finished(userText))],
          hold: async (sent) => (sent.length < still ? undefined : await gate.opened()),
        };
      }
      case "ask":
        return step === 0 ? reply(call("run_shell", { command: `env echo ${userText}` })) : reply(finished(userText));
      case "fail":
        return { blocks: [], fault: { kind: "no-credit" } };
      default:
        return reply(finished(userText));
    }
  };
}

/** Twenty chats: ten run, two ask, one fails, seven are done. */
export const twenty: readonly string[] = Array.from({ length: 20 }, (_, index) => {
  const kind = index % 2 === 0 ? "run" : index === 3 || index === 7 ? "ask" : index === 5 ? "fail" : "done";
  return `${kind} ${String(index + 1).padStart(2, "0")}`;
});

/** Starts the twenty and waits until each is where it stands still. The first chat is the empty one that is there. */
export async function startTwenty(
  frame: Frame,
  open: (index: number) => Promise<void> = () => plus(frame),
): Promise<void> {
  for (const [index, message] of twenty.entries()) {
    await startChat(frame, message, index === 0 ? undefined : () => open(index));
  }
  const wanted = twenty.map(statusOf).join();
  await eventually("twenty chats to be where they stand still", async () => {
    return (await strip(frame)).map(([, status]) => status).join() === wanted;
  });
}

function statusOf(title: string): string {
  const status: Readonly<Record<string, string>> = { run: "running", ask: "needs-approval", fail: "error" };
  return status[title.split(" ")[0] ?? ""] ?? "idle";
}
