// A reporter of jest that writes how a run ended into the file that TEST_COUNTS names, for the closing line of `npm test`.
const { writeFileSync } = require('node:fs');

module.exports = class {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numTodoTests, ...results }) {
    const counts = {
      passed: numPassedTests,
      // A suite that cannot even be loaded has no failed test of its own, yet it is a failure.
      failed: numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: numPendingTests + numTodoTests,
    };
    writeFileSync(process.env.TEST_COUNTS, JSON.stringify(counts));
  }
};
