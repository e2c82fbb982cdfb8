//! A file of calls: CSV, a row for each.

use std::collections::HashMap;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};
use jiff::Timestamp;
use serde_json::Value;

use crate::web::control::placements::KeyedOrder;
use crate::web::placing::PlacementRequest;

/// The columns that are no arg of the flow.
const TO: &str = "to";
const ID: &str = "id";
const FROM: &str = "from";
const NOT_BEFORE: &str = "not_before";

/// The most rows of a file.
const MOST: usize = 100_000;

/// A row, and where it stands.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line of the file, from 1; 0 where there is no file.
    pub line: u64,
    /// The call.
    pub order: KeyedOrder,
}

impl Row {
    /// What is wrong with it, with its place.
    pub fn fault(&self, why: &str) -> String {
        match self.line {
            0 => why.to_owned(),
            line => format!("line {line}: {why}"),
        }
    }
}

/// Reads a file: each row with what all of them have in `common`.
///
/// # Errors
/// All faults, in the order of the lines.
pub fn read_rows(file: &Path, common: &PlacementRequest) -> Result<Vec<Row>, Vec<String>> {
    let bytes = std::fs::read(file)
        .map_err(|error| vec![format!("`{}` cannot be read: {error}", file.display())])?;
    rows(&bytes, common).map_err(|faults| {
        let name = file.display();
        faults
            .into_iter()
            .map(|fault| format!("{name}: {fault}"))
            .collect()
    })
}

fn rows(bytes: &[u8], common: &PlacementRequest) -> Result<Vec<Row>, Vec<String>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|error| vec![error.to_string()])?
        .clone();
    let mut faults = faults_of_header(&header);
    if !faults.is_empty() {
        return Err(faults);
    }
    let (mut rows, mut known) = (Vec::new(), HashMap::new());
    let mut lines = Lines {
        bytes,
        at: 0,
        line: 1,
    };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(error.to_string());
                continue;
            }
        };
        let at = record.position().map_or(0, csv::Position::byte);
        let line = lines.line_at(usize::try_from(at).unwrap_or_default());
        match row(&header, &record, common) {
            Ok(order) => {
                if let Some(before) = known.insert(order.key.clone(), line) {
                    faults.push(format!("line {line}: the same `id` as in line {before}"));
                }
                rows.push(Row { line, order });
            }
            Err(why) => faults.push(format!("line {line}: {why}")),
        }
    }
    if rows.len() > MOST {
        faults.push(format!("more than {MOST} rows: make several files of it"));
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push("there are no rows".to_owned());
    }
    if faults.is_empty() {
        Ok(rows)
    } else {
        Err(faults)
    }
}

/// The lines of a file, counted as it is read: the reader's own count is one behind where lines end as in Windows, since the
/// second byte of such an end belongs to the next record.
struct Lines<'a> {
    bytes: &'a [u8],
    /// How far they are counted.
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line in which the first thing stands that is no end of a line, from a place on that is no earlier than the last.
    fn line_at(&mut self, at: usize) -> u64 {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let rest = self.bytes.get(at..).unwrap_or_default();
        let begins = at + rest.iter().take_while(|byte| is_end(byte)).count();
        let passed = self.bytes.get(self.at..begins).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = begins.max(self.at);
        self.line
    }
}

fn faults_of_header(header: &StringRecord) -> Vec<String> {
    let has = |name: &str| header.iter().any(|column| column == name);
    let lacking = [TO, ID].into_iter().filter(|name| !has(name));
    let mut faults: Vec<String> = lacking
        .map(|name| format!("line 1: there is no column `{name}`"))
        .collect();
    for (at, name) in header.iter().enumerate() {
        if header.iter().take(at).any(|before| before == name) {
            faults.push(format!("line 1: the column `{name}` is there twice"));
        }
    }
    faults
}

fn row(
    header: &StringRecord,
    record: &StringRecord,
    common: &PlacementRequest,
) -> Result<KeyedOrder, String> {
    let mut call = common.clone();
    let mut id = "";
    for (name, value) in header.iter().zip(record) {
        match name {
            TO => value.clone_into(&mut call.to),
            ID => id = value,
            _ if value.is_empty() => {}
            FROM => call.from = Some(value.to_owned()),
            NOT_BEFORE => call.not_before = Some(moment(value)?),
            name => {
                call.args.insert(name.to_owned(), Value::from(value));
            }
        }
    }
    if id.is_empty() {
        return Err("`id` is empty: it is what the row is known by".to_owned());
    }
    let campaign = call.campaign.clone().unwrap_or_default();
    Ok(KeyedOrder {
        key: format!("{campaign}/{id}"),
        call,
    })
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong =
        |_| format!("`{text}` is no moment: write date, time and zone, 2026-11-30T10:00:00Z");
    text.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PlacementRequest, rows};

    fn common() -> PlacementRequest {
        PlacementRequest {
            flow: "reminder".to_owned(),
            to: String::new(),
            args: BTreeMap::new(),
            from: None,
            not_before: None,
            not_after: None,
            campaign: Some("monday".to_owned()),
            pace: None,
        }
    }

    fn faults(text: &str) -> Vec<String> {
        rows(text.as_bytes(), &common()).err().unwrap_or_default()
    }

    #[test]
    fn each_row_is_a_call_under_a_key_of_its_own() {
        let text = "\u{feff}id,to,slot,from\r\n7, +447400123456 ,\"ten, perhaps\",\r\n8,+447400123457,noon,+442079460124\r\n";
        let rows = rows(text.as_bytes(), &common()).expect("it is sound");
        let [first, second] = rows.as_slice() else {
            panic!("two rows");
        };
        assert_eq!((first.line, second.line), (2, 3));
        assert_eq!(first.order.key, "monday/7");
        assert_eq!(first.order.call.to, "+447400123456");
        assert_eq!(first.order.call.args["slot"], "ten, perhaps");
        assert_eq!(first.order.call.from, None);
        assert_eq!(second.order.call.from.as_deref(), Some("+442079460124"));
    }

    #[test]
    fn all_faults_are_named_with_their_lines() {
        assert_eq!(
            faults("to,slot\n+447400123456,noon\n"),
            ["line 1: there is no column `id`"]
        );
        assert_eq!(
            faults("id,to,to\n"),
            ["line 1: the column `to` is there twice"]
        );
        let told = faults(
            "id,to,not_before\n1,+447400123456,\n,+447400123457,\n1,+447400123458,soon\n1,+447400123459,\n2,+4474\n",
        );
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told[0].starts_with("line 3: `id` is empty"), "{told:?}");
        assert!(
            told[1].starts_with("line 4: `soon` is no moment"),
            "{told:?}"
        );
        assert_eq!(told[2], "line 5: the same `id` as in line 2");
        assert!(told[3].contains("line: 6"), "{told:?}");
        assert_eq!(faults("id,to\n"), ["there are no rows"]);
    }
}
