// Starts the files that take longest first, so that no worker is left with one of them at the end. What Jest has measured
// itself counts; where it has not, as on a fresh clone, durations.json does, in seconds on an idle machine of two cores.
const Sequencer = require('@jest/test-sequencer').default;
const { relative, sep } = require('node:path');
const recorded = require('./durations.json');

module.exports = class extends Sequencer {
  sort(tests) {
    const secondsOf = ({ path, duration, context }) =>
      duration === undefined
        ? (recorded[relative(context.config.rootDir, path).split(sep).join('/')] ?? 1)
        : duration / 1_000;
    // Stable: files of one length stay in the order that Jest has given them.
    return [...super.sort(tests)].sort((left, right) => secondsOf(right) - secondsOf(left));
  }
};
