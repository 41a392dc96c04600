const { availableParallelism } = require('node:os');

module.exports = {
  testEnvironment: 'node',
  // The coverage counts all of src, also what no test loads.
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } } },
    ],
  },
  setupFiles: ['<rootDir>/test/support/random.ts'],
  testTimeout: process.env.TIMES === undefined ? 60_000 : 3_600_000,
  // One more than the cores: many wait for a broker, a program or a time-out. With two more, clusters elect no leader in time.
  maxWorkers: Math.max(3, availableParallelism() + 1),
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  collectCoverageFrom: ['src/**/*.{ts,tsx}', '!src/**/*.d.ts'],
  // Self-references of the package resolve to the built library, as in a user's project.
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out', '<rootDir>/.cache'],
};
