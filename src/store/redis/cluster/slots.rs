//! A cluster's slots: which one a key lies in, and which node serves it.

use std::collections::{BTreeMap, BTreeSet};

use redis::{Arg, Cmd, Value};

/// How many slots a cluster has.
pub(super) const SLOTS: u16 = 16_384;

/// Where a node listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    /// Reads what a redirect names; a node that does not know its own host leaves it out, and means the one asked.
    pub fn parse(text: &str, asked: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = if host.is_empty() { asked } else { host };
        Some(Self {
            host: host.to_owned(),
            port: port.parse().ok()?,
        })
    }
}

/// What a node says of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Who serves the slots from the first to the last.
    pub primaries: BTreeMap<(u16, u16), Endpoint>,
    /// Every node that serves or follows one that does.
    pub nodes: BTreeSet<Endpoint>,
}

impl Layout {
    /// Reads the answer to `CLUSTER SLOTS` of a node at `asked`.
    pub fn read(answer: &Value, asked: &str) -> Option<Self> {
        let mut layout = Self::default();
        for range in array(answer)? {
            let [first, last, primary, replicas @ ..] = array(range)? else {
                return None;
            };
            let Some(primary) = endpoint(primary, asked) else {
                continue;
            };
            layout.nodes.extend(
                replicas
                    .iter()
                    .filter_map(|replica| endpoint(replica, asked)),
            );
            layout.nodes.insert(primary.clone());
            layout
                .primaries
                .insert((number(first)?, number(last)?), primary);
        }
        Some(layout)
    }

    /// The nodes that serve slots.
    pub fn primaries(&self) -> BTreeSet<&Endpoint> {
        self.primaries.values().collect()
    }

    /// What most nodes say, and every node that any of them names. Where as many say one thing as the other, it is the
    /// one that is news: nobody asks as long as what is known holds.
    pub fn agree(told: &[Self], known: &Self) -> Option<Self> {
        let count = |layout: &Self| {
            told.iter()
                .filter(|other| other.primaries == layout.primaries)
                .count()
        };
        let useful = told.iter().filter(|layout| !layout.primaries.is_empty());
        let most =
            useful.max_by_key(|layout| (count(layout), layout.primaries != known.primaries))?;
        let nodes = told
            .iter()
            .flat_map(|layout| layout.nodes.iter().cloned())
            .collect();
        Some(Self {
            primaries: most.primaries.clone(),
            nodes,
        })
    }
}

fn array(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u16> {
    match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

/// A node without a name, or with an empty one, has the address of the node that reports it; `?` is not known.
fn endpoint(value: &Value, asked: &str) -> Option<Endpoint> {
    let [host, port, ..] = array(value)? else {
        return None;
    };
    let host = match host {
        Value::BulkString(name) if name == b"?" => return None,
        Value::BulkString(name) if !name.is_empty() => String::from_utf8(name.clone()).ok()?,
        _ => asked.to_owned(),
    };
    Some(Endpoint {
        host,
        port: number(port)?,
    })
}

/// The slot that a request's first key lies in; none for a request without keys.
pub(super) fn slot_of(command: &Cmd) -> Option<u16> {
    let argument = |index| match command.args_iter().nth(index) {
        Some(Arg::Simple(bytes)) => Some(bytes),
        _ => None,
    };
    match argument(0)? {
        b"EVALSHA" | b"EVAL" => argument(3).map(slot),
        b"PING" => None,
        _ => argument(1).map(slot),
    }
}

/// A key's slot: of what stands between its first braces, if anything does.
fn slot(key: &[u8]) -> u16 {
    let place = |sign, from: usize| {
        key[from..]
            .iter()
            .position(|&byte| byte == sign)
            .map(|at| from + at)
    };
    let tag =
        place(b'{', 0).and_then(|open| place(b'}', open + 1).map(|close| &key[open + 1..close]));
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc: u16, _| {
            (crc << 1) ^ if crc >> 15 == 1 { 0x1021 } else { 0 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Layout, crc16, slot, slot_of};
    use redis::{Value, cmd};

    fn text(text: &str) -> Value {
        Value::BulkString(text.into())
    }

    fn node(host: &str, port: i64) -> Value {
        Value::Array(vec![text(host), Value::Int(port), text("an id")])
    }

    fn layout(ranges: &[(i64, i64, &[Value])]) -> Layout {
        let range = |(first, last, nodes): &(i64, i64, &[Value])| {
            Value::Array([&[Value::Int(*first), Value::Int(*last)], *nodes].concat())
        };
        Layout::read(
            &Value::Array(ranges.iter().map(range).collect()),
            "10.0.0.1",
        )
        .unwrap()
    }

    fn at(host: &str, port: u16) -> Endpoint {
        Endpoint {
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot(b"foo"), 12_182);
        assert_eq!(slot(b"{user1000}.following"), slot(b"{user1000}.followers"));
        assert_eq!(slot(b"{user1000}.following"), slot(b"user1000"));
        assert_eq!(slot(b"foo{}{bar}"), crc16(b"foo{}{bar}") % 16_384);
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
    }

    #[test]
    fn a_request_goes_where_its_first_key_lies() {
        assert_eq!(slot_of(cmd("GET").arg("foo")), Some(12_182));
        assert_eq!(
            slot_of(cmd("EVALSHA").arg("hash").arg(2).arg("foo").arg("bar")),
            Some(12_182)
        );
        assert_eq!(slot_of(&cmd("PING")), None);
    }

    #[test]
    fn nodes_without_a_name_are_where_the_one_is_that_was_asked() {
        let told = layout(&[
            (0, 99, &[node("", 1), node("b", 2)]),
            (100, 199, &[node("?", 3)]),
        ]);
        assert_eq!(
            told.primaries.into_iter().collect::<Vec<_>>(),
            [((0, 99), at("10.0.0.1", 1))]
        );
        assert_eq!(
            told.nodes.into_iter().collect::<Vec<_>>(),
            [at("10.0.0.1", 1), at("b", 2)]
        );
        assert_eq!(Endpoint::parse(":7", "a"), Some(at("a", 7)));
        assert_eq!(Endpoint::parse("[::1]:7", "a"), Some(at("::1", 7)));
        assert_eq!(Endpoint::parse("::1:7", "a"), Some(at("::1", 7)));
    }

    #[test]
    fn most_nodes_are_believed_and_news_where_there_are_as_many() {
        let old = layout(&[(0, 16_383, &[node("a", 1), node("b", 1)])]);
        let new = layout(&[(0, 16_383, &[node("b", 1)])]);
        let nothing = Layout::default();
        let agree = |told: &[&Layout], known| {
            let told: Vec<_> = told.iter().map(|told| (*told).clone()).collect();
            Layout::agree(&told, known).map(|layout| layout.primaries)
        };
        assert_eq!(
            agree(&[&old, &new, &new], &old),
            Some(new.primaries.clone())
        );
        assert_eq!(
            agree(&[&old, &new, &old], &old),
            Some(old.primaries.clone())
        );
        assert_eq!(agree(&[&new, &old], &old), Some(new.primaries.clone()));
        assert_eq!(agree(&[&old, &new], &old), Some(new.primaries.clone()));
        assert_eq!(
            agree(&[&nothing, &nothing, &old], &new),
            Some(old.primaries.clone())
        );
        assert_eq!(agree(&[&nothing], &old), None);
        let nodes = Layout::agree(&[old, new.clone()], &new).unwrap().nodes;
        assert_eq!(nodes.len(), 2, "a node that only few name is asked too");
    }
}
