/** The web as the tools see it. */

export type WebReply =
  | {
      readonly kind: "page";
      /** Where it was found, after redirects. */
      readonly url: string;
      readonly status: number;
      /** The content type as the server names it; empty when it does not. */
      readonly type: string;
      readonly body: Uint8Array;
      /** There was more than is taken. */
      readonly isCut: boolean;
    }
  /** It is at another host, or at the same one without encryption: not followed. */
  | { readonly kind: "moved"; readonly to: string }
  /** The host is in the machine's own network, and nobody has allowed that: nothing was sent. */
  | { readonly kind: "private"; readonly address: string }
  | { readonly kind: "failed"; readonly message: string };

export type WebRequest = {
  readonly url: URL;
  /** A person has allowed it to be in the own network. */
  readonly mayBePrivate: boolean;
  /** JSON that is sent by POST instead of a GET. */
  readonly json?: string;
  readonly signal: AbortSignal;
};

/** The readable text of an HTML page. */
export type Readable = { readonly title: string; readonly markdown: string } | { readonly error: string };

export interface Web {
  /** One request, with redirects within the host. Never rejects but for an abort. */
  get(request: WebRequest): Promise<WebReply>;
  /** @param whole the page with its menus and lists, not only its main text. */
  readable(html: string, url: string, whole: boolean, signal: AbortSignal): Promise<Readable>;
}
