// An app as it is written against the real services: the packages decide where their scripts come from.
import {StrictMode, useEffect} from "react";
import {createRoot} from "react-dom/client";
import Faceio from "@faceio/fiojs";
import useReactKYC from "react-identity-kyc";
import useNextKYC from "next-identity-kyc";

window.mounted = 0;
window.calls = {react: [], next: []};

function App() {
  useEffect(() => {
    window.mounted++;
    window.faceio = new Faceio("fioa0aaa");
  }, []);
  const person = {first_name: "Ada", last_name: "Okoro", email: "a@example.com", merchant_key: "sandbox_pk_npm", user_ref: "u-1",
    config_id: "CFG", is_test: "true"};
  const react = useReactKYC({...person, callback: (...all) => window.calls.react.push(all)});
  const next = useNextKYC({...person, callback: (...all) => window.calls.next.push(all)});
  return <main>
    <button id="react" onClick={react}>react-identity-kyc</button>
    <button id="next" onClick={next}>next-identity-kyc</button>
  </main>;
}

createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>);
