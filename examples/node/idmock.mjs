// The helper of a test: one account of a running idmock. clients/js is the same as a package, with types.
export function account(key, server = process.env.IDMOCK ?? "http://127.0.0.1:8080") {
  const control = async (path, body) => {
    const response = await fetch(`${server}/_idmock/v1/${path}?account=${encodeURIComponent(key)}`,
      body && { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  return {
    base: (provider) => `${server}/${provider}`,
    freeze: () => control("clock", { frozen: true }),
    webhook: (provider, url) => control("endpoints", { provider, url }),
    arm: (provider, scenario) => control("arm", { provider, scenario }),
    advance: (by) => control("clock/advance", { by }), // returns once every due webhook was delivered or has failed
    wait: (expectation) => control("wait", { timeout: "5s", ...expectation }),
  };
}
