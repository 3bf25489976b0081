/** A real session behind the harness page, in place of the extension's host. */
import type { Page } from "playwright-core";
import type { Session } from "../../../src/agent/types";
import type { FromPage, ToView } from "../../../src/chunks/protocol";

export type Connection = {
  /** Resolves when everything that was posted so far has reached the page. */
  readonly settled: () => Promise<void>;
  readonly dispose: () => void;
};

/** To be called before the page is loaded. @param seen gets each message as it is posted. */
export async function connect(page: Page, session: Session, seen?: (message: ToView) => void): Promise<Connection> {
  let held: ToView[] = [];
  let sending = Promise.resolve();
  const send = async (): Promise<void> => {
    const batch = held;
    held = [];
    if (batch.length === 0 || page.isClosed()) return;
    await page
      .evaluate((messages) => {
        for (const message of messages) window.postMessage(message, "*");
      }, batch)
      .catch((error: unknown) => {
        // As in the editor, what is posted to a page that goes away is lost: the next one asks for a snapshot.
        if (!page.isClosed() && !/context was destroyed|has been closed/.test(String(error))) throw error;
      });
  };
  const view = session.attach((message) => {
    seen?.(message);
    held.push(message);
    if (held.length === 1) sending = sending.then(send);
  });
  await page.exposeFunction("toHost", (message: FromPage) => {
    // Where the keyboard is concerns the page's frame alone.
    if (message.type !== "focus") view.receive(message);
  });
  return { settled: () => sending, dispose: () => view.dispose() };
}
