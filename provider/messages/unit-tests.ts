// Messages of people's unit tests.
import { section } from "./section";

export const unitTests = section({
    title: "Unit tests",
    errors: {
        "test-unreachable": ["no connection to … (the test's unreachableHosts). Check the address, and that this machine can reach it.", "The test's facts say so"],
        "test-no-answer": ["the test gives no answer to …. Add it to the answers of connectionMocks.", "[Unit tests](testing.md#what-a-test-can-say)"],
    },
});
