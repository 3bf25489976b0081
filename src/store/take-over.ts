/** A person says that the owner is gone, where nothing on this computer can tell. */
import { claimLog } from "./owner";
import { becomeOwner, later, type Session, setState } from "./session";

/**
 * Claims the log in the place of that owner, and writes some seconds later: should the owner be alive after all, it sees
 * before each of its writes that the log is another's now, and what it was just writing is read before this process goes on.
 * @throws a sentence when this can't be done.
 */
export function takeOver(session: Session, doubtful: string): void {
  const { fs, folder } = session.options;
  if (session.closed || session.state.kind !== "reader") throw new Error("There is no other window to take over from.");
  const claim = claimLog(fs, folder, session.self, doubtful);
  if (claim.kind === "taken") throw new Error(claim.by);
  setState(session, {
    kind: "reader",
    owner: "This window takes over the chats of another one; that takes some seconds.",
  });
  later(session, becomeOwner, session.timings.settle);
}
