type Changes = Readonly<Record<string, string>>;

/** The environment of a child process: ours, with changes. */
export function childEnvironment(changes: Changes): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** Makes settings that were found out at start visible to everything that reads settings later in this process. */
export function adoptSettings(changes: Changes): void {
  Object.assign(process.env, changes);
}
