// Repeats what a change of the network interrupts: when an interface comes or goes, as with every container, browsers abort their
// requests in flight, those to the same machine too.

const PAUSE = 300; // ms

/** again repeats a request once if it fails without a response. Only for requests that change nothing. */
export async function again(request) {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // of what follows the response
    await new Promise((done) => setTimeout(done, PAUSE));
    return request();
  }
}
