/** Decides how much of long tables, products and random kills a run takes: all with `THOROUGH=1`, as every night. */
const isThorough = process.env["THOROUGH"] === "1";

/** The first, or the second in a thorough run. */
export const thorough = <T>(few: T, all: T): T => (isThorough ? all : few);

/** All in a thorough run, else one in so many, from another one at each turn. */
export const diagonal = <T>(all: readonly T[], turn: number, oneIn: number): readonly T[] =>
    all.filter((_, at) => isThorough || (at + turn) % oneIn === 0);

/** Does what a run needs in a thorough run alone, such as one more look at what `core` holds already. */
export const ifThorough = async (work: () => Promise<unknown>): Promise<void> => {
    if (isThorough) {
        await work();
    }
};
