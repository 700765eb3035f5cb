/** The folder of this package. ES modules have no way to say so that survives the build to CommonJS. */
module.exports = __dirname;
