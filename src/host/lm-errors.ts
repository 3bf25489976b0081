/** What VS Code says when one of its language models can't be asked, as a failure in words. */
import * as vscode from "vscode";
import type { Failure } from "../models/types";

/**
 * Its own errors are told by their code. For the rest there is only the provider's text, which names a limit in words
 * that all of them use.
 */
export function lmFailure(error: unknown, model: string): Failure {
  const details = error instanceof Error ? error.message : String(error);
  const quoted = details === "" ? {} : { details: details.slice(0, 2000) };
  const code = error instanceof vscode.LanguageModelError ? error.code : "";
  switch (code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return {
        code: "bad-key",
        message: `VS Code does not let Dispatch use the model "${model}".`,
        advice: "Send again and allow it when VS Code asks, or allow it under Accounts, Manage Language Model Access.",
        action: "resume",
        act: "give-up",
        ...quoted,
      };
    case vscode.LanguageModelError.Blocked.name:
      return {
        code: "no-credit",
        message: `VS Code blocks requests to the model "${model}": its quota is used up, or the request is not allowed.`,
        advice: "Choose another model, or continue when the quota is there again.",
        action: "resume",
        act: "give-up",
        ...quoted,
      };
    case vscode.LanguageModelError.NotFound.name:
      return lmMissing(model);
    default:
      return otherFailure(details, model);
  }
}

function lmMissing(model: string): Failure {
  return {
    code: "unknown-model",
    message: `VS Code has no language model "${model}" now.`,
    advice:
      "Choose another one with Dispatch: Select Model, or install and sign in to the extension that brings it, then continue.",
    action: "resume",
    act: "give-up",
  };
}

function otherFailure(details: string, model: string): Failure {
  const common = { action: "resume", details: details.slice(0, 2000) } as const;
  if (/rate.?limit|too many requests|\b429\b|quota/i.test(details)) {
    return {
      ...common,
      code: "rate-limit",
      message: `The model "${model}" of VS Code takes no more requests for now.`,
      act: "retry",
    };
  }
  if (/context.?(?:length|window)|prompt is too long|too many tokens|maximum.{0,30}tokens/i.test(details)) {
    return {
      ...common,
      code: "context-full",
      message: `This chat is too long for the model "${model}" of VS Code.`,
      advice: "Choose a model with a larger context, or start a new chat.",
      act: "give-up",
    };
  }
  return {
    ...common,
    code: "server-error",
    message: `The model "${model}" of VS Code failed.`,
    advice: "Continue asks for the answer again; nothing before it is lost.",
    act: "retry",
  };
}
