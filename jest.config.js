/** @type {import("jest").Config} */
module.exports = {
    roots: ["<rootDir>/build/test"],
    testEnvironment: "node",
    testMatch: ["**/*.test.js"],
    transform: {},
    globalSetup: "<rootDir>/build/test/support/global-setup.js",
    globalTeardown: "<rootDir>/build/test/support/global-teardown.js",
    testSequencer: "<rootDir>/setup/sequencer.cjs",
    reporters: ["default", "<rootDir>/setup/reporter.cjs"],
    testTimeout: 300_000,
    // One waits for servers, pauses and processes while two compute.
    maxWorkers: 3,
    watchman: false,
};
