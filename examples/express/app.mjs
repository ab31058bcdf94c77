// A webhook receiver in Express: it verifies the sender, ignores duplicates, responds, and works afterwards.
import { timingSafeEqual } from "node:crypto";
import express from "express";

export function createApp(publicKey, work) {
  const seen = new Set();
  const signature = Buffer.from(Buffer.from(publicKey).toString("base64"));
  const app = express();
  // Raw bytes: the sender is verified before the body is parsed.
  app.post("/webhooks", express.raw({ type: "*/*" }), (request, response) => {
    const given = Buffer.from(request.get("x-identitypass-signature") ?? "");
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) return response.sendStatus(401);
    let data;
    try {
      ({ data } = JSON.parse(request.body));
    } catch {
      return response.sendStatus(400);
    }
    const event = `${request.get("token")} ${data?.response_code}`;
    response.sendStatus(200);
    if (seen.has(event)) return;
    seen.add(event);
    setImmediate(work, { reference: request.get("token"), code: data?.response_code });
  });
  return app;
}
