// What is heard: keys, words spoken by the browser, recordings. One thing after the other, as on a line.

const LOW = { 1: 697, 2: 697, 3: 697, 4: 770, 5: 770, 6: 770, 7: 852, 8: 852, 9: 852, "*": 941, 0: 941, "#": 941 };
const HIGH = { 1: 1209, 4: 1209, 7: 1209, "*": 1209, 2: 1336, 5: 1336, 8: 1336, 0: 1336, 3: 1477, 6: 1477, 9: 1477, "#": 1477 };
const TONE = 0.13;

const speech = window.speechSynthesis;
let context = null;
let muted = localStorage.getItem("muted") === "yes";
let queue = [];
let playing = null;

/** Browsers let a page sound only after somebody has done something on it: this is called then. */
export function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

export function isMuted() {
  return muted;
}

export function mute(yes) {
  muted = yes;
  localStorage.setItem("muted", yes ? "yes" : "no");
  if (yes) hush();
}

/** The two tones of a key (ITU-T Q.23). */
export function tone(key) {
  if (muted || !(key in LOW)) return;
  wake();
  const gain = context.createGain();
  const now = context.currentTime;
  gain.gain.setValueAtTime(0, now);
  gain.gain.linearRampToValueAtTime(0.12, now + 0.005);
  gain.gain.setValueAtTime(0.12, now + TONE - 0.01);
  gain.gain.linearRampToValueAtTime(0, now + TONE);
  gain.connect(context.destination);
  for (const frequency of [LOW[key], HIGH[key]]) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start(now);
    oscillator.stop(now + TONE);
  }
}

function voices() {
  return speech ? speech.getVoices() : [];
}

/** A voice of a language: of its region first, else of the language itself. */
function voiceOf(language) {
  const plain = (tag) => tag.replace("_", "-").toLowerCase();
  const wanted = plain(language || "en-US");
  return voices().find((voice) => plain(voice.lang) === wanted)
    ?? voices().find((voice) => plain(voice.lang).split("-")[0] === wanted.split("-")[0]);
}

/** Whether words of a language can be spoken here. */
export function canSay(language) {
  return Boolean(voiceOf(language));
}

/** Speaks words, after what is being heard. */
export function say(text, language) {
  const voice = voiceOf(language);
  if (muted || !voice || !text) return;
  queue.push((done) => {
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    words.onend = words.onerror = done;
    speech.speak(words);
    return () => speech.cancel();
  });
  next();
}

/** Plays a recording of ours, after what is being heard. */
export function play(url) {
  if (muted) return;
  queue.push((done) => {
    const recording = new Audio(url);
    recording.onended = recording.onerror = done;
    recording.play().catch(done);
    return () => recording.pause();
  });
  next();
}

function next() {
  if (playing || queue.length === 0) return;
  const begin = queue.shift();
  const mine = {};
  playing = mine;
  mine.stop = begin(() => {
    if (playing !== mine) return;
    playing = null;
    next();
  });
}

/** Silence, at once: somebody pressed a key, or the call is over. */
export function hush() {
  queue = [];
  const stop = playing?.stop;
  playing = null;
  stop?.();
}
