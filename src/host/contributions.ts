/**
 * The names that package.json contributes, typed: a command without a handler, or a handler for none, does not compile.
 * A test compares these lists with the manifest, so nothing here needs VS Code.
 */
export { settingNames as settingIds } from "../models/settings";

export const commandIds = [
  "dispatch.newTab",
  "dispatch.closeTab",
  "dispatch.reopenTab",
  "dispatch.searchHistory",
  "dispatch.findMovedHistory",
  "dispatch.nextTab",
  "dispatch.previousTab",
  "dispatch.goToBusyChat",
  "dispatch.openInEditor",
  "dispatch.focusInput",
  "dispatch.stop",
  "dispatch.approve",
  "dispatch.deny",
  "dispatch.selectModel",
  "dispatch.selectMode",
  "dispatch.showPermissions",
  "dispatch.setApiKey",
  "dispatch.tryKeysAgain",
  "dispatch.showUsage",
  "dispatch.showCacheTimeline",
  "dispatch.showLog",
] as const;

export type CommandId = (typeof commandIds)[number];
export type Handlers = { readonly [Id in CommandId]: () => void | Promise<void> };

/** Context keys that the manifest's `enablement` and `when` read. `chatFocus`: the keyboard is in the chat's page. */
export type ContextKey = "dispatch.running" | "dispatch.needsApproval" | "dispatch.chatFocus";

export const chatViewId = "dispatch.chat";

/** The type of the panels that show a chat in the editor area. */
export const tabPanelType = "dispatch.tab";

/** What finds exactly our settings in the settings editor. */
export const settingsQuery = "@ext:dispatch.dispatch";
