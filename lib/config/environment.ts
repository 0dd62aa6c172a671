type Changes = Readonly<Record<string, string>>;

/** The environment of a child process: ours, with changes, and with defaults for what it does not say. */
export function childEnvironment(changes: Changes, defaults: Changes = {}): NodeJS.ProcessEnv {
  return { ...defaults, ...process.env, ...changes };
}

/** Makes settings that were found out at start visible to everything that reads settings later in this process. */
export function adoptSettings(changes: Changes): void {
  Object.assign(process.env, changes);
}
