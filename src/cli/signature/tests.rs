use std::io::Write;

use clap::Parser;

use super::*;

const URL: &str = "https://example.com/voice/main?b=2&a=1";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: SignatureArgs,
}

fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn fields() -> Vec<(String, String)> {
    owned(&[
        ("CallSid", "CA1"),
        ("From", "+15550100"),
        ("Digits", "12"),
        ("FromCity", ""),
    ])
}

fn given(url: &str, params: Vec<(String, String)>, expect: &str) -> SignatureArgs {
    SignatureArgs {
        token: Some(TOKEN.to_owned()),
        url: url.to_owned(),
        params,
        expect: Some(expect.to_owned()),
        ..SignatureArgs::default()
    }
}

fn play(args: &SignatureArgs) -> Report {
    report(args, |_| None).unwrap()
}

/// What the server was asked, and what was really signed: the words must name the mistake.
#[track_caller]
fn assert_explained(args: &SignatureArgs, words: &str) {
    let report = play(args);
    assert_eq!(report.code, exit::FAULTS);
    assert!(
        report
            .lines
            .iter()
            .any(|line| line.starts_with("it fits") && line.contains(words)),
        "{:#?}",
        report.lines
    );
}

#[track_caller]
fn assert_url_explained(given_url: &str, signed_url: &str, words: &str) {
    assert_explained(
        &given(given_url, fields(), &sign(TOKEN, signed_url, &fields())),
        words,
    );
}

#[track_caller]
fn assert_fields_explained(params: &[(&str, &str)], signed: &[(&str, &str)], words: &str) {
    assert_explained(
        &given(URL, owned(params), &sign(TOKEN, URL, &owned(signed))),
        words,
    );
}

#[test]
fn the_signature_is_the_first_line_and_nothing_follows_where_there_is_nothing_to_say() {
    let args = SignatureArgs {
        expect: None,
        ..given(URL, fields(), "")
    };
    let report = play(&args);
    assert_eq!(
        (report.lines, report.code),
        (vec![sign(TOKEN, URL, &fields())], exit::WELL)
    );
}

#[test]
fn what_was_printed_is_accepted() {
    for url in [
        URL,
        "http://h",
        "https://h:8443/x?y",
        "https://u:p@h/x#rc=2",
        "http://[::1]:80/~1?q='",
    ] {
        let printed = play(&SignatureArgs {
            expect: None,
            ..given(url, fields(), "")
        })
        .lines
        .remove(0);
        let report = play(&given(url, fields(), &printed));
        assert_eq!(report.code, exit::WELL, "{:#?}", report.lines);
    }
}

#[test]
fn a_port_added_or_removed_is_accepted_and_said() {
    for (given_url, signed, words) in [
        ("https://h/v", "https://h:443/v", "default port added"),
        ("http://h/v", "http://h:80/v", "default port added"),
        ("https://h:8443/v", "https://h/v", "port removed"),
    ] {
        let report = play(&given(given_url, fields(), &sign(TOKEN, signed, &fields())));
        assert_eq!(report.code, exit::WELL);
        assert!(report.lines[1].contains(words), "{:?}", report.lines);
    }
}

#[test]
fn a_fragment_and_a_user_are_left_out_and_that_is_said() {
    let report = play(&SignatureArgs {
        expect: None,
        ..given("https://u:p@h/v#rc=2", fields(), "")
    });
    assert_eq!(report.lines[0], sign(TOKEN, "https://h/v", &fields()));
    assert!(report.lines[1].contains("#rc=2") && report.lines[2].contains("user and password"));
}

#[test]
fn a_mistake_in_the_address_is_named() {
    let at = |address: &str| format!("{address}/voice/main?b=2&a=1");
    assert_url_explained(&at("https://h"), &at("http://h"), "http in place of https");
    assert_url_explained(&at("http://h"), &at("https://h"), "https in place of http");
    assert_url_explained(&at("https://h"), &at("https://www.h"), "`www.`");
    assert_url_explained(&at("https://Host"), &at("https://host"), "lower case");
    assert_url_explained(&at("https://h"), &at("https://h:8080"), "port 8080");
    assert_url_explained(&at("https://h:80"), &at("https://h:443"), "port 443");
    assert_url_explained(
        &at("https://u:p@h"),
        &at("https://u:p@h"),
        "user and password left in",
    );
    let mut args = given(
        &at("https://h"),
        fields(),
        &sign(TOKEN, &at("https://tunnel.test"), &fields()),
    );
    assert_eq!(play(&args).code, exit::FAULTS);
    args.also_hosts = vec!["other.test".into(), "tunnel.test".into()];
    assert_explained(&args, "tunnel.test");
}

