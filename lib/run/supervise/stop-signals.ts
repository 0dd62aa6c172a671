/** Collects the ways a supervisor is told to stop: signals, or the death of the process that started it. */
export function stopSignals(): { readonly first: Promise<void>; asked(): boolean } {
  let asked = false;
  const first = new Promise<void>((resolve) => {
    const stop = () => {
      asked = true;
      resolve();
    };
    // They stay on: a second Ctrl-C must not cut the stop short.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
    process.once("disconnect", stop);
  });
  return { first, asked: () => asked };
}
