/** The client of the configured provider, as the calls see it. */
export interface ClientHolder<Client> {
  /** `undefined` before ConfigureProvider, and while an argument of the provider block is unknown. */
  current: Client | undefined;
}

/** What a user reads when something needs the provider's configuration and it is not known yet. */
export function unconfigured(attempted: string): string {
  return (
    `Could not ${attempted}: the provider's configuration is not known yet\n` +
    'An argument of the provider block comes from something that is still to be created. ' +
    'Create that first (terraform apply -target=...), or give the argument a value that is known.'
  );
}
