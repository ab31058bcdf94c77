// Builds the page of the vendors' packages, and the example: unchanged, pointed at idmock, and as the development server serves it.
import { writeFile } from "node:fs/promises";
import { build, createServer } from "vite";

await build();
await build({ root: "example" });
process.env.IDMOCK = "http://idmock.test";
await build({ root: "example", build: { outDir: "pointed" } });
const server = await createServer({ root: "example", server: { middlewareMode: true } });
const { code } = await server.transformRequest("/main.js");
const [dependency] = code.match(/\/node_modules\/\.vite\/deps\/[^"]+/);
await writeFile("example/served.js", (await server.transformRequest(dependency)).code);
await server.close();
