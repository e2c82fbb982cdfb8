//! Logs: to stderr, for people or for machines. stdout belongs to the commands.

mod plain;

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal};

use plain::Plain;
pub use plain::plain;
use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// An object a line, with the fields of all spans around it.
    Json,
}

/// It logs every listener and thread that it starts, which nobody needs to know.
const NOISY: &str = "actix_server";

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level is none.
    #[error("`{0}` is not a level of the log")]
    Level(String),
    /// There is a log already.
    #[error("the log is set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Sets up the log of this process.
///
/// # Errors
/// When the level is none, or the process has a log.
pub fn init(format: Format, level: &str) -> Result<(), Error> {
    use tracing_subscriber::util::SubscriberInitExt;
    let filter = filter(level).ok_or_else(|| Error::Level(level.into()))?;
    match format {
        Format::Human => human(filter, io::stderr).try_init(),
        Format::Json => json(filter, io::stderr).try_init(),
    }
    .map_err(Error::Twice)
}

/// Reads what is logged: a level, or several `part=level` with commas between. A bare word that is no level is refused
/// here, since the filter itself would take it for the name of a part. The web server's own start lines are left out
/// unless the text names [`NOISY`].
pub fn filter(level: &str) -> Option<EnvFilter> {
    let known = |directive: &str| directive.contains('=') || bare(directive).is_some();
    let filter = level
        .split(',')
        .all(known)
        .then(|| EnvFilter::try_new(level.replace(' ', "")).ok())??;
    // At warn and above there is nothing to leave out, and a rule for a part would let through more, not less.
    let is_loose = level
        .split(',')
        .rev()
        .find_map(bare)
        .is_some_and(|level| level > LevelFilter::WARN);
    if level.contains(NOISY) || !is_loose {
        return Some(filter);
    }
    Some(filter.add_directive(format!("{NOISY}=warn").parse().ok()?))
}

/// The level that holds for every part, if the word is one.
fn bare(word: &str) -> Option<LevelFilter> {
    let word = word.trim();
    (!word.is_empty()).then(|| word.parse().ok())?
}

fn human<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let format = tracing_subscriber::fmt()
        .compact()
        .with_target(false)
        .with_ansi(io::stderr().is_terminal());
    format
        .fmt_fields(debug_fn(field).delimited(" "))
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

/// Writes a field as the usual format does, and nothing that steers a terminal: values come from callers and backends too.
fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    if field.name() == "message" {
        return write!(Plain(writer), "{value:?}");
    }
    write!(writer, "{}=", field.name())?;
    write!(Plain(writer), "{value:?}")
}

fn json<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let format = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true);
    format.with_env_filter(filter).with_writer(writer).finish()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::{filter, human, json};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics in here").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_json_line_carries_the_call_that_it_is_about() {
        let page = Page::default();
        let copy = page.clone();
        let log = json(filter("info").expect("a level"), move || copy.clone());
        tracing::subscriber::with_default(log, || {
            let _call = tracing::info_span!("turn", call_sid = "CA1").entered();
            tracing::info!(step = "kind", "Call entered step.");
            tracing::debug!("not at this level");
        });
        let written = page.0.lock().expect("no test panics in here").clone();
        let line: serde_json::Value = serde_json::from_slice(&written).expect("one object");
        assert_eq!(line["spans"][0]["call_sid"], "CA1");
        assert_eq!(
            (&line["step"], &line["message"]),
            (&"kind".into(), &"Call entered step.".into())
        );
    }

    #[test]
    fn a_line_for_people_steers_no_terminal() {
        let page = Page::default();
        let copy = page.clone();
        let log = human(filter("info").expect("a level"), move || copy.clone());
        tracing::subscriber::with_default(log, || {
            tracing::info!(from = %"\u{1b}[2J\u{202e}", error = "\u{9b}1m", turn = 3, "Nobody \u{7} serves.");
        });
        let written = String::from_utf8(page.0.lock().expect("no test panics in here").clone())
            .expect("text");
        assert!(
            written.ends_with(
                "Nobody \\u{7} serves. from=\\u{1b}[2J\\u{202e} error=\"\\u{9b}1m\" turn=3\n"
            ),
            "{written}"
        );
    }

    #[test]
    fn the_web_servers_start_lines_are_left_out_unless_they_are_asked_for() {
        let lines = |level: &str| {
            let page = Page::default();
            let copy = page.clone();
            let log = json(filter(level).expect("a level"), move || copy.clone());
            tracing::subscriber::with_default(log, || {
                tracing::info!(target: "actix_server::builder", "starting 1 workers");
                tracing::warn!(target: "actix_server::builder", "a worker died");
            });
            page.0
                .lock()
                .expect("no test panics in here")
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
        };
        assert_eq!(lines("info"), 1);
        assert_eq!(lines("debug,hookswitch=trace"), 1);
        assert_eq!(lines("warn"), 1);
        assert_eq!(lines("error"), 0);
        assert_eq!(lines("off"), 0);
        assert_eq!(lines("info,actix_server=info"), 2);
        assert_eq!(lines("warn,actix_server::builder=info"), 2);
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for wrong in ["inof", "", "info,hookswitch", "hookswitch=loud"] {
            assert!(filter(wrong).is_none(), "{wrong}");
        }
        for right in [
            "info",
            "WARN",
            "off",
            "info,hookswitch::outbox=debug",
            "warn, a=trace",
        ] {
            assert!(filter(right).is_some(), "{right}");
        }
    }
}
