//! Signals that ask a run to end: the first one cancels what the server does for us, so that the
//! run can take it back, give its lock back and exit; the second one ends the process at once, as it
//! always does. Only while a run is watched; what it does about a signal is the runner's.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use std::time::Duration;

/// The first signal that was caught; 0: none.
static CAUGHT: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// Whether a statement of the user's runs now, which may be cancelled.
static CANCELLABLE: AtomicBool = AtomicBool::new(false);

const HUP: u8 = 1;
const INT: u8 = 2;
const TERM: u8 = 15;

/// The signal that was caught.
pub(crate) fn caught() -> Option<u8> {
    u8::try_from(CAUGHT.load(Ordering::SeqCst)).ok().filter(|signal| *signal != 0)
}

/// How people call it.
pub(crate) fn name(signal: u8) -> &'static str {
    match signal {
        HUP => "SIGHUP",
        INT => "SIGINT",
        TERM => "SIGTERM",
        _ => "a signal",
    }
}

/// Does what a signal may cancel.
pub(crate) fn cancellable<T>(work: impl FnOnce() -> T) -> T {
    CANCELLABLE.store(true, Ordering::SeqCst);
    let done = work();
    CANCELLABLE.store(false, Ordering::SeqCst);
    done
}

/// How a running statement is cancelled.
pub(crate) enum Cancel {
    /// By another connection.
    Server(Box<dyn Fn() + Send>),
    /// The engine is in this process: its end is the end of the statement, and the next one to open
    /// the database undoes it.
    WithProcess,
}

/// Catches signals while it lives.
pub(crate) struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(cancel: Cancel) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        // Where no thread is to be had, signals do what they always do.
        let thread = std::thread::Builder::new().spawn(move || watch(&seen, &cancel)).ok();
        if thread.is_some() {
            handler::install();
        }
        Self { over, thread }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It does nothing that could fail.
            let _ = thread.join();
        }
        handler::remove();
    }
}

/// Cancels again and again until the run has noticed: the first time may fall between two statements.
fn watch(over: &AtomicBool, cancel: &Cancel) {
    while !over.load(Ordering::SeqCst) {
        if let Some(signal) = caught()
            && CANCELLABLE.load(Ordering::SeqCst)
        {
            match cancel {
                Cancel::Server(cancel) => cancel(),
                Cancel::WithProcess => end_process(signal),
            }
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

#[expect(clippy::exit, reason = "nothing else ends a statement of an engine that is in this process")]
fn end_process(signal: u8) {
    std::process::exit(128 + i32::from(signal));
}

#[cfg(unix)]
mod handler {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::flag;

    use super::{CAUGHT, HUP, INT, TERM};

    /// Whether a signal does what it does to every process: before and behind the watch, and from the
    /// second one on.
    static ENDS_PROCESS: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
        let ends_process = Arc::new(AtomicBool::new(true));
        for signal in [HUP, INT, TERM] {
            let number = i32::from(signal);
            // In this order: the first signal only sets the flag. They fail for numbers that are no signals,
            // or cannot be caught.
            let _ = flag::register_conditional_default(number, Arc::clone(&ends_process));
            let _ = flag::register_usize(number, Arc::clone(&CAUGHT), usize::from(signal));
            let _ = flag::register(number, Arc::clone(&ends_process));
        }
        ends_process
    });

    pub(super) fn install() {
        ENDS_PROCESS.store(false, Ordering::SeqCst);
    }

    pub(super) fn remove() {
        ENDS_PROCESS.store(true, Ordering::SeqCst);
    }
}

#[cfg(not(unix))]
mod handler {
    pub(super) fn install() {}

    pub(super) fn remove() {}
}
