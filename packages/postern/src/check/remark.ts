/** What `check` has to say beside the policy. An error: the configuration must not be used. */
export interface Remark {
  readonly level: "error" | "warning" | "hint";
  /** What is wrong, what it does, and what to do. */
  readonly text: string;
}

export function warning(text: string): Remark {
  return { level: "warning", text };
}
