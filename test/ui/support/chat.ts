/** What a person does in the chat and sees of it, by the names of CONTRACT.md. */
import type { Frame, Locator, Page } from "playwright-core";

export const conversation = (frame: Frame): Locator => frame.getByRole("log", { name: "Conversation" });

export const composer = (frame: Frame): Locator => frame.getByRole("textbox", { name: "Message" });

/** The questions about calls of this tool, in call order. */
export const questions = (frame: Frame, tool: string): Locator =>
  frame.getByRole("alertdialog", { name: `Approval: ${tool}` });

export async function send(frame: Frame, text: string): Promise<void> {
  await composer(frame).fill(text);
  await frame.getByRole("button", { name: "Send", exact: true }).click();
}

/** Presses a button of a question. Waits until the card takes answers and lies still, as a person must. */
export async function answer(question: Locator, button: string): Promise<void> {
  const found = question.getByRole("button", { name: button });
  await found.scrollIntoViewIfNeeded();
  await eventually("a question that takes answers", () =>
    question.evaluate((card) => card.dataset.armed !== "false" && card.dataset.moved === undefined),
  );
  await found.click();
}

/** Resolves when this text stands in the conversation. */
export const said = (frame: Frame, text: string | RegExp): Promise<void> =>
  conversation(frame).getByText(text).waitFor();

/** Resolves when the tab in front has this status: `idle`, `running`, `needs-approval` or `error`. */
export const hasStatus = (frame: Frame, status: string): Promise<void> =>
  frame.locator(`[role=tab][aria-selected=true][data-status=${status}]`).waitFor();

/** Each tool call of the loaded conversation, in order: its name and its state. */
export async function toolCalls(frame: Frame): Promise<readonly (readonly [name: string, state: string])[]> {
  const all = await conversation(frame).locator("[data-call-id]").all();
  return await Promise.all(
    all.map(
      async (group) =>
        [(await group.getAttribute("aria-label")) ?? "", (await group.getAttribute("data-state")) ?? ""] as const,
    ),
  );
}

/** The text of a visible text editor, or of one side of a diff. Only what is on screen: keep texts short. */
export async function editorText(editor: Locator): Promise<string> {
  const lines = await editor.locator(".view-lines .view-line").evaluateAll((elements) =>
    elements
      .map((element) => ({ top: element.getBoundingClientRect().top, text: element.textContent ?? "" }))
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text.replaceAll("\u00a0", " ")),
  );
  return lines.join("\n");
}

/** Asks again and again until there is an answer; throws when there is none in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeout = 30_000,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeout / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The chat that is not in the sidebar. */
export const editorChat = (page: Page, sidebar: Frame): Promise<Frame> =>
  eventually("a chat in the editor area", async () => {
    for (const frame of page.frames()) {
      if (frame === sidebar || frame.isDetached()) continue;
      const parts = await frame
        .locator("#app > *")
        .count()
        .catch(() => 0);
      if (parts > 0) return frame;
    }
    return undefined;
  });
