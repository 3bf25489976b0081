/** The chats that an empty tab offers to go on with. */
import type { RecentChat } from "../chunks/protocol";
import type { SessionParts } from "./inbox";
import { withCost } from "./session-usage";
import type { View } from "./types";

const MOST = 3;

/** The conversations with the newest activity, without the tab in front of this view and without empty ones. */
export async function tellRecent({ surroundings, tabs, views }: SessionParts, view: View): Promise<void> {
  // Each open tab may be an empty one.
  const entries = await surroundings.store.history({ limit: MOST + tabs.states().length });
  const chats = entries
    .filter(({ id, firstWords, steps }) => id !== views.active(view) && (firstWords !== "" || steps > 0))
    .slice(0, MOST)
    .map((stored): RecentChat => {
      const { id, title, firstWords, lastAt, cost } = withCost(surroundings, stored);
      return { id, title: title === "" ? firstWords : title, lastAt, ...(cost === undefined ? {} : { cost }) };
    });
  views.tell(view, { type: "recent", chats });
}
