import type { ChannelItem, ChannelsAnswer } from "#lib/contract/channels.ts";

export type ChannelKindItem = ChannelsAnswer["kinds"][number];

/** One input of the form of a kind of channel. */
export interface ChannelField {
  readonly name: string;
  readonly input: "text" | "number" | "list" | "choice";
  /** Of a choice. */
  readonly options: readonly string[];
  readonly required: boolean;
  /** Kept encrypted: it can be set anew, and is never shown. */
  readonly secret: boolean;
  /** What holds where nothing is written. */
  readonly initial: string;
}

/** The inputs that a kind of channel asks for, those that must be filled in first. */
export function fieldsOf(kind: ChannelKindItem): ChannelField[] {
  const properties = objectOf(kind.settingsSchema["properties"]);
  const required = textsOf(kind.settingsSchema["required"]);
  const fields = Object.entries(properties).map(([name, value]): ChannelField => {
    const schema = objectOf(value);
    return {
      name,
      input: inputOf(schema),
      options: textsOf(schema["enum"]),
      required: required.includes(name),
      secret: kind.secrets.includes(name),
      initial: textOf(schema["default"]),
    };
  });
  return fields.toSorted((a, b) => Number(b.required) - Number(a.required));
}

/** What the inputs hold: of a stored channel what may be seen of it, else the defaults. */
export function valuesOf(
  fields: readonly ChannelField[],
  stored: ChannelItem | null,
): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ name, initial }) => {
      const value = stored?.settings[name];
      return [name, stored === null ? initial : textOf(value)];
    }),
  );
}

/** The settings that the inputs mean. Inputs left empty are left out: a stored secret stays, a default holds. */
export function settingsOf(
  fields: readonly ChannelField[],
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, input }): [string, unknown][] => {
      const text = (values[name] ?? "").trim();
      if (text === "") return [];
      if (input === "number") return [[name, Number(text)]];
      if (input === "list") return [[name, text.split(/[\s,]+/).filter((each) => each !== "")]];
      return [[name, text]];
    }),
  );
}

function inputOf(schema: Readonly<Record<string, unknown>>): ChannelField["input"] {
  if (Array.isArray(schema["enum"])) return "choice";
  if (schema["type"] === "integer" || schema["type"] === "number") return "number";
  return schema["type"] === "array" ? "list" : "text";
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join("\n");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function objectOf(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object(value)));
}
