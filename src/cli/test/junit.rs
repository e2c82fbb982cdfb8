//! Results for machines: the part of JUnit's XML that every reader knows.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::draw;
use super::job::{FileResult, TestOutcome};

/// The results as a document.
pub fn document(done: &[FileResult]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = write(done, &mut writer);
    written.expect("memory takes everything");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

fn write(done: &[FileResult], writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
    let count = |wanted: fn(&TestOutcome) -> bool| {
        done.iter()
            .filter(|done| wanted(&done.outcome))
            .count()
            .to_string()
    };
    let failed = count(|outcome| matches!(outcome, TestOutcome::Failed(_)));
    let broken =
        count(|outcome| matches!(outcome, TestOutcome::Faulty(_) | TestOutcome::Broken(_)));
    let took: f64 = done.iter().map(|done| done.took.as_secs_f64()).sum();
    let attributes = [
        ("name", "hookswitch".to_owned()),
        ("tests", done.len().to_string()),
        ("failures", failed),
        ("errors", broken),
        ("time", format!("{took:.6}")),
    ];
    let attributes = attributes
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .write_inner_content(|writer| {
            let suite = writer
                .create_element("testsuite")
                .with_attributes(attributes);
            suite.write_inner_content(|writer| {
                done.iter().try_for_each(|done| case(done, writer))
            })?;
            Ok(())
        })?;
    Ok(())
}

fn case(done: &FileResult, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
    let took = format!("{:.6}", done.took.as_secs_f64());
    let attributes = [
        ("classname", done.flow.as_str()),
        ("name", &done.file),
        ("file", &done.file),
        ("time", &took),
    ];
    let element = writer
        .create_element("testcase")
        .with_attributes(attributes);
    let (name, message) = match &done.outcome {
        TestOutcome::Passed | TestOutcome::Blessed => return element.write_empty().map(drop),
        TestOutcome::Failed(failures) => (
            "failure",
            failures.first().map(|failure| failure.diag.message.clone()),
        ),
        TestOutcome::Faulty(diags) => ("error", diags.first().map(|diag| diag.message.clone())),
        TestOutcome::Broken(why) => ("error", Some(why.clone())),
    };
    element
        .write_inner_content(|writer| {
            let told = printable(&draw::told(done));
            let element = writer
                .create_element(name)
                .with_attribute(("message", message.unwrap_or_default().as_str()));
            element.write_text_content(BytesText::new(&told)).map(drop)
        })
        .map(drop)
}

/// The text without the characters that XML 1.0 cannot hold.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}
