// biome-ignore-all lint/style/useNodejsImportProtocol: VS Code puts its proxy settings only into modules that are asked for without it
/** Node's own, as VS Code gives them to an extension: with its settings for proxies and certificates. */
import * as http from "http";
import * as https from "https";

export { http, https };
