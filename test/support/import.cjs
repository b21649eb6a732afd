// tsc turns import() into require(), which cannot load a package of ES modules only; this file is no part of what it compiles.
module.exports = (name) => import(name);
