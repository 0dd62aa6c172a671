import { expect, it } from "vitest";

import { fieldsOf, settingsOf, valuesOf } from "./prepare-fields.ts";

const mail = {
  kind: "email",
  title: "Email",
  secrets: ["password"],
  settingsSchema: {
    properties: {
      port: { type: "integer", default: 587 },
      tls: { type: "string", enum: ["starttls", "none"], default: "starttls" },
      password: { type: "string" },
      to: { type: "array", items: { type: "string" } },
    },
    required: ["to"],
  },
};

it("asks first for what must be given, and knows secrets, choices and lists", () => {
  const fields = fieldsOf(mail);
  expect(fields.map(({ name, input, secret }) => [name, input, secret])).toEqual([
    ["to", "list", false],
    ["port", "number", false],
    ["tls", "choice", false],
    ["password", "text", true],
  ]);
});

it("leaves out what is left empty, so that a stored secret stays as it is", () => {
  const fields = fieldsOf(mail);
  const values = { ...valuesOf(fields, null), to: "a@example.com,\n b@example.com" };
  expect(settingsOf(fields, values)).toEqual({
    to: ["a@example.com", "b@example.com"],
    port: 587,
    tls: "starttls",
  });
});
