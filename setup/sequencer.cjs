"use strict";

// Starts the longest files first, so that two workers end together. A fresh machine has no durations of earlier runs.
const { default: Sequencer } = require(
    require.resolve("@jest/test-sequencer", { paths: [require.resolve("jest/package.json")] }),
);

const longest = [
    "engine/drift",
    "engine/nango",
    "package/examples",
    "engine/verify-modes",
    "engine/settings",
    "package/lint",
    "engine/faults",
    "engine/summary",
    "engine/upgrade",
    "engine/ox",
    "engine/stackone",
    "engine/update-plans",
    "engine/hub-kill",
    "engine/kill",
    "package/setup",
    "engine/sealing",
    "engine/rotation",
    "engine/components",
    "engine/identity",
    "core/limits",
    "core/hub-faults",
].map((name) => `/test/${name}.test.js`);

const placeOf = ({ path }) => {
    const place = longest.findIndex((end) => path.endsWith(end));
    return place < 0 ? longest.length : place;
};

module.exports = class extends Sequencer {
    async sort(tests) {
        return [...(await super.sort(tests))].sort((one, other) => placeOf(one) - placeOf(other));
    }
};
