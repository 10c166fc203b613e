//! Signals that ask a run to end: the first one cancels what the server does for us, so that the
//! run can take it back, give its lock back and exit; the second one ends the process at once, as it
//! always does. Only while a run is watched; what it does about a signal is the runner's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The first signal that was caught; 0: none.
static CAUGHT: AtomicU8 = AtomicU8::new(0);

/// Whether a statement of the user's runs now, which may be cancelled.
static CANCELLABLE: AtomicBool = AtomicBool::new(false);

const HUP: u8 = 1;
const INT: u8 = 2;
const TERM: u8 = 15;

/// The signal that was caught.
pub(crate) fn caught() -> Option<u8> {
    Some(CAUGHT.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
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
        handler::install();
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = std::thread::spawn(move || watch(&seen, &cancel));
        Self { over, thread: Some(thread) }
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
    use std::ffi::c_int;
    use std::sync::atomic::Ordering;

    use super::{CAUGHT, HUP, INT, TERM};

    const DEFAULT: usize = 0;

    #[expect(unsafe_code, reason = "the C library, which std links: std has no signals of its own")]
    unsafe extern "C" {
        fn signal(number: c_int, handler: usize) -> usize;
    }

    /// Only what POSIX allows in a handler: a store and `signal` itself. The second signal meets the
    /// default, which ends the process.
    extern "C" fn on_signal(number: c_int) {
        CAUGHT.store(u8::try_from(number).unwrap_or(TERM), Ordering::SeqCst);
        set(number, DEFAULT);
    }

    #[expect(unsafe_code, reason = "`signal` takes the number of a signal and a handler or a default")]
    fn set(number: c_int, handler: usize) {
        // SAFETY: the handler is a function that lives as long as the process and does nothing but
        // what a handler may; 0 is SIG_DFL.
        unsafe { signal(number, handler) };
    }

    pub(super) fn install() {
        let handler = on_signal as extern "C" fn(c_int) as usize;
        [HUP, INT, TERM].into_iter().for_each(|number| set(number.into(), handler));
    }

    pub(super) fn remove() {
        [HUP, INT, TERM].into_iter().for_each(|number| set(number.into(), DEFAULT));
    }
}

#[cfg(not(unix))]
mod handler {
    pub(super) fn install() {}

    pub(super) fn remove() {}
}
