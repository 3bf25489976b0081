/** Views that are looked at by eye: chats by their titles, and a window that follows another one. */
import type { ToView } from "../../../src/chunks/protocol";
import * as b from "./build";

export const chatScenes: Readonly<Record<string, readonly ToView[]>> = {
  modes: [
    b.snapshot({
      tabs: [
        b.tabState({
          mode: "unrestricted",
          modelLabel: "claude-opus-5-5 · high",
          context: { tokens: 80_000, window: 200_000 },
        }),
        b.tabState({ id: "t2", title: "How the cache works", mode: "plan" }),
        b.tabState({ id: "t3", title: "Flaky test", mode: "sandbox" }),
      ],
      specs: [b.user("Make the engine start faster"), b.said("I look at what is loaded first.")],
    }),
    {
      type: "modes",
      modes: [
        { mode: "ask" },
        { mode: "edits" },
        { mode: "plan" },
        { mode: "sandbox", problem: "bubblewrap (bwrap) is not installed." },
        { mode: "unrestricted" },
      ],
    },
  ],
  reader: [
    b.snapshot({
      setup: {
        banners: [
          {
            id: "store:reader",
            severity: "warning",
            message:
              "Another window of this folder (process 81234 on ada-laptop) writes; this one follows it. It takes over when the other is closed.",
          },
        ],
      },
      tabs: [
        b.tabState({
          status: "running",
          activity: { kind: "tools" },
          elsewhere: true,
          draft: "And then the adapters, please",
        }),
        b.tabState({ id: "t2", title: "Flaky test", unread: true }),
      ],
      specs: [
        b.user("Make the engine start faster"),
        b.said("I look at what is loaded first."),
        b.call("r1", "run_shell", { command: "npm test" }),
      ],
    }),
  ],
  "reader-far": [
    b.snapshot({
      setup: {
        banners: [
          {
            id: "store:reader",
            severity: "warning",
            message:
              "Another window of this folder (process 81234 on ada-laptop) writes; this one follows it. Whether the other is still there can't be seen from here: if you know that it is gone, take over.",
            action: { label: "Take over…", command: "take-over" },
          },
        ],
      },
      specs: [b.user("Make the engine start faster"), b.said("Done.")],
    }),
  ],
  titles: [
    b.snapshot({
      tabs: [
        "שלום עולם, תקן את הבדיקות האיטיות של המנוע",
        "👩‍👩‍👧‍👦".repeat(30),
        "example.com/a/very/long/address/without/any/space/in/it.html",
        "إصلاح المحرك",
        "```ts ```",
      ].map((title, i) => b.tabState({ id: `t${i + 1}`, title })),
    }),
  ],
};
