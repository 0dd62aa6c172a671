import { z } from "zod";

/** An address that messages are posted to. Where it may lead is for the guard to say. */
export const hookUrl = z
  .string()
  .max(4_000)
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), "must be an https address")
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password } = new URL(text);
    return username === "" && password === "";
  }, "must not hold a user or password");

/** A short text in one line. */
export const word = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\r\n]*$/, "must be one line");
