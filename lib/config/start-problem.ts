/** A reason not to start that the operator can remove: its message is one sentence that says what to change. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
}
