// tsc turns import() into require(), which not everything that loads this package can do with ES modules; this file is no part of what it compiles.
module.exports = () => import("jose");
