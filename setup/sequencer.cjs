"use strict";

// Starts the longest files first, so that workers end together. A fresh machine has no durations of earlier runs: what counts is a file's size, and what its tests run on.
const fs = require("node:fs");
const { default: Sequencer } = require(
    require.resolve("@jest/test-sequencer", { paths: [require.resolve("jest/package.json")] }),
);

const weights = { engine: 6, package: 3 };
const costOf = ({ path }) => fs.statSync(path).size * (weights[/\/test\/(\w+)\//.exec(path)?.[1]] ?? 1);

module.exports = class extends Sequencer {
    async sort(tests) {
        return [...tests].sort((one, other) => costOf(other) - costOf(one));
    }
};
