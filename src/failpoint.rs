//! Places at which a test ends the process, one after every side effect of a run. Built only with
//! the feature `failpoints`; without it, nothing is here. `OPS_MIGRATE_FAILPOINT=7` ends the process
//! at the seventh place that it passes, as SIGKILL would: no destructor runs; `7=panic`, `7=hang` and
//! `7=pause` (for a second) do that instead. A place may be named, too: `runner: a step is begun=pause`. With `OPS_MIGRATE_FAILPOINT_TRACE=FILE`, the name of each place is appended to
//! the file.

/// Passes a place.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit(_name: &'static str) {}

/// Passes a place.
#[cfg(feature = "failpoints")]
#[expect(clippy::disallowed_methods, reason = "a test arms the process from outside, and nothing else builds this")]
pub(crate) fn hit(name: &'static str) {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let number = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(path) = std::env::var_os("OPS_MIGRATE_FAILPOINT_TRACE")
        && let Ok(mut file) = fs_err::OpenOptions::new().create(true).append(true).open(std::path::PathBuf::from(path))
    {
        let _ = writeln!(file, "{name}");
    }
    let Ok(armed) = std::env::var("OPS_MIGRATE_FAILPOINT") else { return };
    let (at, action) = armed.split_once('=').unwrap_or((&armed, "kill"));
    if at.parse() != Ok(number) && at != name {
        return;
    }
    match action {
        "panic" => panic!("failpoint {number}: {name}"),
        "pause" => std::thread::sleep(std::time::Duration::from_secs(1)),
        "hang" => std::thread::sleep(std::time::Duration::from_secs(3600)),
        _ => std::process::abort(),
    }
}
