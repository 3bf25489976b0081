/** The settings with a key and a model in front of what the person has written there. Pure. */
import type { KeyConfig } from "../models/types";

export type Added = { readonly keys: readonly unknown[]; readonly models: readonly unknown[] };

/**
 * @param keys what the person's settings have in `dispatch.keys`, if anything; what is no list gives way.
 * @param models the same of `dispatch.models`.
 * @returns both with the new key and its model first. A key that is there already, by provider, is used as it is.
 */
export function addedSettings(
  { key, model }: { readonly key: KeyConfig; readonly model: string },
  keys: unknown,
  models: unknown,
): Added {
  const usual = [{ id: "anthropic", provider: "anthropic" }];
  const before: readonly unknown[] = Array.isArray(keys) ? keys : usual;
  const same = before.find((one) => memberOf(one, "provider") === key.provider && !hasAddress(one));
  const id = memberOf(same, "id") ?? freeId(key.id, before);
  const others = (Array.isArray(models) ? models : []).filter(
    (one: unknown) => memberOf(one, "key") !== id || memberOf(one, "model") !== model,
  );
  return {
    keys: same === undefined ? [{ id, provider: key.provider }, ...before] : before,
    models: [{ key: id, model }, ...others],
  };
}

/** Another address than the usual one: that is not the server that was found. */
function hasAddress(key: unknown): boolean {
  return memberOf(key, "baseUrl") !== undefined;
}

function freeId(wanted: string, keys: readonly unknown[]): string {
  const taken = new Set(keys.map((key) => memberOf(key, "id")));
  for (let number = 1; ; number++) {
    const id = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(id)) return id;
  }
}

function memberOf(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" ? member : undefined;
}
