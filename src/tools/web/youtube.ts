/**
 * Captions of a video at YouTube, the way that players of its own get them: the player's answer names the tracks, and a
 * track is a list of texts with times. As the Android player asks, since tracks that are given to the web's player ask
 * for a proof that only a browser can make (read in youtube-transcript-api and its issues, 2025 and 2026).
 */
import type { Web, WebReply } from "./types";

export type Track = {
  readonly language: string;
  readonly name: string;
  readonly isAutomatic: boolean;
  readonly url: string;
};

export type Video = { readonly title: string; readonly channel: string; readonly tracks: readonly Track[] };

export type Caption = { readonly seconds: number; readonly text: string };

const CLIENT = { clientName: "ANDROID", clientVersion: "20.10.38", androidSdkVersion: 30 };

/** The id of a video, from an address of YouTube or as it is. */
export function videoId(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^[\w-]{11}$/.test(trimmed)) return trimmed;
  const address = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (!URL.canParse(address)) return undefined;
  const { hostname, pathname, searchParams } = new URL(address);
  const [first = "", second = ""] = pathname.split("/").filter((part) => part !== "");
  const isYoutube = /^(?:(?:www|m|music)\.)?youtube(?:-nocookie)?\.com$/.test(hostname);
  const kinds = new Set(["shorts", "live", "embed", "v"]);
  const id =
    hostname === "youtu.be" ? first : !isYoutube ? undefined : kinds.has(first) ? second : searchParams.get("v");
  return id != null && /^[\w-]{11}$/.test(id) ? id : undefined;
}

/** @param origin of YouTube. @returns a sentence when there is nothing to be had. */
export async function findVideo(
  web: Pick<Web, "get">,
  origin: string,
  id: string,
  signal: AbortSignal,
): Promise<Video | { readonly error: string }> {
  const json = JSON.stringify({ context: { client: CLIENT }, videoId: id, contentCheckOk: true, racyCheckOk: true });
  const url = new URL("/youtubei/v1/player?prettyPrint=false", origin);
  const answer = textOf(await web.get({ url, mayBePrivate: false, json, signal }));
  if (typeof answer !== "string") return answer;
  const player = parse(answer);
  const status = text(at(player, "playabilityStatus", "status"));
  if (status === "") return { error: "YouTube answered something that can't be read; it may have changed." };
  const details = at(player, "videoDetails");
  const found = list(at(player, "captions", "playerCaptionsTracklistRenderer", "captionTracks"));
  const tracks = found.flatMap((track) => toTrack(track, origin));
  if (status !== "OK" && tracks.length === 0) {
    const reason = text(at(player, "playabilityStatus", "reason"));
    return { error: `YouTube does not give this video (${reason === "" ? status : reason}).` };
  }
  return { title: text(at(details, "title")), channel: text(at(details, "author")), tracks };
}

/** @returns a sentence when there is nothing to be had. */
export async function readTrack(
  web: Pick<Web, "get">,
  track: Track,
  signal: AbortSignal,
): Promise<readonly Caption[] | { readonly error: string }> {
  const url = new URL(track.url);
  url.searchParams.set("fmt", "json3");
  const answer = textOf(await web.get({ url, mayBePrivate: false, signal }));
  if (typeof answer !== "string") return answer;
  const captions = answer.trimStart().startsWith("{") ? fromJson(answer) : fromXml(answer);
  return captions.length > 0
    ? captions
    : { error: "YouTube gave no text for these captions: it may want proof that a browser asks. Try again later." };
}

/** The one that was asked for, in whatever region; without a wish one that a person wrote. Those that people wrote come first. */
export function chooseTrack(tracks: readonly Track[], language: string | undefined): Track | undefined {
  const inOrder = [...tracks].sort((a, b) => Number(a.isAutomatic) - Number(b.isAutomatic));
  if (language === undefined) return inOrder[0];
  const wish = language.toLowerCase();
  const base = (code: string): string => code.toLowerCase().split("-", 1)[0] ?? "";
  return (
    inOrder.find((track) => track.language.toLowerCase() === wish) ??
    inOrder.find((track) => base(track.language) === base(wish))
  );
}

/** The address of a track comes from outside: only YouTube's own is asked. */
function toTrack(track: unknown, origin: string): readonly Track[] {
  const url = text(at(track, "baseUrl"));
  if (!URL.canParse(url, origin) || new URL(url, origin).origin !== new URL(origin).origin) return [];
  const runs = list(at(track, "name", "runs")).map((run) => text(at(run, "text")));
  const name = text(at(track, "name", "simpleText")) || runs.join("");
  const language = text(at(track, "languageCode"));
  return [{ language, name, isAutomatic: at(track, "kind") === "asr", url: new URL(url, origin).href }];
}

function fromJson(answer: string): readonly Caption[] {
  return list(at(parse(answer), "events")).flatMap((event) => {
    const words = list(at(event, "segs"))
      .map((part) => text(at(part, "utf8")))
      .join("");
    return caption(Number(at(event, "tStartMs")) / 1000, words);
  });
}

/** `<text start="1.5">` in seconds, or `<p t="1500">` in milliseconds. */
function fromXml(answer: string): readonly Caption[] {
  return [...answer.matchAll(/<(text|p)\s([^>]*)>([\s\S]*?)<\/\1>/g)].flatMap(
    ([, kind, attributes = "", inner = ""]) => {
      const start = /(?:^|\s)(?:start|t)="([\d.]+)"/.exec(attributes)?.[1];
      return caption(Number(start) / (kind === "p" ? 1000 : 1), plainWords(inner.replace(/<[^>]*>/g, "")));
    },
  );
}

function caption(seconds: number, words: string): readonly Caption[] {
  const line = words.replace(/\s+/g, " ").trim();
  return line === "" || !Number.isFinite(seconds) ? [] : [{ seconds, text: line }];
}

/** Captions come with their entities escaped twice. */
function plainWords(words: string): string {
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
  const once = (given: string): string =>
    given
      .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)))
      .replace(/&(lt|gt|quot|apos|nbsp);/g, (_, name: string) => names[name] ?? "");
  return once(once(words.replaceAll("&amp;", "&")));
}

function textOf(reply: WebReply): string | { readonly error: string } {
  switch (reply.kind) {
    case "page":
      if (reply.status === 429) return { error: "YouTube has had too many questions from here: try again later." };
      if (reply.status !== 200) return { error: `YouTube answered with ${reply.status}.` };
      return new TextDecoder().decode(reply.body);
    case "moved":
      return { error: `YouTube led to another place, which was not followed: ${reply.to}` };
    case "private":
      return {
        error: `YouTube's name stands for ${reply.address} here, an address in the own network: nothing was sent.`,
      };
    case "failed":
      return { error: `YouTube could not be reached: ${reply.message}.` };
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null && Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined,
    value,
  );
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
