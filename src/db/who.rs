//! Who runs this process: process id, user and host, for the ledger and the lock's holder.

use std::fmt;
use std::sync::OnceLock;

/// The process as others should see it.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub pid: u32,
    pub user: String,
    pub host: String,
}

impl Who {
    /// Found out once: each row of the ledger says it.
    pub(super) fn here() -> &'static Self {
        static HERE: OnceLock<Who> = OnceLock::new();
        HERE.get_or_init(|| Self { pid: std::process::id(), user: user(), host: host() })
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} of {} on {}", self.pid, self.user, self.host)
    }
}

fn user() -> String {
    first_variable(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "unknown".to_owned())
}

fn host() -> String {
    let kernel = fs_err::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = kernel.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    name.or_else(|| first_variable(&["HOSTNAME", "HOST", "COMPUTERNAME"])).unwrap_or_else(|| "unknown".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "who runs this is a fact of the process, written to ledger and lock")]
fn first_variable(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}
