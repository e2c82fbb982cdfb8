// What is said into the microphone, where the browser can write it down. Some browsers have a service of their maker do so.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;

let listening = null;

/** Whether the browser writes down what is said. */
export function canListen() {
  return Boolean(Recognition);
}

/** Listens until something was said: `heard` gets the words and how sure the browser is of them, from 0 to 1, where it says so. */
export function listen(language, heard, ended) {
  stop();
  const recognition = new Recognition();
  listening = recognition;
  recognition.lang = language || "en-US";
  recognition.interimResults = false;
  recognition.onresult = (event) => {
    const { transcript, confidence } = event.results[0][0];
    if (transcript.trim()) heard(transcript.trim(), confidence > 0 ? confidence : undefined);
  };
  recognition.onerror = (event) => ended(event.error === "not-allowed" ? "The browser may not use the microphone." : "");
  recognition.onend = () => {
    if (listening === recognition) listening = null;
    ended("");
  };
  recognition.start();
}

export function isListening() {
  return Boolean(listening);
}

export function stop() {
  listening?.abort();
  listening = null;
}
