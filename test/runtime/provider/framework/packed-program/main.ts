// A program to be packed: it prints what happens in its start and in the part that is loaded later.
import type * as LaterModule from './later';

if (process.argv[2] === 'start') console.log('started');
else {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- what the packer keeps apart
  (require('./later') as typeof LaterModule).run(process.argv[2]);
}
