// An app as it is written against the real service. The package loads https://cdn.faceio.net/fio.js.
import FaceIO from "@faceio/fiojs";

const faceio = new FaceIO("fioa1234");
const status = document.querySelector("[role=status]");

document.querySelector("button").addEventListener("click", async () => {
  try {
    const { facialId } = await faceio.enroll({ payload: { whoami: 1 } });
    status.textContent = `welcome ${facialId}`;
  } catch (code) {
    status.textContent = `rejected: ${code}`;
  }
});