#[test]
fn a_mistake_in_path_or_query_is_named() {
    let pairs = [
        (
            "/voice/main",
            "/voice/main/",
            "with a slash at the path's end",
        ),
        ("/voice/main/?a=1", "/voice/main?a=1", "without the slash"),
        ("//voice/main", "/voice/main", "`//` made `/`"),
        ("/ivr/voice/main", "/voice/main", "without the first part"),
        ("/v?a=1", "/v", "without the query"),
        ("/v?q=O%27Neil", "/v?q=O'Neil", "`'` in place of `%27`"),
        ("/v?q=O'Neil", "/v?q=O%27Neil", "`%27` in place of `'`"),
        ("/v?q=a+b", "/v?q=a%20b", "`%20` in place of `+`"),
        ("/v?q=a%20b", "/v?q=a+b", "`+` in place of `%20`"),
        ("/v/%7E1", "/v/~1", "`~` in place of `%7E`"),
        ("/v?a=sip%3Ax%40y", "/v?a=sip:x@y", "written as `@` and `:`"),
        ("/v?a=%c3%a9", "/v?a=%C3%A9", "escapes in upper case"),
        ("/v?b=2&a=1", "/v?a=1&b=2", "sorted by name"),
        ("/v?a=1&b=2&c=3", "/v?c=3&a=1&b=2", "another order"),
    ];
    for (given, signed, words) in pairs {
        assert_url_explained(
            &format!("https://h{given}"),
            &format!("https://h{signed}"),
            words,
        );
    }
}

#[test]
fn a_query_that_came_sorted_is_nobody_s_fault_on_the_way() {
    let told = |came: &str, signed: &str| {
        let signature = sign(TOKEN, &format!("https://h{signed}"), &fields());
        play(&given(&format!("https://h{came}"), fields(), &signature))
            .lines
            .join("\n")
    };
    assert!(told("/v?a=1&b=2", "/v?b=2&a=1").contains("may send its query sorted by name"));
    assert!(told("/v?a=1&c=2&b=3", "/v?b=3&a=1&c=2").contains("byte for byte"));
}

#[test]
fn two_mistakes_at_once_are_named() {
    assert_url_explained(
        "https://h/v/",
        "http://h/v",
        "http in place of https and without the slash",
    );
    assert_url_explained("http://h:8080/v", "https://h/v", "over `https://h/v`");
}

#[test]
fn a_mistake_in_the_fields_is_named() {
    assert_fields_explained(
        &[("A", "1"), ("B", "")],
        &[("A", "1")],
        "without the empty fields",
    );
    assert_fields_explained(&[("A", " 1 ")], &[("A", "1")], "white space around values");
    assert_fields_explained(&[("From", " 1555")], &[("From", "+1555")], "made a `+`");
    assert_fields_explained(
        &[("From", "%2B1555")],
        &[("From", "+1555")],
        "`%…` in values decoded",
    );
    assert_fields_explained(
        &[("N", "NEW+YORK"), ("F", "+1")],
        &[("N", "NEW YORK"), ("F", "+1")],
        "`%…` and `+`",
    );
    assert_fields_explained(&[("A", "1"), ("A", "2")], &[("A", "1")], "first value");
    assert_fields_explained(&[("A", "1"), ("A", "2")], &[("A", "2")], "last value");
    assert_fields_explained(
        &[("A", "1"), ("X", "2")],
        &[("A", "1")],
        "without the field `X`",
    );
    assert_fields_explained(
        &[("A", "1"), ("a", "1")],
        &[("A", "1")],
        "in the query already",
    );
    assert_fields_explained(
        &[("A", "1")],
        &[("A", "1"), ("a", "1"), ("b", "2")],
        "signed as fields too",
    );
    assert_fields_explained(&[("A", "1")], &[], "without the fields");
    let empty = changes_with_often_empty();
    assert_explained(
        &given(URL, owned(&[("A", "1")]), &sign(TOKEN, URL, &empty)),
        "`FromCity`",
    );
}

fn changes_with_often_empty() -> Vec<(String, String)> {
    let mut all = owned(&[("A", "1")]);
    for side in ["From", "To", "Caller", "Called"] {
        all.extend(
            ["City", "State", "Zip", "Country"]
                .map(|part| (format!("{side}{part}"), String::new())),
        );
    }
    all
}

#[test]
fn a_get_taken_for_a_post_and_the_reverse_are_named() {
    let own = "https://h/v";
    let whole = "https://h/v?CallSid=CA1&From=%2B15550100&Digits=12&FromCity=";
    assert_explained(
        &given(own, fields(), &sign(TOKEN, whole, &[])),
        "fields in the query",
    );
    assert_explained(
        &given(whole, Vec::new(), &sign(TOKEN, own, &fields())),
        "as fields in its place",
    );
}

#[test]
fn a_mistake_in_the_token_is_named() {
    let args = |token: &str, signer: &str| SignatureArgs {
        token: Some(token.to_owned()),
        ..given(URL, fields(), &sign(signer, URL, &fields()))
    };
    assert_explained(&args("\"0123abc\"", "0123abc"), "quotes and white space");
    assert_explained(&args(" 0123abc", "0123abc"), "quotes and white space");
    assert_explained(&args("0123ABC", "0123abc"), "lower case");
    assert_explained(&args("0123abc", "0123abc\n"), "a line break after");
}

