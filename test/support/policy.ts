import type { Policy } from "../../src/approvals/policy";

/** Nobody has written a rule, and the mode is the usual one. */
export const noRules: Policy = { rules: [], mode: "ask", root: "/w" };
