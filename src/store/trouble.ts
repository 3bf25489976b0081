/** What a refusing disk is called in front of the user. */
import { errorCode } from "./fs";

const sentences: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full",
  EDQUOT: "The disk quota is used up",
  EROFS: "The disk is read-only",
  EACCES: "Dispatch has no permission to write its log",
  EPERM: "Dispatch has no permission to write its log",
  ENOENT: "The folder of the log was removed",
  ENOTDIR: "A file stands where the folder of the log should be",
  EEXIST: "A file stands where the folder of the log should be",
  EIO: "The disk reports an error",
};

/**
 * @param folder named in the sentence, so that the user knows where to look.
 * @returns one sentence, or `undefined` when the error is not one of the disk but a bug.
 */
export function describeTrouble(error: unknown, folder: string): string | undefined {
  const code = errorCode(error);
  if (code === undefined || code.startsWith("ERR_")) return undefined;
  const what = sentences[code] ?? `The disk reports ${code}`;
  return `${what}, so nothing new can be saved in ${folder}; Dispatch keeps trying.`;
}
