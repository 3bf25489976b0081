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

/** The question that waits first gets the focus, when another one has gone with it; without one, the composer. */
export function focusNextCard(): void {
  requestAnimationFrame(() => {
    const next = document.querySelector<HTMLElement>("[data-approval]") ?? composerBox();
    if (document.activeElement === document.body) {
      next?.focus({ preventScroll: true });
    }
  });
}

/** A question has taken the focus from the empty composer: what is typed is still for that. */
export function typeInComposer(event: KeyboardEvent): void {
  if (event.key.length === 1 && !event.altKey) {
    composerBox()?.focus(); // before the key has its effect
  }
}
