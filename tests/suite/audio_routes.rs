//! `/audio`: recordings at URLs that carry their content's hash.

use reqwest::header::{HeaderMap, HeaderValue};

use super::caller::{Caller, next_url, words};
use super::figures::{client, get, send};
use super::folder::Folder;
use super::server::{Plan, Server, eventually};
use super::wire;

const FLOW: &str = r#"
language = "en-GB"
[steps.hello]
menu   = ["@hello", "@plain"]
keys.1 = "hello"
"#;

const MANIFEST: &str = r#"
hello = { text = "Hello.", audio = "sounds/hello there.wav" }
plain = "Press 1."
"#;

/// A WAV file of silence: 8 kHz, µ-law, so many samples.
pub fn wav(samples: u32) -> Vec<u8> {
    let mut file = b"RIFF".to_vec();
    file.extend((50 + samples).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(18_u32.to_le_bytes());
    for short in [7_u16, 1] {
        file.extend(short.to_le_bytes());
    }
    for long in [8000_u32, 8000] {
        file.extend(long.to_le_bytes());
    }
    for short in [1_u16, 8, 0] {
        file.extend(short.to_le_bytes());
    }
    file.extend(b"data");
    file.extend(samples.to_le_bytes());
    file.resize(file.len() + samples as usize, 0xFF);
    file
}

struct Line {
    server: Server,
    audio: Folder,
    _flows: Folder,
}

fn line() -> Line {
    let flows = Folder::of(&[("hello.toml", FLOW)]);
    let audio = Folder::of(&[
        ("en-GB.toml", MANIFEST),
        ("secret.wav", "RIFF....WAVE secret"),
    ]);
    audio.write("sounds/hello there.wav", wav(800));
    let server = Plan::default()
        .flows(flows.path())
        .audio(audio.path())
        .start();
    Line {
        server,
        audio,
        _flows: flows,
    }
}

/// The URL that a new caller is played.
async fn played(server: &Server) -> String {
    let heard = Caller::new(server).call("/voice/hello").await;
    let tree = roxmltree::Document::parse(&heard).expect("it is XML");
    let play = tree
        .descendants()
        .find(|node| node.has_tag_name("Play"))
        .expect("it plays something");
    let url = play.text().expect("it has a URL");
    url.split('#')
        .next()
        .expect("there is a first part")
        .to_owned()
}

/// Asks for a recording with one more header.
async fn ask(
    server: &Server,
    path: &str,
    name: &'static str,
    value: &str,
) -> (u16, HeaderMap, Vec<u8>) {
    let response = send(client().get(server.url(path)).header(name, value)).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (
        status,
        headers,
        response.bytes().await.expect("it comes whole").to_vec(),
    )
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value: &HeaderValue| value.to_str().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_recording_is_played_instead_of_its_text_at_a_url_with_its_hash() {
    let line = line();
    let mut caller = Caller::new(&line.server);
    let heard = caller.call("/voice/hello").await;
    assert_eq!(words(&heard), "Press 1.");
    assert!(
        next_url(&heard).is_some(),
        "the recording stands within the Gather"
    );
    let url = played(&line.server).await;
    let (hash, name) = url
        .strip_prefix("/audio/")
        .and_then(|rest| rest.split_once('/'))
        .expect("a hash and a name");
    assert!(
        hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{hash}"
    );
    assert_eq!(name, "hello-there.wav");
}

#[tokio::test]
async fn a_recording_is_immutable_and_comes_whole() {
    let line = line();
    let response = get(&line.server, &played(&line.server).await).await;
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    assert_eq!(text(&headers, "content-type"), "audio/wav");
    assert!(text(&headers, "cache-control").contains("immutable"));
    assert_eq!(text(&headers, "accept-ranges"), "bytes");
    assert_eq!(text(&headers, "content-length"), wav(800).len().to_string());
    assert_eq!(response.bytes().await.expect("it comes whole"), wav(800));
}

#[tokio::test]
async fn who_has_it_already_gets_304() {
    let line = line();
    let url = played(&line.server).await;
    let (_, headers, _) = ask(&line.server, &url, "accept", "*/*").await;
    let tag = text(&headers, "etag").to_owned();
    assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'));
    for same in [
        tag.clone(),
        format!("\"other\", {tag}"),
        format!("W/{tag}"),
        "*".to_owned(),
    ] {
        let (status, headers, body) = ask(&line.server, &url, "if-none-match", &same).await;
        assert_eq!((status, body.len()), (304, 0), "{same}");
        assert_eq!(text(&headers, "etag"), tag);
    }
    assert_eq!(
        ask(&line.server, &url, "if-none-match", "\"other\"")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_part_of_a_recording_can_be_asked_for() {
    let line = line();
    let (url, all) = (played(&line.server).await, wav(800));
    let length = all.len();
    for (range, part, shown) in [
        ("bytes=0-3", &all[..4], format!("bytes 0-3/{length}")),
        (
            "bytes=4-",
            &all[4..],
            format!("bytes 4-{}/{length}", length - 1),
        ),
        (
            "bytes=-10",
            &all[length - 10..],
            format!("bytes {}-{}/{length}", length - 10, length - 1),
        ),
        (
            "bytes=0-99999",
            &all[..],
            format!("bytes 0-{}/{length}", length - 1),
        ),
    ] {
        let (status, headers, body) = ask(&line.server, &url, "range", range).await;
        assert_eq!(
            (status, text(&headers, "content-range"), &body[..]),
            (206, &*shown, part),
            "{range}"
        );
    }
}

#[tokio::test]
async fn a_part_that_is_not_there_is_416_and_a_range_that_is_none_is_passed_over() {
    let line = line();
    let (url, all) = (played(&line.server).await, wav(800));
    for range in ["bytes=99999-", "bytes=99999-100000", "bytes=-0"] {
        let (status, headers, _) = ask(&line.server, &url, "range", range).await;
        assert_eq!(
            (status, text(&headers, "content-range")),
            (416, &*format!("bytes */{}", all.len())),
            "{range}"
        );
    }
    for range in ["bytes=5-2", "bytes=a-b", "lines=0-1", "bytes=0-1,4-5", ""] {
        let (status, _, body) = ask(&line.server, &url, "range", range).await;
        assert_eq!((status, body.len()), (200, all.len()), "{range}");
    }
}

#[tokio::test]
async fn a_range_of_an_older_recording_gets_all_of_this_one() {
    let line = line();
    let url = played(&line.server).await;
    let request = client()
        .get(line.server.url(&url))
        .header("range", "bytes=0-3")
        .header("if-range", "\"other\"");
    assert_eq!(send(request).await.status(), 200);
}

#[tokio::test]
async fn head_tells_the_length_and_sends_nothing() {
    let line = line();
    let url = played(&line.server).await;
    let (status, body) =
        wire::request(&line.server, &format!("HEAD {url}"), &[("host", "x")], b"").await;
    assert_eq!((status, body.len()), (200, 0));
    let response = send(client().head(line.server.url(&url))).await;
    assert_eq!(
        text(response.headers(), "content-length"),
        wav(800).len().to_string()
    );
    assert_eq!(text(response.headers(), "content-type"), "audio/wav");
}

#[tokio::test]
async fn a_recording_that_changes_gets_a_new_url_and_the_old_one_still_plays() {
    let mut line = line();
    let old = played(&line.server).await;
    line.audio.write("sounds/hello there.wav", wav(400));
    eventually("the new recording is played", async || {
        played(&line.server).await != old
    })
    .await;
    let new = played(&line.server).await;
    for start_anew in [false, true] {
        if start_anew {
            line.server.restart();
        }
        for (url, bytes) in [(&old, wav(800)), (&new, wav(400))] {
            let response = get(&line.server, url).await;
            assert_eq!(response.status(), 200, "{url}");
            assert_eq!(text(response.headers(), "content-type"), "audio/wav");
            assert_eq!(response.bytes().await.expect("it comes whole"), bytes);
        }
    }
}

#[tokio::test]
async fn what_no_prompt_names_is_not_there() {
    let line = line();
    let url = played(&line.server).await;
    let hash = url.split('/').nth(2).expect("there is a hash");
    for path in [
        "/audio/",
        "/audio",
        "/audio/secret.wav",
        "/audio/sounds/hello%20there.wav",
        "/audio/../en-GB.toml",
        "/audio/..%2f..%2f..%2fetc%2fpasswd",
        "/audio/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/audio//etc/passwd",
        "/audio/00000000000000000000000000000000/hello-there.wav",
        "/audio/%00",
        &format!("/audio/{hash}"),
        &format!("/audio/{hash}/other.wav"),
    ] {
        let (status, body) =
            wire::request(&line.server, &format!("GET {path}"), &[("host", "x")], b"").await;
        assert_eq!((status, body.len()), (404, 0), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_tells_its_words_to_who_plays_it_without_ears() {
    let line = line();
    let response = get(&line.server, &played(&line.server).await).await;
    assert_eq!(
        response.headers().get("hookswitch-transcript"),
        Some(&HeaderValue::from_static("Hello."))
    );
    let (code, heard, told) = line
        .server
        .plan()
        .run(line.server.folder(), &["dial", "hello", "--keys", "hangup"]);
    assert_eq!(code, 0, "{told}");
    assert!(heard.contains("Hello."), "{heard}{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_the_flow_itself_names_is_served_with_its_words_and_changes_the_version() {
    let flow = "[steps.hello]\nmenu = \"@all\"\nkeys.1 = \"hello\"\n[prompts]\n\
                all = [{ text = \"Own words.\", audio = \"sounds/own.wav\" }, \"Press 1.\"]\n";
    let flows = Folder::of(&[("hello.toml", flow)]);
    let audio = Folder::of(&[]);
    audio.write("sounds/own.wav", wav(800));
    let server = Plan::default()
        .flows(flows.path())
        .audio(audio.path())
        .start();
    let path = played(&server).await;
    assert!(path.ends_with("/own.wav"), "{path}");
    let response = get(&server, &path).await;
    assert_eq!(
        response.headers().get("hookswitch-transcript"),
        Some(&HeaderValue::from_static("Own words."))
    );
    assert_eq!(
        response.bytes().await.expect("it comes whole").len(),
        wav(800).len()
    );
}
