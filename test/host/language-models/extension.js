/** An extension that offers language models as Copilot does. What they answer, the test that runs beside it says. */
const vscode = require("vscode");

/**
 * @typedef {object} Script
 * @property {(request: { model: string, messages: readonly vscode.LanguageModelChatRequestMessage[], tools: readonly vscode.LanguageModelChatTool[], report: (part: vscode.LanguageModelResponsePart) => void, token: vscode.CancellationToken }) => Promise<void>} answer
 */

exports.activate = (/** @type {vscode.ExtensionContext} */ context) => {
  /** @type {Script} */
  const script = { answer: async () => {} };
  const changed = new vscode.EventEmitter();
  const words = (/** @type {string | vscode.LanguageModelChatRequestMessage} */ text) =>
    (typeof text === "string" ? text : JSON.stringify(text.content)).split(/\s+/).length;
  context.subscriptions.push(
    changed,
    vscode.lm.registerLanguageModelChatProvider("dispatch-test", {
      onDidChangeLanguageModelChatInformation: changed.event,
      provideLanguageModelChatInformation: async () => [
        {
          id: "parrot-1",
          name: "Parrot 1",
          family: "parrot",
          version: "1",
          maxInputTokens: 64_000,
          maxOutputTokens: 8_000,
          capabilities: { toolCalling: true },
        },
      ],
      provideLanguageModelChatResponse: (model, messages, { tools = [] }, progress, token) =>
        script.answer({ model: model.id, messages, tools, report: (part) => progress.report(part), token }),
      provideTokenCount: async (_model, text) => words(text),
    }),
  );
  return script;
};
