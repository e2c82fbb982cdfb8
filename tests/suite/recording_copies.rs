//! Recordings at the carrier: fetched, copied to a place of the operator's, and erased.

use std::path::Path;
use std::time::{Duration, Instant};

use hookswitch::carrier::recording::{
    Archive, ArchiveAccess, CopyError, EraseError, RecordingName, copy, erase,
};
use hookswitch::engine::CallSid;
use hookswitch::twilio::rest::{CallUpdate, Erased, Logins, Rest, RestError};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::carrier::{ACCOUNT, Carrier, PATIENCE, RestAnswer, TOKEN, sound};
use crate::object_storage::ObjectStorage;

const MEDIA: &str = "GET Recordings/RE1.wav";

fn name(call: &str) -> RecordingName {
    RecordingName {
        account: ACCOUNT.to_owned(),
        call: CallSid::parse(call).expect("a call's name"),
        recording: "RE1".to_owned(),
    }
}

/// A place in a folder, and the folder.
fn folder() -> (Archive, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let url = format!("file:{}", folder.path().join("kept").display());
    let archive = Archive::open(&url, &ArchiveAccess::default()).expect("it can be used");
    (archive, folder)
}

fn files(folder: &Path) -> Vec<String> {
    let folder = folder.join("kept").join(ACCOUNT).join("CA1");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn a_recording_is_copied_under_account_call_and_sid_with_its_length_and_hash() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", sound(32_000));
    let kept = copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    assert_eq!((kept.bytes, kept.seconds), (32_012, Some(2)));
    assert_eq!(kept.sha256, hash(&sound(32_000)));
    assert_eq!(files(folder.path()), ["RE1.json", "RE1.wav"]);
    let address = archive.address(&name("CA1"));
    let path = address.strip_prefix("file://").expect("a file's address");
    assert_eq!(std::fs::read(path).expect("it is there"), sound(32_000));
}

#[tokio::test]
async fn a_recording_is_copied_to_object_storage_in_one_piece_or_in_parts() {
    let (carrier, storage) = (Carrier::start().await, ObjectStorage::start().await);
    for bytes in [5_000, 9 * 1024 * 1024] {
        carrier.record("RE1", "CA1", "completed", sound(bytes));
        let archive = storage.archive();
        copy(&carrier.rest(), &archive, &name("CA1"))
            .await
            .expect("it is copied");
        assert_eq!(
            archive.address(&name("CA1")),
            format!("s3://bucket/calls/{ACCOUNT}/CA1/RE1.wav")
        );
        let object = storage.object(&format!("bucket/calls/{ACCOUNT}/CA1/RE1.wav"));
        assert!(
            object.is_some_and(|object| object == sound(bytes)),
            "{bytes}"
        );
        archive.erase(&name("CA1")).await.expect("it is erased");
        assert_eq!(
            storage.object(&format!("bucket/calls/{ACCOUNT}/CA1/RE1.wav")),
            None
        );
    }
}

