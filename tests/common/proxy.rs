//! A proxy between a client and a server's socket that cuts the connection at the n-th message with
//! a word in it: before the message has reached the server, or behind it, so that the server's
//! answer is lost; or is only slow.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Where the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server never sees the message.
    Before,
    /// The server does, and the client does not see the answer.
    Behind,
    /// Nowhere: each message is late by so much.
    Slow(Duration),
}

/// A proxy that lives as long as the process; it counts the messages with the word.
pub(crate) struct Proxy {
    seen: Arc<AtomicUsize>,
}

impl Proxy {
    /// Listens at a path in front of a server's socket and cuts once, at message `at`, from 1.
    pub(crate) fn start(listen: &Path, server: PathBuf, word: &'static str, at: usize, cut: Cut) -> Self {
        let _ = std::fs::remove_file(listen);
        let listener = UnixListener::bind(listen).unwrap();
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = UnixStream::connect(&server) else { continue };
                forward(client, upstream, word, at, cut, Arc::clone(&count));
            }
        });
        Self { seen }
    }

    /// How many messages had the word.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

fn forward(client: UnixStream, server: UnixStream, word: &'static str, at: usize, cut: Cut, seen: Arc<AtomicUsize>) {
    let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = from_server.read(&mut buffer) {
            if to_client.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(std::net::Shutdown::Both);
    });
    let (mut client, mut server) = (client, server);
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(length @ 1..) = client.read(&mut buffer) {
            if let Cut::Slow(delay) = cut {
                std::thread::sleep(delay);
            }
            let found = !word.is_empty() && buffer[..length].windows(word.len()).any(|part| part == word.as_bytes());
            let now = found && seen.fetch_add(1, Ordering::SeqCst) + 1 == at;
            if now && cut == Cut::Behind {
                let _ = client.shutdown(std::net::Shutdown::Both);
            }
            if !(now && cut == Cut::Before) && server.write_all(&buffer[..length]).is_err() {
                break;
            }
            if now {
                // A server that finds its client gone may not even begin.
                std::thread::sleep(Duration::from_millis(if cut == Cut::Behind { 150 } else { 0 }));
                break;
            }
        }
        let _ = server.shutdown(std::net::Shutdown::Both);
        let _ = client.shutdown(std::net::Shutdown::Both);
    });
}
