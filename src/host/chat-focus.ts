/** Which page of the chats has the keyboard, and which had it last: commands concern that one. */
import type { ChatPage } from "./chat-page";

export type ChatFocus = {
  readonly gained: (page: ChatPage) => void;
  readonly lost: (page: ChatPage) => void;
  /** The page is hidden or closed. */
  readonly gone: (page: ChatPage) => void;
  /** The page that had the keyboard last, while it is on screen. */
  readonly front: () => ChatPage | undefined;
};

/** @param tell gets whether any page has the keyboard: leaving one for another can be told in either order. */
export function createChatFocus(tell: (hasFocus: boolean) => void): ChatFocus {
  const focused = new Set<ChatPage>();
  let front: ChatPage | undefined;
  const lost = (page: ChatPage) => {
    if (focused.delete(page)) tell(focused.size > 0);
  };
  return {
    gained(page) {
      front = page;
      focused.add(page);
      tell(true);
    },
    lost,
    gone(page) {
      lost(page);
      if (front === page) front = undefined;
    },
    front: () => front,
  };
}
