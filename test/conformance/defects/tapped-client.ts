import type { Memphis } from '../../../src/runtime/messaging';
import type { TestBroker } from '../../support/broker';
import { WireTap } from '../../support/wire-tap';

/** A client for all tests of a file, and what it says on the wire. */
export class TappedClient {
  readonly #started: { tap?: WireTap; memphis?: Memphis } = {};

  private constructor(broker: TestBroker) {
    const started = this.#started;
    beforeAll(async () => {
      started.tap = await WireTap.before(broker.options.port);
      started.memphis = await broker.client({ port: started.tap.port });
    });
    afterAll(async () => {
      await started.memphis?.close();
      await started.tap?.close();
    });
  }

  static forThisFile(broker: TestBroker): TappedClient {
    return new TappedClient(broker);
  }

  get tap(): WireTap {
    return running(this.#started.tap);
  }

  get memphis(): Memphis {
    return running(this.#started.memphis);
  }
}

function running<T>(started: T | undefined): T {
  if (started === undefined) throw new Error('it runs from beforeAll on');
  return started;
}
