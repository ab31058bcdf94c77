// The app: POST / verifies a number, /webhooks receives the result, GET / shows the state of each verification.
import { createServer } from "node:http";

const { IDENTITYPASS_URL, IDENTITYPASS_KEY, PORT } = process.env;
const states = {};

async function verify(number) {
  const response = await fetch(`${IDENTITYPASS_URL}/api/v2/biometrics/merchant/data/verification/bvn`, {
    method: "POST",
    headers: { "x-api-key": IDENTITYPASS_KEY, "content-type": "application/json" },
    body: JSON.stringify({ number }),
  });
  const { response_code, verification } = await response.json();
  states[verification.reference] ??= response_code; // the webhook may be here first
}

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  if (request.url === "/webhooks") states[request.headers.token] = JSON.parse(body).data.response_code;
  else if (request.method === "POST") await verify(body);
  response.setHeader("content-type", "application/json").end(JSON.stringify(states));
}).listen(PORT, () => console.log("ready"));
