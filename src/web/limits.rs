//! How much a node takes on at once: connections, and the files that they are to the system.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How long the head of a request may take.
pub const HEAD_TIME: Duration = Duration::from_secs(5);

/// Files that a node needs beside the connections of its callers: its store, backends, commands, flows.
const OTHERS: u64 = 256;
/// As many files as any node needs, where the system would let it have more or sets no limit.
const MOST: u64 = 1 << 20;

/// Raises the limit of open files as far as the system lets a process, and tells for how many connections there is room,
/// of those that are wanted.
pub fn make_room(wanted: usize) -> usize {
    let before = getrlimit(Resource::Nofile);
    let most = before.maximum.unwrap_or(MOST).min(MOST);
    if before.current.is_some_and(|current| current < most) {
        let raised = Rlimit {
            current: Some(most),
            maximum: before.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "The limit of open files could not be raised.");
        }
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
    let room = room(files);
    if room < wanted {
        tracing::warn!(
            files,
            connections = room,
            "The system allows fewer open files than server.connections needs: raise the limit (LimitNOFILE, ulimit -n)."
        );
    }
    room.min(wanted)
}

/// How many files this process may have open at most, once the limit is raised.
pub fn files_at_most() -> u64 {
    getrlimit(Resource::Nofile)
        .maximum
        .unwrap_or(MOST)
        .min(MOST)
}

/// How many files a node may have open now.
pub fn files_now() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(MOST)
}

/// How many files a node needs for so many connections.
pub fn files_for(connections: usize) -> u64 {
    connections as u64 + OTHERS
}

/// For how many connections there is room among so many files.
fn room(files: u64) -> usize {
    usize::try_from(files.saturating_sub(OTHERS).max(files / 2).max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn what_a_node_needs_itself_is_left() {
        assert_eq!(
            (room(1024), room(65_536), room(256), room(0)),
            (768, 65_280, 128, 1)
        );
    }
}
