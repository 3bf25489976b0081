import type { TabState } from "../../src/chunks/protocol";
import { tokens } from "../words";

/** The share of the window from which on the meter is drawn in the colour of a warning. */
const NEARLY_FULL = 0.8;

/** How full the model's window is: a ring, or the size alone where the window is not known. */
export function ContextMeter({ context }: { readonly context: TabState["context"] }) {
  if (context === undefined) {
    return null;
  }
  const { tokens: size, window } = context;
  if (window === undefined) {
    const words = `${size.toLocaleString("en")} tokens in this chat; the size of the model's window is not known`;
    return (
      <span class="context-size" title={words} role="img" aria-label={words}>
        {tokens(size)}
      </span>
    );
  }
  const share = Math.min(1, size / window);
  const words = `${size.toLocaleString("en")} of ${window.toLocaleString("en")} tokens of the model's window are used (${percent(share)})`;
  return (
    <svg
      class={share >= NEARLY_FULL ? "context-ring nearly-full" : "context-ring"}
      viewBox="0 0 16 16"
      role="img"
      aria-label={words}
    >
      <title>{words}</title>
      <circle class="ring-whole" cx="8" cy="8" r="6" />
      <circle class="ring-used" cx="8" cy="8" r="6" pathLength={100} stroke-dasharray={`${share * 100} 100`} />
    </svg>
  );
}

function percent(share: number): string {
  return share < 0.01 ? "less than 1 %" : `${Math.round(share * 100)} %`;
}
