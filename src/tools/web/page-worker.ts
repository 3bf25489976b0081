/** The thread that reads HTML: parsing a page of a stranger may take long or all memory, and must not stop the editor. */
import { parentPort, workerData } from "node:worker_threads";
import { toMarkdown } from "./markdown";

const { html, url, whole }: { html: string; url: string; whole: boolean } = workerData;
parentPort?.postMessage(toMarkdown(html, url, whole));
