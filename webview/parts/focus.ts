/** Who may have the keyboard focus. */

/** The composer's box, wherever it is drawn. */
export function composerBox(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("textarea.message");
}

/**
 * Something that needs an answer may take the focus when the page has it and nobody is in the middle of something:
 * nothing is focused, or the composer is and is empty.
 */
export function mayTakeFocus(): boolean {
  const focused = document.activeElement;
  const composer = composerBox();
  const isFree = focused === null || focused === document.body || (focused === composer && composer?.value === "");
  return document.hasFocus() && isFree && (composer === null || composer.value === "");
}
