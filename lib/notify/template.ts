import { Liquid } from "liquidjs";

import type { AlertMessage } from "./alert-message.ts";

const templateLengthMax = 20_000;
const outputLengthMax = 50_000;

/** The text is longer than a template may be, cannot be read, or came out too long; the message is a sentence. */
export class TemplateProblem extends Error {
  override name = "TemplateProblem";
}

/** Liquid computes no code, sees nothing but the message, and stops at these limits. */
const liquid = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  dynamicPartials: false,
  relativeReference: false,
  templates: {},
  timezoneOffset: 0,
  parseLimit: templateLengthMax,
  renderLimit: 200,
  memoryLimit: 2_000_000,
});

/** Renders a template of an operator over a message; the words are those of the webhook body. */
export function renderTemplate(template: string, message: AlertMessage): string {
  if (template.length > templateLengthMax) {
    throw new TemplateProblem(`The template is longer than ${templateLengthMax} characters.`);
  }
  const output = render(template, message);
  if (output.length > outputLengthMax) {
    throw new TemplateProblem(`The text came out longer than ${outputLengthMax} characters.`);
  }
  return output;
}

function render(template: string, message: AlertMessage): string {
  try {
    const written: unknown = liquid.parseAndRenderSync(template, { ...message });
    return typeof written === "string" ? written : "";
  } catch (error) {
    const reason =
      error instanceof Error ? (error.message.split("\n")[0] ?? "") : "it cannot be read";
    throw new TemplateProblem(`The template cannot be used: ${reason}.`);
  }
}
