//! Programs in Python that tests run beside the product (`tests/apps`), each with the packages of `tests/venv`.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::architecture::root;
use super::server::{free_port, until};

/// A program that listens; it ends with its handle.
pub struct Python {
    child: Child,
    port: u16,
}

impl Python {
    /// Starts one below `tests/apps`, which is given its port and a secret.
    #[track_caller]
    pub fn start(program: &str, secret: &str) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("it stands in the target folder");
        let (python, port) = (target.join("venv/bin/python"), free_port());
        let child = Command::new(&python)
            .arg(root().join("tests/apps").join(program))
            .args([&port.to_string(), secret])
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}: tests/venv makes it", python.display()));
        until("the application listens", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self { child, port }
    }

    /// Where it listens, with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
