/** Runs something with environment variables set; afterwards they are as they were. */
export function withEnvironment<T>(values: Readonly<Record<string, string | undefined>>, run: () => T): T {
  const before = Object.keys(values).map((name) => [name, process.env[name]] as const);
  set(Object.entries(values));
  try {
    return run();
  } finally {
    set(before);
  }
}

function set(values: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of values) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
