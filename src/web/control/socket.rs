//! The control socket: a file that only our own user may open, so that whoever reaches it needs no password.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The name of the socket in the data folder.
pub const NAME: &str = "control.sock";

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process answers there.
    #[error("another node answers at {}", .0.display())]
    InUse(PathBuf),
    /// It cannot be made.
    #[error("{} cannot be made: {source}", path.display())]
    Make {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A socket's file; it goes with this value.
#[derive(Debug)]
pub struct Socket {
    path: PathBuf,
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Somebody may have tidied up: then there is nothing left to do.
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes the socket in a folder, which is made if it is missing. A socket that a dead process left is replaced.
///
/// # Errors
/// When somebody answers there, or it cannot be made.
pub fn bind(folder: &Path) -> Result<(Socket, UnixListener), Error> {
    let path = folder.join(NAME);
    if is_answered(&path).map_err(|source| Error::Make {
        path: path.clone(),
        source,
    })? {
        return Err(Error::InUse(path));
    }
    match bind_hidden(folder, &path) {
        Ok(listener) => Ok((Socket { path }, listener)),
        Err(source) => Err(Error::Make { path, source }),
    }
}

/// Whether a process listens there.
fn is_answered(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "something else has that name",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found?,
    };
    match UnixStream::connect(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(false),
        Err(error) => Err(error),
    }
}

/// A socket is born as wide as the umask lets it, which belongs to the whole process. So it is born in a folder that is
/// closed to others, narrowed there, and moved to its place, which replaces a dead one in one step.
fn bind_hidden(folder: &Path, path: &Path) -> io::Result<UnixListener> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let nursery = folder.join(format!(".control-{}", std::process::id()));
    // Left by a process of the same number that was killed in the middle of this.
    let _ = fs::remove_dir_all(&nursery);
    DirBuilder::new().mode(0o700).create(&nursery)?;
    let made = bind_in(&nursery, path);
    let _ = fs::remove_dir_all(&nursery);
    made
}

fn bind_in(nursery: &Path, path: &Path) -> io::Result<UnixListener> {
    let hidden = nursery.join("s");
    let listener = UnixListener::bind(&hidden)?;
    fs::set_permissions(&hidden, Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    fs::rename(&hidden, path)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::{Error, NAME, bind};

    #[test]
    fn a_dead_socket_is_replaced_and_one_that_answers_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (socket, listener) = bind(folder.path()).expect("a socket");
        assert!(matches!(bind(folder.path()), Err(Error::InUse(_))));
        drop(listener);
        let path = folder.path().join(NAME);
        assert!(path.exists(), "as a killed process leaves it");
        let (_again, _listener) = bind(folder.path()).expect("a socket in place of the dead one");
        assert_eq!(
            fs::metadata(&path)
                .expect("it is there")
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        drop(socket);
    }

    #[test]
    fn the_file_goes_with_the_socket_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(bind(folder.path()).expect("a socket"));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn what_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(NAME), "precious").expect("a file");
        assert!(matches!(bind(folder.path()), Err(Error::Make { .. })));
        assert_eq!(
            fs::read(folder.path().join(NAME)).expect("it is there"),
            b"precious"
        );
    }
}
