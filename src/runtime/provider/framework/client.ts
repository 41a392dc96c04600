/** The client that the provider's configuration gave, as the calls see it. */
export class ConfiguredClient<Client> {
  /** `undefined` before ConfigureProvider, and while an argument of the provider block is unknown. */
  current: Client | undefined;

  /**
   * The client, for something that cannot be done without it.
   * @param task what needs it: `change memphis_station`
   * @throws Error that tells a user why there is none.
   */
  neededTo(task: string): Client {
    if (this.current !== undefined) return this.current;
    throw new Error(
      `Could not ${task}: the provider's configuration is not known yet\n` +
        'An argument of the provider block comes from something that is still to be created. ' +
        'Create that first (terraform apply -target=...), or give the argument a value that is known.',
    );
  }
}
