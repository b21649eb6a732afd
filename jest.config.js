/** @type {import("jest").Config} */
module.exports = {
    roots: ["<rootDir>/build/test"],
    testEnvironment: "node",
    testMatch: ["**/*.test.js"],
    transform: {},
    globalSetup: "<rootDir>/build/test/support/global-setup.js",
    testSequencer: "<rootDir>/setup/sequencer.cjs",
    reporters: ["default", "<rootDir>/setup/reporter.cjs"],
    testTimeout: 300_000,
    maxWorkers: 2,
    watchman: false,
};
