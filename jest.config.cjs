module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } } },
    ],
  },
  setupFiles: ['<rootDir>/test/support/random.ts'],
  testTimeout: process.env.TIMES === undefined ? 60_000 : 3_600_000,
  maxWorkers: 2,
  collectCoverageFrom: ['src/**/*.ts'],
  // Self-references of the package resolve to the built library, as in a user's project.
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out', '<rootDir>/.cache'],
};
