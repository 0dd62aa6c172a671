import { z } from "zod";

const time = z.iso.datetime({ offset: true });

/** What a label has to be. Regular expressions match the whole value. */
export const matcher = z.object({
  name: z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/, "a label name is letters, digits and _"),
  operator: z.enum(["=", "!=", "=~", "!~"]),
  value: z.string().max(1_000),
});

export type Matcher = z.infer<typeof matcher>;

/** Body of `POST /api/v1/silences` and `PUT /api/v1/silences/{id}`. */
export const newSilence = z
  .object({
    matchers: z.array(matcher).min(1).max(20),
    startsAt: time,
    endsAt: time,
    author: z.string().trim().min(1).max(120),
    reason: z.string().trim().min(1).max(2_000),
  })
  .refine((silence) => Date.parse(silence.endsAt) > Date.parse(silence.startsAt), {
    message: "a silence ends after it starts",
    path: ["endsAt"],
  })
  .refine(
    (silence) =>
      silence.matchers.some(
        ({ operator, value }) => (operator === "=" && value !== "") || operator === "=~",
      ),
    {
      message:
        "one matcher has to name something with = or =~, or the silence would mute everything",
      path: ["matchers"],
    },
  );
export type NewSilence = z.infer<typeof newSilence>;

/** A silence as the API answers it. Silences mute notifications, never states. */
export const silence = z.object({
  id: z.uuid(),
  matchers: z.array(matcher),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  author: z.string(),
  reason: z.string(),
  state: z.enum(["pending", "active", "expired"]),
});
export type Silence = z.infer<typeof silence>;

/** Answer of `GET /api/v1/silences`: active and pending ones, and those that ended within the last 5 days. */
export const silencesAnswer = z.object({ items: z.array(silence) });
export type SilencesAnswer = z.infer<typeof silencesAnswer>;

/** The path of `/api/v1/silences/{id}`. */
export const silenceParams = z.object({ id: z.uuid() });

/** Answer to the end of a silence. */
export const silenceEnded = z.object({ id: z.string() });
