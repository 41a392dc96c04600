// Loaded before the command line: looking for the folder of the user fails with an error that no command expects.
require('node:os').homedir = () => {
  throw new Error('the disk is on fire');
};
