// With IDMOCK set to idmock's address, the packages load the vendors' scripts from there. A build without it is for production.
import { readFile } from "node:fs/promises";

const idmock = process.env.IDMOCK;
const hosts = { "https://cdn.faceio.net/": `${idmock}/faceio/` };
const packages = /[\\/]@faceio[\\/]fiojs[\\/].*\.js$/;

const rewrite = (code) => Object.entries(hosts).reduce((text, [from, to]) => text.replaceAll(from, to), code);

// Rollup bundles a build, and esbuild the packages for the development server: each has plugins of its own.
const forBuild = { name: "idmock", transform: (code, id) => (packages.test(id) ? rewrite(code) : null) };
const forServer = {
  name: "idmock",
  setup: (build) => build.onLoad({ filter: packages }, async ({ path }) => ({ contents: rewrite(await readFile(path, "utf8")), loader: "js" })),
};

export default idmock ? { plugins: [forBuild], optimizeDeps: { esbuildOptions: { plugins: [forServer] }, force: true } } : {};