#[tokio::test]
async fn a_recording_that_is_asked_for_twice_is_fetched_once() {
    let (carrier, (archive, _folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    let first = copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    let second = copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    assert_eq!((first, carrier.times(MEDIA)), (second, 1));
}

#[tokio::test]
async fn a_sound_that_breaks_off_is_no_copy_and_is_fetched_again() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", sound(50_000));
    // The question what it is comes first.
    carrier.answer_next([RestAnswer::Well, RestAnswer::BreakOff]);
    let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
    let is_half = matches!(refused, Err(CopyError::Carrier(RestError::NoAnswer(_))));
    assert!(is_half, "{refused:?}");
    assert_eq!(files(folder.path()), [""; 0]);
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
}

#[tokio::test]
async fn a_sound_that_stands_still_is_given_up_and_one_that_only_takes_long_is_not() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", sound(50_000));
    carrier.answer_next([RestAnswer::Well, RestAnswer::Stall]);
    let begun = Instant::now();
    let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
    let is_silent = matches!(refused, Err(CopyError::Carrier(RestError::NoAnswer(_))));
    assert!(is_silent, "{refused:?}");
    assert!(begun.elapsed() < PATIENCE * 10, "{:?}", begun.elapsed());
    assert_eq!(files(folder.path()), [""; 0]);
    carrier.answer_next([RestAnswer::Well, RestAnswer::Slowly]);
    let begun = Instant::now();
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    assert!(begun.elapsed() > PATIENCE * 3, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn object_storage_that_hangs_is_given_up_and_what_was_not_noted_is_copied_again() {
    let (carrier, storage) = (Carrier::start().await, ObjectStorage::start().await);
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    storage.hang(true);
    let begun = Instant::now();
    let refused = copy(&carrier.rest(), &storage.archive(), &name("CA1")).await;
    assert!(matches!(refused, Err(CopyError::Archive(_))), "{refused:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    storage.hang(false);
    // It hangs once the sound is under way.
    carrier.answer_next([RestAnswer::Well, RestAnswer::Slowly]);
    let archive = storage.archive();
    let copying = tokio::spawn({
        let (rest, archive) = (carrier.rest(), archive.clone());
        async move { copy(&rest, &archive, &name("CA1")).await }
    });
    tokio::time::sleep(PATIENCE).await;
    storage.hang(true);
    let refused = copying.await.expect("no panic");
    assert!(refused.is_err(), "{refused:?}");
    storage.hang(false);
    assert_eq!(archive.kept(&name("CA1")).await.expect("it answers"), None);
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
}

#[tokio::test]
async fn what_is_shorter_than_its_own_head_says_is_no_copy() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    let whole = sound(50_000);
    carrier.record("RE1", "CA1", "completed", whole.slice(..30_000));
    let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
    let truncated = matches!(
        refused,
        Err(CopyError::Truncated {
            came: 30_000,
            said: 50_012
        })
    );
    assert!(truncated, "{refused:?}");
    assert_eq!(files(folder.path()), [""; 0]);
    carrier.record("RE1", "CA1", "completed", whole);
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
}

#[tokio::test]
async fn a_page_in_place_of_a_sound_is_no_copy() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", "<html>Bad gateway</html>".into());
    let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
    assert!(matches!(refused, Err(CopyError::NotSound)), "{refused:?}");
    assert_eq!(files(folder.path()), [""; 0]);
}

#[tokio::test]
async fn a_copy_that_is_not_what_was_fetched_is_thrown_away() {
    let (carrier, storage) = (Carrier::start().await, ObjectStorage::start().await);
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    storage.spoil(true);
    let refused = copy(&carrier.rest(), &storage.archive(), &name("CA1")).await;
    assert!(matches!(refused, Err(CopyError::Changed)), "{refused:?}");
    assert_eq!(
        storage.object(&format!("bucket/calls/{ACCOUNT}/CA1/RE1.wav")),
        None
    );
    storage.spoil(false);
    copy(&carrier.rest(), &storage.archive(), &name("CA1"))
        .await
        .expect("it is copied");
}

#[tokio::test]
async fn a_copy_whose_note_was_never_written_is_made_anew() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    let kept = folder.path().join("kept").join(ACCOUNT).join("CA1");
    std::fs::remove_file(kept.join("RE1.json")).expect("it is there");
    assert_eq!(
        archive.kept(&name("CA1")).await.expect("it can be read"),
        None
    );
    copy(&carrier.rest(), &archive, &name("CA1"))
        .await
        .expect("it is copied");
    std::fs::write(kept.join("RE1.wav"), "short").expect("it can be written");
    assert_eq!(
        archive.kept(&name("CA1")).await.expect("it can be read"),
        None
    );
}

#[tokio::test]
async fn a_recording_of_another_call_or_account_is_refused() {
    let (carrier, (archive, folder)) = (Carrier::start().await, folder());
    carrier.record("RE1", "CA2", "completed", sound(5_000));
    let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
    assert!(matches!(refused, Err(CopyError::Foreign)), "{refused:?}");
    assert_eq!(carrier.times(MEDIA), 0);
    let foreign = RecordingName {
        account: "ACother".to_owned(),
        ..name("CA1")
    };
    let asked = carrier.asked().len();
    let refused = copy(&carrier.rest(), &archive, &foreign).await;
    let is_refused = matches!(refused, Err(CopyError::Carrier(RestError::NoLogin(_))));
    assert!(is_refused, "{refused:?}");
    assert_eq!(carrier.asked().len(), asked, "our login goes nowhere");
    assert_eq!(files(folder.path()), [""; 0]);
}

#[tokio::test]
async fn only_a_complete_recording_is_copied() {
    let (carrier, (archive, _folder)) = (Carrier::start().await, folder());
    for (status, is_right) in [
        (
            "in-progress",
            (|error| matches!(error, CopyError::NotYet)) as fn(CopyError) -> bool,
        ),
        ("processing", |error| matches!(error, CopyError::NotYet)),
        ("embalmed", |error| matches!(error, CopyError::NotYet)),
        ("absent", |error| matches!(error, CopyError::Nothing)),
        ("failed", |error| matches!(error, CopyError::Nothing)),
    ] {
        carrier.record("RE1", "CA1", status, sound(5_000));
        let refused = copy(&carrier.rest(), &archive, &name("CA1")).await;
        assert!(is_right(refused.expect_err("it is not copied")), "{status}");
    }
    assert_eq!(carrier.times(MEDIA), 0);
}

#[tokio::test]
async fn a_recording_is_erased_once_and_not_before_it_is_complete() {
    let (carrier, now) = (Carrier::start().await, Timestamp::now());
    let (rest, name) = (carrier.rest(), name("CA1"));
    carrier.record("RE1", "CA1", "in-progress", sound(5_000));
    let early = erase(&rest, None, &name, None, now).await;
    let is_early = matches!(early, Err(EraseError::Carrier(RestError::NotCompleted(_))));
    assert!(is_early && carrier.has("RE1"), "{early:?}");
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    assert_eq!(
        erase(&rest, None, &name, None, now)
            .await
            .expect("it is erased"),
        Erased::Now
    );
    assert!(!carrier.has("RE1"));
    assert_eq!(
        erase(&rest, None, &name, None, now)
            .await
            .expect("it is gone"),
        Erased::Before
    );
}

