/** A real session behind the harness page, in place of the extension's host. */
import type { Page } from "playwright-core";
import type { Session } from "../../../src/agent/types";
import type { ToView } from "../../../src/chunks/protocol";

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
        if (!page.isClosed()) throw error;
      });
  };
  const view = session.attach((message) => {
    seen?.(message);
    held.push(message);
    if (held.length === 1) sending = sending.then(send);
  });
  await page.exposeFunction("toHost", (message: unknown) => view.receive(message));
  return { settled: () => sending, dispose: () => view.dispose() };
}
