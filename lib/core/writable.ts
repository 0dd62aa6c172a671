/** The same fields, for whoever uses one object again and again where a new one each time would be thousands. */
export type Writable<Fields> = { -readonly [Field in keyof Fields]: Fields[Field] };