#[tokio::test]
async fn a_recording_is_not_erased_before_it_is_copied_or_its_time_is_over() {
    let (carrier, (archive, _folder)) = (Carrier::start().await, folder());
    let (rest, name, now) = (carrier.rest(), name("CA1"), Timestamp::now());
    let until = now + std::time::Duration::from_hours(1);
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    for place in [Some(&archive), None] {
        let early = erase(&rest, place, &name, Some(until), now).await;
        assert!(matches!(early, Err(EraseError::NotCopied)), "{early:?}");
    }
    assert_eq!(carrier.asked(), [""; 0]);
    copy(&rest, &archive, &name).await.expect("it is copied");
    erase(&rest, Some(&archive), &name, Some(until), now)
        .await
        .expect("it is erased");
    assert!(!carrier.has("RE1"));
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    archive.erase(&name).await.expect("it is erased");
    erase(&rest, Some(&archive), &name, Some(until), until)
        .await
        .expect("its time is over");
    assert!(!carrier.has("RE1"));
}

#[tokio::test]
async fn each_error_of_the_api_is_told_by_its_kind() {
    let carrier = Carrier::start().await;
    let rest = carrier.rest();
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    for (answer, is_right) in [
        (
            RestAnswer::Error(401, 20_003),
            (|error| matches!(error, RestError::Denied(_))) as fn(&RestError) -> bool,
        ),
        (RestAnswer::Error(404, 20_404), |error| {
            matches!(error, RestError::NotFound(_))
        }),
        (RestAnswer::Error(400, 21_220), |error| {
            matches!(error, RestError::Refused(_))
        }),
        (RestAnswer::Page(503), |error| {
            matches!(error, RestError::Failing { .. }) && error.is_ambiguous()
        }),
        (RestAnswer::Page(200), |error| {
            matches!(error, RestError::NotUnderstood(_))
        }),
        (RestAnswer::ErrorAfter(429, 20_429, "9"), |error| {
            matches!(error, RestError::TooMany { retry_after: Some(wait), .. } if wait == "9")
                && !error.is_ambiguous()
        }),
        (
            RestAnswer::Redirect(format!("{}/elsewhere", carrier.url())),
            |error| matches!(error, RestError::Refused(refusal) if refusal.status == 302),
        ),
    ] {
        carrier.answer_next([answer.clone()]);
        let error = rest
            .recording(ACCOUNT, "RE1")
            .await
            .expect_err("it is no good answer");
        assert!(is_right(&error), "{answer:?}: {error:?}");
    }
    assert_eq!(carrier.asked().len(), 7, "no redirect is followed");
    let wrong = Logins::new(Some(&"wrong".into()), None, []);
    let wrong = Rest::new(carrier.url(), wrong, PATIENCE).expect("it can be asked");
    let refused = wrong.recording(ACCOUNT, "RE1").await;
    assert!(matches!(refused, Err(RestError::Denied(_))), "{refused:?}");
    let nobody = crate::backend::Backend::nobody().await;
    let logins = Logins::new(Some(&TOKEN.into()), None, []);
    let nobody = Rest::new(&nobody, logins, PATIENCE).expect("it can be asked");
    let error = nobody
        .recording(ACCOUNT, "RE1")
        .await
        .expect_err("nobody is there");
    assert!(
        matches!(error, RestError::NotSent(_)) && !error.is_ambiguous(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_deletion_whose_answer_was_lost_may_be_asked_for_again() {
    let carrier = Carrier::start().await;
    let rest = carrier.rest();
    carrier.record("RE1", "CA1", "completed", sound(5_000));
    carrier.answer_next([RestAnswer::ActThenNothing]);
    let error = rest
        .erase_recording(ACCOUNT, "RE1")
        .await
        .expect_err("no answer comes");
    assert!(
        matches!(error, RestError::NoAnswer(_)) && error.is_ambiguous(),
        "{error:?}"
    );
    assert!(!carrier.has("RE1"));
    assert_eq!(
        rest.erase_recording(ACCOUNT, "RE1").await,
        Ok(Erased::Before)
    );
}

#[tokio::test]
async fn a_call_that_is_on_can_be_moved_and_hung_up() {
    let carrier = Carrier::start().await;
    let rest = carrier.rest();
    for update in [
        CallUpdate::HangUp,
        CallUpdate::GoOnAt("https://ivr.example/voice".to_owned()),
        CallUpdate::GoOnWith("<Response/>".to_owned()),
    ] {
        rest.update_call(ACCOUNT, "CA1", &update)
            .await
            .expect("it is done");
    }
    let gone = rest.update_call(ACCOUNT, "XX1", &CallUpdate::HangUp).await;
    assert!(matches!(gone, Err(RestError::NotFound(_))), "{gone:?}");
    assert_eq!(carrier.times("POST Calls/CA1.json"), 3);
}