#[test]
fn what_nothing_explains_says_what_cannot_be_guessed() {
    let report = play(&given(URL, fields(), &sign("another", URL, &fields())));
    assert_eq!(report.code, exit::FAULTS);
    assert!(
        report.lines.iter().any(|line| line.contains("subaccount")),
        "{:#?}",
        report.lines
    );
    let cut = play(&given(URL, fields(), "GvWf1cFY/Q7PnoempGyD5oXAezc"));
    assert_eq!(cut.code, exit::FAULTS);
    assert!(cut.lines[2].contains("this one has 27"), "{:#?}", cut.lines);
}

#[test]
fn a_form_that_the_server_does_not_take_is_a_fault() {
    let many: Vec<_> = (0..=MAX_FIELDS)
        .map(|at| (format!("F{at}"), String::new()))
        .collect();
    let report = play(&given(URL, many.clone(), &sign(TOKEN, URL, &many)));
    assert_eq!(report.code, exit::FAULTS);
    assert!(report.lines[2].contains("200 fields at most"));
}

#[test]
fn a_body_needs_its_hash_in_the_url() {
    let body = |text: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    let play_body = |text: &str, hash_of: &str, rest: &str| {
        let file = body(text);
        let url = format!(
            "https://h/v?{rest}bodySHA256={}",
            body_sha256(hash_of.as_bytes())
        );
        let mut args = given(&url, Vec::new(), &sign(TOKEN, &url, &[]));
        args.body = Some(file.path().to_owned());
        let told = play(&args);
        args.expect = None;
        assert_eq!(play(&args).code, told.code);
        told
    };
    assert_eq!(play_body("{}", "{}", "").code, exit::WELL);
    assert_eq!(play_body("", "", "a=1&").code, exit::WELL);
    for (text, hash_of, words) in [
        ("{}\n", "{}", "without the white space"),
        ("{}", "{}\n", "with a line break"),
        (
            "{ \"b\": 1, \"a\": 2 }",
            "{\"b\":1,\"a\":2}",
            "written again",
        ),
        ("{}", "[]", "raw bytes"),
    ] {
        let told = play_body(text, hash_of, "");
        assert_eq!(told.code, exit::FAULTS);
        assert!(
            told.lines.last().unwrap().contains(words),
            "{:#?}",
            told.lines
        );
    }
    let bare = play_body("{}", "{}", "x");
    assert_eq!(bare.code, exit::FAULTS);
    assert!(bare.lines.iter().any(|line| line.contains("no bodySHA256")));
}

#[test]
fn the_token_may_come_from_the_environment() {
    let args = SignatureArgs {
        token: None,
        expect: None,
        ..given(URL, fields(), "")
    };
    let expected = sign(TOKEN, URL, &fields());
    let set = report(&args, |name| {
        (name == TOKEN_SETTING).then(|| TOKEN.to_owned())
    })
    .unwrap();
    assert_eq!(set.lines[0], expected);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{TOKEN}").unwrap();
    let path = file.path().to_str().unwrap();
    let from_file = report(&args, |name| {
        name.ends_with("_FILE").then(|| path.to_owned())
    })
    .unwrap();
    assert_eq!(from_file.lines[0], expected);
}

#[test]
fn usage_and_surroundings_have_codes_of_their_own() {
    let code = |args: SignatureArgs| report(&args, |_| None).unwrap_err().exit_code();
    let right = || given(URL, fields(), "x");
    assert_eq!(
        code(SignatureArgs {
            token: None,
            ..right()
        }),
        exit::USAGE
    );
    assert_eq!(
        code(SignatureArgs {
            token: Some(" ".into()),
            ..right()
        }),
        exit::USAGE
    );
    for url in [
        "example.com/v",
        "wss://h/v",
        "https://",
        "https:///v",
        "https://h:x/v",
    ] {
        assert_eq!(
            code(SignatureArgs {
                url: url.into(),
                ..right()
            }),
            exit::USAGE,
            "{url}"
        );
    }
    assert_eq!(
        code(SignatureArgs {
            body: Some("/no/such/file".into()),
            ..right()
        }),
        exit::SURROUNDINGS
    );
}

#[test]
fn the_command_line_keeps_order_repeats_and_equals_signs() {
    let line = [
        "x",
        "--token",
        "-t",
        "--url",
        "https://h",
        "--param",
        "B=1",
        "--param",
        "A=",
        "--param",
        "B=x=y",
    ];
    let args = Line::try_parse_from(line)
        .unwrap_or_else(|error| panic!("{error}"))
        .args;
    assert_eq!(args.params, owned(&[("B", "1"), ("A", ""), ("B", "x=y")]));
    assert_eq!(args.token.as_deref(), Some("-t"));
    for wrong in [
        &["x", "--url", "u", "--param", "A"][..],
        &["x"],
        &["x", "--url", "u", "--param", "A=1", "--body", "f"],
    ] {
        assert_eq!(
            Line::try_parse_from(wrong)
                .err()
                .map(|error| error.exit_code()),
            Some(2)
        );
    }
}
