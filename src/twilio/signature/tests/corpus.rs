//! Recorded requests and the vectors of Twilio's libraries, where their folder stands beside the project.

use std::path::{Path, PathBuf};

use super::super::*;
use super::{Case, FORM, JSON, TOKEN, encode, reference, verified};
use crate::twilio::Webhook;

/// The folder of recorded requests that stands beside the project, if it is there.
fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("HOOKSWITCH_CORPUS").map(PathBuf::from);
    let folder = given
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus")));
    let webhooks = folder.join("webhooks");
    if webhooks.is_dir() {
        return Some(webhooks);
    }
    eprintln!("skipped: no corpus in {}", folder.display());
    None
}

fn read_json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn vector_fields(vector: &serde_json::Value) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    match vector["params_list"].as_array() {
        Some(list) => list
            .iter()
            .map(|pair| (text(&pair[0]), text(&pair[1])))
            .collect(),
        None => vector["params"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    }
}

#[test]
fn the_vectors_of_twilio_s_libraries_come_out() {
    let Some(folder) = corpus() else { return };
    for vector in read_json(&folder.join("signature_vectors.json"))
        .as_array()
        .unwrap()
    {
        let url = vector["url_as_requested"]
            .as_str()
            .or(vector["url"].as_str())
            .unwrap();
        let (address, target) = url.split_at(url.find("com/").unwrap() + 3);
        let fields = vector_fields(vector);
        let body = vector["body"].as_str();
        let body_bytes = body.map_or_else(|| encode(&fields), |body| body.as_bytes().to_vec());
        let request = SignedRequest {
            post: true,
            target: target.as_bytes(),
            content_type: Some(if body.is_some() { JSON } else { FORM }),
            body: &body_bytes,
            signature: vector["signature"].as_str().map(str::as_bytes),
            settings: None,
        };
        let tokens = Tokens::new(vector["token"].as_str(), None, []);
        let outcome = verify(
            &request,
            &request.form().unwrap(),
            &SignedText::of(&request, &request.form().unwrap()),
            &tokens,
            &PublicUrl::parse(address).unwrap(),
        );
        assert_eq!(
            outcome.is_ok(),
            vector["valid"].as_bool().unwrap(),
            "{}",
            vector["name"]
        );
    }
}

#[test]
fn every_recorded_webhook_is_read_and_checked() {
    let Some(folder) = corpus() else { return };
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for path in files.filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let recorded = read_json(&path);
        let Some(raw) = recorded["raw"].as_str() else {
            continue;
        };
        let name = &recorded["name"];
        let fields = vector_fields(&recorded);
        let form = Form::parse(raw.as_bytes()).unwrap();
        assert_eq!(
            form.iter()
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect::<Vec<_>>(),
            fields,
            "{name}"
        );
        let read = Webhook::parse(&form);
        assert_eq!(
            read.is_ok(),
            recorded["params"]["CallSid"].is_string(),
            "{name}: {read:?}"
        );
        let status = recorded["params"]["CallStatus"]
            .as_str()
            .map(crate::twilio::CallStatus::parse);
        assert!(
            read.is_err() || read.unwrap().call_status == status,
            "{name}"
        );

        let post = recorded["method"] == "POST";
        let target = if post {
            "/v".to_owned()
        } else {
            format!("/v?{raw}")
        };
        let signature = reference(
            TOKEN,
            &format!("https://h{target}"),
            if post { &fields } else { &[] },
        );
        let body = if post {
            raw.as_bytes().to_vec()
        } else {
            Vec::new()
        };
        let case = Case {
            post,
            target,
            body,
            signature,
            ..Case::form("https://h", "", &[])
        };
        assert_eq!(case.verify(), verified(Spelling::AsGiven), "{name}");
    }
}
