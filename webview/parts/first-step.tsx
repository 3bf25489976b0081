import { useEffect } from "preact/hooks";
import type { Setup } from "../../src/chunks/protocol";
import { offers } from "../state";
import { post } from "../vscode";
import { Icon } from "./icon";

/** Without a key: what can be begun with at one click, and the key. */
export function FirstStep({ setup }: { readonly setup: Setup }) {
  useEffect(() => post({ type: "offers" }), [setup]);
  const found = offers.value;
  const setKey = () => post({ type: "run", command: "set-api-key" });
  if (found.length === 0) {
    return (
      <>
        <p>
          One step before the first task: give Dispatch a key for the model. It is kept in the editor's secret storage.
        </p>
        <button type="button" class="button" onClick={setKey}>
          Set API key
        </button>
      </>
    );
  }
  return (
    <>
      <p>One step before the first task: choose what answers. You can change it at any time.</p>
      <ul class="starters">
        {found.map(({ id, label, detail }) => (
          <li key={id}>
            <FirstOffer
              icon={id === "vscode" ? "vscode" : "server"}
              label={label}
              detail={detail}
              take={() => post({ type: "takeOffer", id })}
            />
          </li>
        ))}
        <li>
          <FirstOffer icon="key" label="Set API key" detail="Kept in the editor's secret storage" take={setKey} />
        </li>
      </ul>
      <p class="first-note">A model without a key is written to your settings: dispatch.keys and dispatch.models.</p>
    </>
  );
}

function FirstOffer(offer: {
  readonly icon: string;
  readonly label: string;
  readonly detail: string;
  readonly take: () => void;
}) {
  return (
    <button type="button" class="starter" onClick={offer.take}>
      <Icon name={offer.icon} />
      <span class="offer">
        <span>{offer.label}</span>
        <span class="offer-detail" dir="auto">
          {offer.detail}
        </span>
      </span>
    </button>
  );
}
